"""Each setting changes what it says, and nothing by default.

The sources are those that the quirks themselves name.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialects.openmage import DIALECT
from dialects.openmage.quirks import QUIRKS
from tests.dialects.openmage.sending import (
    ADA,
    DEFAULT,
    ITEM,
    LIST,
    PLAIN,
    SECOND,
    Answer,
    Sent,
    but,
    created,
    get,
    new_gateway,
    post,
    put,
)

README = Path(__file__).parents[3] / "dialects" / "openmage" / "README.md"

LINES = replace(PLAIN, street=("a", "b", "c"))
TYPES = {"xml": "application/xml; charset=utf-8", "html": "text/html; charset=UTF-8"}
DATES = ["created_at", "updated_at"]

Read = Callable[[Answer], Any]


def kind(answer: Answer) -> Any:
    """The status and the type."""
    return answer.status, answer.type


def messages(answer: Answer) -> Any:
    """The texts of an error; of a success, the status."""
    if answer.status == 200:
        return 200
    return [item["message"] for item in json.loads(answer.body)["messages"]["error"]]


def body(answer: Answer) -> Any:
    """What is shown."""
    return json.loads(answer.body)


def numbers(answer: Answer) -> Any:
    """The addresses of a list, by their numbers."""
    return [address["entity_id"] for address in body(answer)]


def dates(answer: Answer) -> Any:
    """The dates that an address is shown with."""
    return [name for name in body(answer) if name in DATES]


def bare(answer: Answer) -> Any:
    """The status, and whether nothing is said."""
    return answer.status, answer.body == b""


# What is sent, what is read of the last answer, and what that is by default and as
# it was observed.
CASES: Mapping[str, tuple[list[Sent], Read, Any, Any]] = {
    "default_format": (
        [get(ITEM, accept="*/*")],
        kind,
        (200, TYPES["xml"]),
        (200, "application/json; charset=utf-8"),
    ),
    "missing_accept": (
        [get(ITEM, accept=None)],
        kind,
        (200, TYPES["xml"]),
        (500, TYPES["html"]),
    ),
    "country_required_text": (
        [post(but("country_id"))],
        messages,
        ["Country is required"],
        ['"Country" is a required value.'],
    ),
    "country_type_text": (
        [post(but(country_id=["US"]))],
        messages,
        ["Invalid country identifier type"],
        ["Invalid value type for country_id"],
    ),
    "country_number_text": (
        [post(but(country_id=840))],
        messages,
        ["Invalid country identifier type"],
        ['Invalid value "840" for country_id'],
    ),
    "country_length_text": (
        [post(but(country_id="USAA"))],
        messages,
        ["Country is not between '2' and '3' inclusively."],
        ['Invalid value "USAA" for country_id'],
    ),
    "country_unknown_text": (
        [post(but(country_id="ZZ"))],
        messages,
        ["Country does not exist"],
        ['Invalid value "ZZ" for country_id'],
    ),
    "region_required_text": (
        [post(but("region"))],
        messages,
        ["State/Province is required"],
        ['"State/Province" is required.'],
    ),
    "region_empty_text": (
        [post(but(region=""))],
        messages,
        ["Invalid State/Province type"],
        ['"State/Province" is required.'],
    ),
    "region_type_text": (
        [post(but(region=["Texas"]))],
        messages,
        ["Invalid State/Province type"],
        ['Invalid "State/Province" type.'],
    ),
    "region_invalid_text": (
        [post(but(region="57"))],
        messages,
        ["State/Province is invalid"],
        ["State/Province does not exist."],
    ),
    "region_unknown_text": (
        [post(but(region="Nowhere"))],
        messages,
        ["State/Province does not exist"],
        ["State/Province does not exist."],
    ),
    "closing_error": (
        [post(but("firstname"))],
        messages,
        ['"First Name" is a required value.'],
        ['"First Name" is a required value.', "Resource data pre-validation error."],
    ),
    "newest_first": ([get(LIST)], numbers, ["1", "2", "3"], ["3", "2", "1"]),
    "text_as_street": (
        [post(but(street="123 Easy St"))],
        messages,
        200,
        ['"Street Address" is a required value.'],
    ),
    "join_streets": (
        [get("/customers/addresses/3?attrs=street")],
        body,
        {"street": ["a", "b; c"]},
        {"street": ["a", "b", "c"]},
    ),
    "plain_text_only": (
        [put({"city": "Oslo 😀"}), get(f"{SECOND}?attrs=city")],
        body,
        {"city": "Oslo 😀"},
        {"city": "Oslo ????"},
    ),
    "crashes": ([get(f"{LIST}?limit=x")], bare, (400, False), (500, True)),
    "admin_reads": ([get(ITEM)], dates, [], DATES),
    "customer_reads": ([get(ITEM, user=ADA)], dates, [], DATES),
}

# Both are alike, so that they are tried with another value.
WRITES = {"admin_writes": "admin", "customer_writes": ADA}
CUSTOMER_READS = {"admin_customer_reads": "admin", "customer_customer_reads": ADA}
# On its own: tests/security/test_signing_in.py.
SIGNING_IN = {"sign_in_attempts"}
CUSTOMER_WRITES = {"admin_customer_writes": "admin", "customer_customer_writes": ADA}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("fidelity", ["documented", "observed"])
def test_a_quirk_decides(name: str, fidelity: str) -> None:
    sent, read, documented, observed = CASES[name]
    value = getattr(QUIRKS[name], fidelity)

    with new_gateway(DEFAULT, PLAIN, LINES, **{name: value}) as send:
        answer = [send(one) for one in sent][-1]

    wanted = {"documented": documented, "observed": observed}
    assert read(answer) == wanted[fidelity]
    assert documented != observed


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_as_observed_unless_it_is_set(name: str) -> None:
    sent, read, documented, _ = CASES[name]

    with new_gateway(DEFAULT, PLAIN, LINES) as send:
        answer = [send(one) for one in sent][-1]

    assert read(answer) == documented


@pytest.mark.parametrize(("name", "user"), WRITES.items())
def test_rules_say_which_attributes_are_written(name: str, user: str) -> None:
    changes = {"firstname": "New", "city": "Oslo"}

    with new_gateway(DEFAULT, PLAIN, **{name: "city, fax"}) as send:
        some = send(put(changes, user=user))
        none = send(put({"firstname": "New"}, user=user))
        read = send(get(f"{SECOND}?attrs=firstname,city", user=user))

    assert some.status == 200
    assert messages(none) == ["The request data is invalid."]
    assert body(read) == {"firstname": "John", "city": "Oslo"}


@pytest.mark.parametrize(("name", "user"), CUSTOMER_READS.items())
def test_rules_say_which_attributes_of_a_customer_are_read(
    name: str, user: str
) -> None:
    with new_gateway(**{name: "firstname, lastname"}) as send:
        answers = [
            send(get("/customers/1", user=user)),
            send(get("/customers?limit=1", user=user)),
        ]

    assert [body(one) for one in answers] == [
        {"firstname": "Ada"},
        {"1": {"firstname": "Ada"}},
    ]


@pytest.mark.parametrize(("name", "user"), CUSTOMER_WRITES.items())
def test_rules_say_which_attributes_of_a_customer_are_written(
    name: str, user: str
) -> None:
    changes = {"firstname": "New", "lastname": "Name"}

    with new_gateway(**{name: "lastname"}) as send:
        some = send(put(changes, "/customers/1", user=user))
        none = send(put({"firstname": "New"}, "/customers/1", user=user))
        read = send(get("/customers/1?attrs=firstname,lastname", user=user))

    assert some.status == 200
    assert messages(none) == ["The request data is invalid."]
    assert body(read) == {"firstname": "Ada", "lastname": "Name"}


def test_rules_are_those_of_one_kind_of_user() -> None:
    rules = {"admin_reads": "city", "customer_reads": "prefix,firstname"}

    with new_gateway(DEFAULT, **rules) as send:
        answers = [send(get(ITEM)), send(get(ITEM, user=ADA))]

    # No customer is shown a prefix, whatever the rules say (observed).
    assert [body(answer) for answer in answers] == [
        {"city": "PA"},
        {"firstname": "John"},
    ]


def test_without_rules_nothing_is_shown() -> None:
    """OpenMage, observed: an empty array in place of each address."""
    with new_gateway(DEFAULT, PLAIN, admin_reads="") as send:
        answers = [send(get(ITEM)), send(get(LIST))]

    assert [answer.body for answer in answers] == [b"[]", b"[[],[]]"]


def test_a_list_is_sorted_by_what_is_not_shown() -> None:
    """OpenMage 20.18: `order` names what there is, `filter` what may be read."""
    condition = "filter[0][attribute]=lastname&filter[0][eq]=Doe"

    with new_gateway(PLAIN, admin_reads="city") as send:
        answers = [
            send(get(f"{LIST}?order=lastname")),
            send(get(f"{LIST}?{condition}")),
        ]

    assert [answer.status for answer in answers] == [200, 400]


def test_all_quirks_are_set_by_one_word() -> None:
    with new_gateway(DEFAULT, fidelity="observed") as send:
        answers = [send(post(but("country_id"))), send(get(ITEM, accept="*/*"))]

    assert messages(answers[0]) == CASES["country_required_text"][3] + [
        "Resource data pre-validation error."
    ]
    assert dates(answers[1]) == DATES


def test_a_street_of_text_is_one_line() -> None:
    with new_gateway() as send:
        answer = send(post(but(street="1 A St")))
        read = send(get(f"{ITEM}?attrs=street"))

    assert (answer, body(read)) == (created(1), {"street": ["1 A St"]})


def test_every_quirk_is_tested_and_explained() -> None:
    settings = (
        README.read_text("utf-8").partition("## Settings")[2].partition("\n## ")[0]
    )
    rows = [line.split("|")[1] for line in settings.splitlines() if line[:2] == "| "]

    tried = {*CASES, *WRITES, *CUSTOMER_READS, *CUSTOMER_WRITES, *SIGNING_IN}
    assert tried == {*QUIRKS} == {*DIALECT.quirks}
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {*QUIRKS}
