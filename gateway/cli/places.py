"""Places: the numbers that a platform has for countries, regions and cities."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    database_option,
    example,
    fail,
    json_option,
    shop_option,
    show_json,
)
from gateway.cli.database import existing_shop, existing_store

if TYPE_CHECKING:
    from core import AddressBook, PlaceRow

COLUMNS = ("kind", "number", "name", "code", "country", "region")

dialect_option = click.option("--dialect", metavar="NAME", required=True)


@click.group(
    epilog=example("address-gateway places export --shop main --dialect DIALECT")
)
def places() -> None:
    """Import and export the numbers of places that a dialect knows in a shop."""


@places.command(
    "import",
    epilog=example(
        "address-gateway places import --shop main --dialect DIALECT places.csv"
    ),
)
@shop_option
@dialect_option
@click.option("--only", is_flag=True, help="Let the dialect know no other places.")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)  # fmt: skip
@database_option
def import_places(
    hash: str, dialect: str, only: bool, file: Path, database: str
) -> None:
    """Import a CSV file with the columns kind,number,name,code,country,region.

    The kind is country, region or city; country is a two-letter code, region the
    file's own number.
    """
    from core import Invalid
    from gateway import registry

    registry.load([dialect])
    store = existing_store(database)
    shop = existing_shop(store, hash)
    rows, lines = place_rows(file)
    try:
        store.import_places(shop, dialect, rows, only=only)
    except Invalid as invalid:
        problem = invalid.problems[0]
        value = problem.params.get("value")
        where = f"{file}, line {lines[problem.index]}"
        words = {
            "unknown": f"the {problem.path} {value!r} is not known",
            "taken": f"another line has the number {value} for its kind",
        }
        reason = words.get(problem.code, problem.code)
        fail(f"{where}: {reason}; nothing was imported, correct the line")
    click.echo(f"imported {len(rows)} places")


def place_rows(file: Path) -> tuple[list["PlaceRow"], list[int]]:
    """The rows of a file, and the line where each ends."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8; save it as UTF-8")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]
    if missing:
        wanted = ",".join(COLUMNS)
        fail(f"{file}, line 1: no column {missing[0]!r}; the columns are {wanted}")
    rows, lines = [], []
    for fields in reader:
        rows.append(place_row(fields, f"{file}, line {reader.line_num}"))
        lines.append(reader.line_num)
    return rows, lines


def place_row(fields: dict[str, Any], where: str) -> "PlaceRow":
    """One row of a file."""
    from core import PlaceRow

    given = {name: (fields.get(name) or "").strip() for name in COLUMNS}
    for name in ("number", "region"):
        is_optional = name == "region"
        if not (given[name].isascii() and given[name].isdigit()) and not (
            is_optional and not given[name]
        ):
            fail(f"{where}: the {name} {given[name]!r} is not a number; correct it")
    return PlaceRow(
        kind=given["kind"],
        number=int(given["number"]),
        name=given["name"],
        code=given["code"],
        country=given["country"],
        region=int(given["region"]) if given["region"] else None,
    )


@places.command(
    epilog=example(
        "address-gateway places export --shop main --dialect DIALECT > places.csv"
    )
)
@shop_option
@dialect_option
@database_option
@json_option
def export(hash: str, dialect: str, database: str, as_json: bool) -> None:
    """Print the places that the dialect knows in the shop, as import reads them."""
    from gateway import registry

    registry.load([dialect])
    store = existing_store(database)
    shop = existing_shop(store, hash)
    with store.book(dialect, shop=shop, writes=False) as book:
        rows = known_places(book)
    if as_json:
        show_json(rows)
        return
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    click.echo(out.getvalue(), nl=False)


def known_places(book: "AddressBook") -> list[dict[str, Any]]:
    """Every place that a book knows, countries first."""
    from core import Query

    countries = book.places.countries(Query()).items
    codes = {listed.place.id: listed.place.code for listed in countries}
    regions = book.places.regions(Query()).items
    cities = book.places.cities(Query()).items
    return [
        *(
            {
                "kind": "country",
                "number": listed.place.id,
                "name": listed.place.name,
                "code": listed.place.code,
                "country": "",
                "region": None,
            }
            for listed in countries
        ),
        *(
            {
                "kind": "region",
                "number": listed.place.id,
                "name": listed.place.name,
                "code": listed.place.code,
                "country": codes.get(listed.country, ""),
                "region": None,
            }
            for listed in regions
        ),
        *(
            {
                "kind": "city",
                "number": listed.place.id,
                "name": listed.place.name,
                "code": "",
                "country": codes.get(listed.country, ""),
                "region": listed.region,
            }
            for listed in cities
        ),
    ]
