"""One customer: shown, made, changed and removed, and by whom.

The sources are OpenMage 20.18, and what was observed of it. Every setting is as
observed.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core import CustomerDraft, Gender
from tests.dialects.openmage.sending import (
    ADA,
    CRASH,
    DONE,
    GRACE,
    PLAIN,
    TEXT,
    XML,
    Answer,
    Send,
    Sent,
    delete,
    error,
    errors,
    get,
    new_gateway,
    post,
    put,
    shown,
)

CUSTOMERS, ITEM = "/customers", "/customers/1"
PEOPLE = [
    CustomerDraft(
        first_name="Ada",
        last_name="Lovelace",
        email="ada@example.com",
        prefix="Lady",
        tax_id="GB 1",
        birth_date=date(1815, 12, 10),
        gender=Gender.FEMALE,
        extras={"openmage": {"nulls": ["suffix"], "confirmation": "abc"}},
    ),
    CustomerDraft(first_name="Grace", last_name="Hopper", email="grace@example.com"),
    CustomerDraft(first_name="Nobody"),
]
NOON = "2026-01-01 12:00:00"
FIRST = {
    "entity_id": "1",
    "website_id": "1",
    "email": "ada@example.com",
    "group_id": "1",
    "created_at": "2026-01-01T12:00:00+00:00",
    "updated_at": NOON,
    "disable_auto_group_change": "0",
    "created_in": "Default Store View",
    "firstname": "Ada",
    "lastname": "Lovelace",
    "confirmation": "abc",
    "prefix": "Lady",
    "suffix": None,
    "taxvat": "GB 1",
    "dob": "1815-12-10 00:00:00",
    "gender": "2",
}
MINE = {
    name: FIRST[name]
    for name in ("email", "created_at", "updated_at", "firstname", "lastname")
}
VALID = {
    "website_id": 1,
    "group_id": 1,
    "firstname": "New",
    "lastname": "Cust",
    "email": "new@example.com",
}

NOT_FOUND = error(404, "Resource not found.")
DENIED = error(403, "Access denied")
NOT_IMPLEMENTED = error(405, "Resource method not implemented yet.")
NO_DATA = error(400, "The request data is invalid.")
UNDECODABLE = error(400, "Decoding error.")
CLOSING = (400, "Resource data pre-validation error.")
TAKEN = (500, "This customer email already exists")
NO_EMAIL = (500, "Customer email is required")
NO_ID = (0, "id is not specified")
UNHANDLED = (500, "Unhandled simple errors.")


@pytest.fixture
def send() -> Iterator[Send]:
    with new_gateway(PLAIN, customers=PEOPLE, fidelity="observed") as send:
        yield send


def but(*without: str, **changes: Any) -> dict[str, Any]:
    """A body that is valid but for this."""
    changed = {**VALID, **changes}
    return {name: value for name, value in changed.items() if name not in without}


def invalid(*texts: str) -> Answer:
    """What is wrong with a body."""
    return errors(*((400, text) for text in texts), CLOSING)


def read(send: Send, *names: str, number: int = 1) -> dict[str, Any]:
    """These attributes of a customer, as far as they are shown."""
    answer = send(get(f"{CUSTOMERS}/{number}?attrs={','.join(names)}"))
    found: dict[str, Any] = json.loads(answer.body) or {}
    return found


def made(send: Send, body: Any, **options: Any) -> dict[str, Any]:
    """A customer who was made of a body, as an administrator is shown."""
    answer = send(post(body, CUSTOMERS, **options))
    assert answer == Answer(200, location="/api/rest/customers/4"), answer.body
    found: dict[str, Any] = json.loads(send(get(f"{CUSTOMERS}/4")).body)
    return found


def test_a_customer_is_shown_whole_to_an_administrator(send: Send) -> None:
    assert send(get(ITEM)) == shown(FIRST)


def test_a_customer_is_shown_less(send: Send) -> None:
    """Observed."""
    assert send(get(ITEM, user=ADA)) == shown(MINE)


def test_an_item_in_xml(send: Send) -> None:
    answer = send(get(f"{ITEM}?attrs=entity_id,suffix,lastname", accept=XML))

    assert answer.body == (
        b'<?xml version="1.0"?>\n<magento_api>\n  <entity_id>1</entity_id>\n'
        b"  <lastname>Lovelace</lastname>\n  <suffix/>\n</magento_api>\n"
    )


@pytest.mark.parametrize(
    ("target", "user", "answer"),
    [
        ("/customers/9999", "admin", NOT_FOUND),
        ("/customers/abc", "admin", NOT_FOUND),
        ("/customers/addresses", "admin", NOT_FOUND),
        ("/customers/1.5", "admin", NOT_FOUND),
        ("/customers/01abc?attrs=group_id", "admin", shown({"group_id": "1"})),
        ("/customers/1?attrs=last_logged_in", "admin", shown([])),
        ("/customers/1?attrs=middlename", "admin", CRASH),
        # Observed: others do not exist to a customer; a number is compared as text.
        ("/customers/2", ADA, NOT_FOUND),
        ("/customers/9999", ADA, NOT_FOUND),
        ("/customers/01", ADA, NOT_FOUND),
        ("/customers/1%20", ADA, NOT_FOUND),
        ("/customers/1?attrs=email,group_id", ADA, shown({"email": PEOPLE[0].email})),
        ("/customers/1?attrs=group_id", ADA, CRASH),
        ("/customers/1", None, DENIED),
    ],
)
def test_who_is_shown_what(
    send: Send, target: str, user: str | None, answer: Answer
) -> None:
    assert send(get(target, user=user)) == answer


@pytest.mark.parametrize(
    ("method", "target", "user", "answer"),
    [
        ("PUT", CUSTOMERS, "admin", NOT_IMPLEMENTED),
        ("DELETE", CUSTOMERS, "admin", NOT_IMPLEMENTED),
        ("POST", ITEM, "admin", NOT_IMPLEMENTED),
        ("PATCH", ITEM, "admin", error(400, "Invalid request method")),
        ("POST", CUSTOMERS, ADA, DENIED),
        ("POST", ITEM, ADA, DENIED),
        ("DELETE", CUSTOMERS, ADA, DENIED),
        ("DELETE", ITEM, ADA, DENIED),
        ("PUT", CUSTOMERS, None, DENIED),
        ("PUT", ITEM, None, DENIED),
        ("DELETE", ITEM, None, DENIED),
    ],
)
def test_what_is_not_done(
    send: Send, method: str, target: str, user: str | None, answer: Answer
) -> None:
    """Observed of the administrator; OpenMage 20.18, privileges."""
    sent = Sent(method, target, {"firstname": "x"}, user=user)

    assert send(sent) == answer
    assert read(send, "firstname") == {"firstname": "Ada"}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"1": {"firstname": "x"}}, error(403, "Resource does not support method.")),
        ([{"firstname": "x"}], error(403, "Resource does not support method.")),
        ("{", UNDECODABLE),
        ("", UNDECODABLE),
        ("[]", NO_DATA),
        ("5", CRASH),
    ],
)
def test_a_customers_list_is_refused_after_it_is_read(
    send: Send, body: Any, answer: Answer
) -> None:
    """OpenMage 20.18: `_multiUpdate` of the customer's class."""
    assert send(put(body, CUSTOMERS, user=ADA)) == answer


def test_a_new_customer(send: Send) -> None:
    """Observed; a password is dropped."""
    found = made(send, {**VALID, "password": "Passw0rd12345678", "entity_id": 9})

    confirmation = found.pop("confirmation")
    assert found == {
        "entity_id": "4",
        "website_id": "1",
        "email": "new@example.com",
        "group_id": "1",
        "created_at": "2026-01-01T12:00:00+00:00",
        "updated_at": NOON,
        "disable_auto_group_change": "0",
        "created_in": "Admin",
        "firstname": "New",
        "lastname": "Cust",
    }
    assert re.fullmatch("[0-9a-f]{32}", confirmation)


def test_a_new_customer_has_what_is_sent(send: Send) -> None:
    sent = {
        "website_id": "0",
        "group_id": "2",
        "disable_auto_group_change": "no",
        "prefix": "",
        "suffix": True,
        "taxvat": None,
        "dob": "12/10/1815",
        "gender": "1.0",
    }

    found = made(send, but(**sent, confirmation="mine", middlename="K"))

    assert found["confirmation"] != "mine"
    assert {name: found[name] for name in found if name not in MINE} == {
        "entity_id": "4",
        "website_id": "0",
        "group_id": "2",
        "disable_auto_group_change": "1",
        "created_in": "Admin",
        "confirmation": found["confirmation"],
        "prefix": None,
        "suffix": "1",
        "dob": "1815-12-10 00:00:00",
        "gender": "1",
    }


def test_a_new_customer_in_xml(send: Send) -> None:
    body = "".join(f"<{name}>{value}</{name}>" for name, value in VALID.items())

    found = made(send, f"<magento_api>{body}</magento_api>", type=XML)

    assert found["email"] == "new@example.com"


def test_a_new_customer_as_text(send: Send) -> None:
    body = "&".join(f"{name}={value}" for name, value in VALID.items())

    found = made(send, body, type=TEXT)

    assert found["email"] == "new@example.com"


NEEDED = [
    '"Associate to Website" is a required value.',
    '"Group" is a required value.',
    '"First Name" is a required value.',
    '"Last Name" is a required value.',
    '"Email" is a required value.',
]
NO_MAIL = '"Email" is not a valid email address.'
LONG = "x" * 256


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"prefix": "x"}, invalid(*NEEDED)),
        (dict.fromkeys(VALID, ""), invalid(*NEEDED)),
        (dict.fromkeys(VALID), invalid(*NEEDED)),
        (dict.fromkeys(VALID, False), invalid(*NEEDED)),
        (but(website_id=[]), invalid(NEEDED[0])),
        (but(website_id=2), invalid('Invalid value "2" for website_id')),
        (but(website_id="base"), invalid('Invalid value "base" for website_id')),
        (but(website_id=["1"]), invalid("Invalid value type for website_id")),
        (but(group_id=0), invalid('Invalid value "0" for group_id')),
        (but(group_id=4), invalid('Invalid value "4" for group_id')),
        (but(group_id=1.5), invalid('Invalid value "1.5" for group_id')),
        (but(group_id={"a": 1}), invalid("Invalid value type for group_id")),
        (but(gender=""), invalid('Invalid value "" for gender')),
        (but(gender=None), invalid('Invalid value "" for gender')),
        (but(gender=3), invalid('Invalid value "3" for gender')),
        (but(gender=[]), invalid("Invalid value type for gender")),
        (
            but(firstname="  ", lastname=LONG),
            invalid(
                '"First Name" length must be equal or greater than 1 characters.',
                '"Last Name" length must be equal or less than 255 characters.',
            ),
        ),
        (
            but(taxvat=LONG),
            invalid(
                '"Tax/VAT Number" length must be equal or less than 255 characters.'
            ),
        ),
        (but(email="new"), invalid(NO_MAIL)),
        (but(email="new@example"), invalid(NO_MAIL)),
        (but(email="new@example.com "), invalid(NO_MAIL)),
        (but(email="new@example.com\n"), invalid(NO_MAIL)),
        (but(email=5), invalid(NO_MAIL)),
        (but(email=["a@example.com"]), invalid(NO_MAIL)),
        (but(dob="yesterday"), invalid('"Date Of Birth" is not a valid date.')),
        (but(dob="1980-13-01"), invalid('"Date Of Birth" is not a valid date.')),
        (but(dob="31/12/1980"), invalid('"Date Of Birth" is not a valid date.')),
        (but(dob="1/32/1980"), invalid('"Date Of Birth" is not a valid date.')),
        (but(dob=["1/1/1980"]), CRASH),
        (
            but(group_id=9, email="x", gender=9),
            invalid(
                'Invalid value "9" for group_id',
                NO_MAIL,
                'Invalid value "9" for gender',
            ),
        ),
        (but(email="0"), errors(NO_EMAIL, NO_ID)),
        (but(email="ada@example.com"), errors(TAKEN, NO_ID)),
        (but(email="ADA@EXAMPLE.COM"), errors(TAKEN, NO_ID)),
        ({"password": "x"}, NO_DATA),
        ({}, NO_DATA),
        ("{", UNDECODABLE),
        ("true", CRASH),
        ([VALID], NOT_IMPLEMENTED),
    ],
)
def test_a_new_customer_is_refused(send: Send, body: Any, answer: Answer) -> None:
    assert send(post(body, CUSTOMERS)) == answer
    assert len(json.loads(send(get(CUSTOMERS)).body)) == 3


def test_texts_are_told_without_a_last_one_by_default() -> None:
    with new_gateway(customers=PEOPLE) as send:
        answer = send(post(but("email"), CUSTOMERS))

    assert answer == error(400, NEEDED[-1])


def test_an_email_may_repeat_on_another_website(send: Send) -> None:
    """OpenMage 20.18: accounts are shared per website."""
    found = made(send, but(website_id=0, email="ada@example.com"))

    again = send(post(but(website_id=0, email="Ada@example.com"), CUSTOMERS))

    assert (found["website_id"], found["email"]) == ("0", "ada@example.com")
    assert again == errors(TAKEN, NO_ID)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("12/10/1815", "1815-12-10 00:00:00"),
        ("2-30-1980 10:00", "1980-03-01 00:00:00"),
        ("1/2/05", "2005-01-02 00:00:00"),
        ("1/2/15", "0015-01-02 00:00:00"),
        ("1980-01-31", "1980-01-31 00:00:00"),
        ("1980-01-31 00:00:00", "1980-01-31 00:00:00"),
        ("", None),
        (0, None),
        ([], None),
    ],
)
def test_a_day_of_birth(send: Send, sent: Any, stored: str | None) -> None:
    """OpenMage 20.18 reads the form of the locale; days as they are shown are ours."""
    found = made(send, but(dob=sent))

    assert found.get("dob") == stored


@pytest.mark.parametrize(
    ("changes", "read_back"),
    [
        ({"firstname": "Changed"}, {"firstname": "Changed"}),
        ({"firstname": ["x"]}, {"firstname": "Ada"}),
        ({"firstname": 7}, {"firstname": "7"}),
        ({"prefix": ""}, {"prefix": None}),
        ({"prefix": None}, {}),
        ({"prefix": "x" * 300}, {"prefix": "x" * 255}),
        ({"taxvat": False}, {}),
        ({"dob": "1/2/1980"}, {"dob": "1980-01-02 00:00:00"}),
        ({"dob": None}, {}),
        ({"gender": 1}, {"gender": "1"}),
        ({"group_id": "3"}, {"group_id": "3"}),
        ({"disable_auto_group_change": [1]}, {"disable_auto_group_change": "1"}),
        ({"disable_auto_group_change": "0"}, {"disable_auto_group_change": "0"}),
        ({"email": "ada2@example.com"}, {"email": "ada2@example.com"}),
        ({"email": "ADA@example.com"}, {"email": "ADA@example.com"}),
        # Neither is taken, and both count as attributes.
        ({"website_id": 0}, {"website_id": "1"}),
        ({"website_id": "x"}, {"website_id": "1"}),
        ({"confirmation": ""}, {"confirmation": "abc"}),
    ],
)
def test_a_change(
    send: Send, changes: dict[str, Any], read_back: dict[str, Any]
) -> None:
    assert send(put(changes, ITEM)) == DONE
    assert read(send, *changes, "nothing") == read_back


def test_a_change_leaves_the_rest_but_for_nulls(send: Send) -> None:
    """Observed; null until the next write, as an address's attributes are."""
    send(put({"firstname": "Augusta"}, ITEM))

    rest = {name: FIRST[name] for name in FIRST if name != "suffix"}
    assert send(get(ITEM)) == shown({**rest, "firstname": "Augusta"})


def test_nothing_that_is_stored_is_no_change(send: Send) -> None:
    """OpenMage 20.18: a customer without new data is not saved."""
    assert send(put({"website_id": 0, "confirmation": "x"}, ITEM)) == DONE
    assert send(get(ITEM)) == shown(FIRST)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"firstname": ""}, invalid(NEEDED[2])),
        ({"lastname": None}, invalid(NEEDED[3])),
        ({"email": ""}, invalid(NEEDED[4])),
        ({"email": "x"}, invalid(NO_MAIL)),
        ({"group_id": 9}, invalid('Invalid value "9" for group_id')),
        ({"email": "grace@example.com"}, errors(TAKEN, UNHANDLED)),
        ({"email": "0"}, errors(NO_EMAIL, UNHANDLED)),
        ({"created_in": "x", "entity_id": 7}, NO_DATA),
        ({"middlename": "x"}, NO_DATA),
        ([{"firstname": "x"}], NO_DATA),
        ("{", UNDECODABLE),
    ],
)
def test_a_change_is_refused(send: Send, body: Any, answer: Answer) -> None:
    assert send(put(body, ITEM)) == answer
    assert send(get(ITEM)) == shown(FIRST)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"firstname": "Mine"}, DONE),
        ({"firstname": "Mine", "group_id": 3}, DONE),
        ({"group_id": 3}, NO_DATA),
        ({"prefix": "x"}, NO_DATA),
        ({"email": "grace@example.com"}, errors(TAKEN, UNHANDLED)),
        ({"email": "me@example.com"}, DONE),
    ],
)
def test_a_customers_own_change(send: Send, body: Any, answer: Answer) -> None:
    assert send(put(body, ITEM, user=ADA)) == answer
    assert read(send, "group_id") == {"group_id": "1"}


@pytest.mark.parametrize(
    ("body", "target", "user", "answer"),
    [
        ({"firstname": ""}, "/customers/9999", "admin", NOT_FOUND),
        ({"firstname": "x"}, "/customers/1", GRACE, NOT_FOUND),
        ({"firstname": "x"}, "/customers/01", ADA, NOT_FOUND),
        ("{", "/customers/9999", "admin", UNDECODABLE),
        ({"nope": 1}, "/customers/9999", "admin", NO_DATA),
        ("{", "/customers/1", GRACE, UNDECODABLE),
    ],
)
def test_the_body_is_read_before_the_customer(
    send: Send, body: Any, target: str, user: str, answer: Answer
) -> None:
    assert send(put(body, target, user=user)) == answer


def test_a_customer_without_an_email_is_changed(send: Send) -> None:
    """Another API may have made one: the e-mail counts where it is sent."""
    assert send(put({"firstname": "Somebody"}, "/customers/3")) == DONE
    assert read(send, "email", "firstname", number=3) == {
        "email": None,
        "firstname": "Somebody",
    }


def test_a_customer_goes_with_the_addresses(send: Send) -> None:
    """Observed; a body is not read."""
    answers = [
        send(delete("/customers/01", body="{", type=None)),
        send(delete(ITEM)),
        send(get("/customers/addresses/1")),
        send(get("/customers/1/addresses")),
        send(get(ITEM, user=ADA)),
    ]

    assert answers == [DONE, *[NOT_FOUND] * 4]


def test_rules_say_which_attributes_are_written() -> None:
    rules = {
        "admin_customer_writes": "lastname, group_id",
        "customer_customer_writes": "firstname,group_id",
    }

    with new_gateway(customers=PEOPLE, fidelity="observed", **rules) as send:
        answers = [
            send(put({"firstname": "x", "lastname": "New"}, ITEM)),
            send(put({"firstname": "x"}, ITEM)),
            send(put({"firstname": "Mine", "group_id": 3}, ITEM, user=ADA)),
            send(post(VALID, CUSTOMERS)),
        ]
        found = read(send, "firstname", "lastname", "group_id")

    assert answers[:3] == [DONE, NO_DATA, DONE]
    assert answers[3] == invalid(NEEDED[0], NEEDED[2], NEEDED[4])
    assert found == {"group_id": "1", "firstname": "Mine", "lastname": "New"}
