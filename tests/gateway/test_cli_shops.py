"""Shops, customers, keys and places on the command line."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core import Store
from core.trusted import TRUSTED_FOR
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

pytestmark = pytest.mark.usefixtures("initialized")

PLACES = """\
kind,number,name,code,country,region
city,25,New York City,,US,5
region,5,New York,NY,US,
country,1,United States,US,,
"""


def value(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_shop_is_added_listed_and_removed() -> None:
    run("shop", "add", "acme", "--name", "Acme Ltd.")
    before = [shop["hash"] for shop in value("shop", "list")]
    run("shop", "remove", "acme", "--yes")
    after = [shop["hash"] for shop in value("shop", "list")]

    assert (before, after) == (["main", "acme"], ["main"])


def test_a_shop_is_not_removed_without_a_yes() -> None:
    result = run("shop", "remove", "main")

    assert result.exit_code == 2
    assert "add --yes to do it" in result.stderr
    assert len(value("shop", "list")) == 1


def test_a_shops_name_is_taken_once() -> None:
    result = run("shop", "add", "main")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is a shop 'main' already; choose another name\n"
    )


def test_an_unknown_shop_is_answered_with_the_known_ones() -> None:
    result = run("customer", "list", "--shop", "nope")

    assert result.exit_code == 1
    assert result.stderr == "Error: there is no shop 'nope'; there are: main\n"


ADA = ("--first-name", "Ada", "--last-name", "Lovelace", "--email", "ada@example.com")


def test_a_customer_can_bring_both_names() -> None:
    names = ("--id", "77", "--public-id", "cus_ada")
    more = ("--phone", "0800 1", "--company", "Engines", "--note", "Rings")

    [added] = value("customer", "add", "--shop", "main", *ADA, *names, *more)

    assert added == {
        "id": 77,
        "public_id": "cus_ada",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
        "phone": "0800 1",
        "company": "Engines",
        "note": "Rings",
        "is_active": True,
    }
    assert value("customer", "list", "--shop", "main") == {
        "total": 1,
        "customers": [added],
    }


def test_customers_are_listed_in_pages() -> None:
    for number in ("5", "6", "7"):
        run("customer", "add", "--shop", "main", *ADA, "--id", number)

    page = value("customer", "list", "--shop", "main", "--limit=1", "--offset=1")

    assert (page["total"], [one["id"] for one in page["customers"]]) == (3, [6])


def test_a_customers_number_is_taken_once() -> None:
    run("customer", "add", "--shop", "main", *ADA, "--id", "77")

    result = run("customer", "add", "--shop", "main", *ADA, "--id", "77")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: another customer has this id; choose another or leave it out\n"
    )


def test_an_added_key_opens_the_shop_until_it_is_revoked() -> None:
    store = Store("sqlite:///var/gateway.db")
    new = ("--dialect", "staff", "--shop", "main", "--scope", "admin")
    made = value("key", "add", *new, "--label", "mine")

    key = store.key("staff", made["token"])
    before = time.monotonic()
    revoked = run("key", "revoke", str(made["id"]))
    took = time.monotonic() - before
    after = store.key("staff", made["token"])
    store.close()

    assert key
    assert (key.id, key.scope, key.label) == (made["id"], "admin", "mine")
    assert revoked.exit_code == 0
    assert took >= TRUSTED_FOR
    assert after is None


def test_a_key_can_have_a_token_a_secret_and_a_customer_of_its_own() -> None:
    run("customer", "add", "--shop", "main", *ADA, "--id", "77")
    new = ("--dialect", "staff", "--shop", "main", "--scope", "user")
    mine = ("--token", "t0ken", "--secret", "s3cret", "--customer", "77")

    made = value("key", "add", *new, *mine)

    assert (made["token"], made["secret"]) == ("t0ken", "s3cret")
    [listed] = [key for key in value("key", "list") if key["id"] == made["id"]]
    assert (listed["customer_id"], listed["scope"]) == (77, "user")


def test_a_secret_needs_a_secret_key(initialized: Path) -> None:
    (initialized / "var" / "secret.key").unlink()
    new = ("--dialect", "staff", "--shop", "main", "--scope", "user")

    result = run("key", "add", *new, "--new-secret")

    assert result.exit_code == 1
    assert "set ADDRESS_GATEWAY_SECRET_KEY or run `address-gateway init`" in (
        result.stderr
    )


def test_a_list_of_keys_shows_no_token() -> None:
    new = ("--dialect", "staff", "--shop", "main", "--scope", "user")
    made = value("key", "add", *new, "--new-secret")

    result = run("key", "list", "--shop", "main")

    assert made["token"][:6] in result.stdout
    assert made["token"] not in result.stdout
    assert made["secret"] not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--scope", "king"], 2, "staff has no scope 'king'; it has: staff, admin"),
        (["--scope", "user", "--customer", "9"], 1, "there is no customer 9; see"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(
    arguments: list[str], code: int, said: str
) -> None:
    before = value("key", "list")

    result = run("key", "add", "--dialect", "staff", "--shop", "main", *arguments)

    assert result.exit_code == code
    assert said in result.stderr
    assert value("key", "list") == before


def test_a_token_is_taken_once() -> None:
    new = ("key", "add", "--dialect=staff", "--shop=main", "--scope=user", "--token=t")
    run(*new)

    result = run(*new)

    assert result.exit_code == 1
    assert "there is a key of staff with this token already" in result.stderr


def test_an_unknown_key_cannot_be_revoked() -> None:
    result = run("key", "revoke", "99")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is no key 99; see `address-gateway key list`\n"
    )


def test_imported_places_are_the_ones_that_are_exported(initialized: Path) -> None:
    file = initialized / "places.csv"
    file.write_text(PLACES)
    where = ("--shop", "main", "--dialect", "staff")

    imported = run("places", "import", *where, "--only", "places.csv")
    exported = run("places", "export", *where)

    assert imported.stdout == "imported 3 places\n"
    header, *rows = PLACES.splitlines(keepends=True)
    assert exported.stdout == header + "".join(reversed(rows))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("planet,1,Mars,,,", "line 5: the kind 'planet' is not known"),
        ("region,9,Nowhere,,XX,", "line 5: the country 'XX' is not known"),
        ("city,9,Nowhere,,US,77", "line 5: the region 77 is not known"),
        ("region,5,Another,,US,", "line 5: another line has the number 5"),
        ("region,five,Five,,US,", "line 5: the number 'five' is not a number"),
    ],
)
def test_a_wrong_row_is_told_by_its_line(
    initialized: Path, row: str, said: str
) -> None:
    (initialized / "places.csv").write_text(PLACES + row + "\n")
    where = ("--shop", "main", "--dialect", "staff")

    result = run("places", "import", *where, "--only", "places.csv")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: places.csv, {said}")
    assert "New York City" in run("places", "export", *where).stdout


def test_a_file_without_the_columns_is_refused(initialized: Path) -> None:
    (initialized / "places.csv").write_text("type,number\ncity,1\n")

    result = run("places", "import", "--shop=main", "--dialect=staff", "places.csv")

    assert result.exit_code == 1
    assert "line 1: no column 'kind'" in result.stderr
