"""Customers: whose addresses a shop keeps."""

from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    database_option,
    example,
    fail,
    json_option,
    shop_option,
    show,
    show_json,
)
from gateway.cli.database import existing_shop, existing_store

if TYPE_CHECKING:
    from core import Customer

COLUMNS = ("id", "public_id", "first_name", "last_name", "email")
DETAILS = (*COLUMNS, "phone", "company", "note", "is_active")
"""What JSON tells of a customer."""
LARGEST_ID = 999_999_999
"""Larger numbers are names that one dialect alone has for a customer."""


@click.group(epilog=example("address-gateway customer list --shop main"))
def customer() -> None:
    """Add and list a shop's customers."""


@customer.command(
    epilog=example(
        "address-gateway customer add --shop main --first-name Ada \\",
        "  --last-name Lovelace --email ada@example.com",
    )
)
@shop_option
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--email", required=True)
@click.option("--phone", default="")
@click.option("--company", default="")
@click.option("--note", default="", help="Seen by the shop alone.")
@click.option(
    "--id", "number", type=click.IntRange(1, LARGEST_ID), help="Else the next one."
)
@click.option("--public-id", metavar="cus_...", help="Else a random one.")
@database_option
@json_option
def add(
    hash: str,
    first_name: str,
    last_name: str,
    email: str,
    phone: str,
    company: str,
    note: str,
    number: int | None,
    public_id: str | None,
    database: str,
    as_json: bool,
) -> None:
    """Add a customer to a shop."""
    from core import Customer, CustomerDraft, Invalid
    from gateway.seed import CANONICAL

    if public_id and number is None:
        raise click.UsageError("--public-id needs --id, as both names are to be kept")
    said: dict[str, Any] = {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "company": company,
        "note": note,
    }
    draft = CustomerDraft(**said)
    store = existing_store(database)
    if number is not None:
        draft = Customer(
            **said,
            id=number,
            public_id=public_id or "",
            created_at=store.now(),
            updated_at=store.now(),
        )
    shop = existing_shop(store, hash)
    try:
        with store.book(CANONICAL, shop=shop) as book:
            made = book.add_customer(draft)
    except Invalid as invalid:
        taken = " and ".join(problem.path for problem in invalid.problems)
        fail(f"another customer has this {taken}; choose another or leave it out")
    show([details(made)], COLUMNS, as_json)


@customer.command(
    "list", epilog=example("address-gateway customer list --shop main --limit 20")
)
@shop_option
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True)
@database_option
@json_option
def list_customers(
    hash: str, limit: int, offset: int, database: str, as_json: bool
) -> None:
    """List a shop's customers, by number."""
    from core import Query
    from gateway.seed import CANONICAL

    store = existing_store(database)
    shop = existing_shop(store, hash)
    with store.book(CANONICAL, shop=shop, writes=False) as book:
        page = book.customers(Query(limit=limit, offset=offset))
    rows = [details(one) for one in page.items]
    if as_json:
        show_json({"total": page.total, "customers": rows})
        return
    show(rows, COLUMNS, as_json)
    click.echo(f"{len(rows)} of {page.total}", err=True)


def details(customer: "Customer") -> dict[str, Any]:
    """What a program is told of a customer."""
    return {name: getattr(customer, name) for name in DETAILS}
