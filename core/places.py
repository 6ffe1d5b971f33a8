"""Countries, regions and cities, as an address names them.

A reference names a place by what the caller was given: `City(id=25)`,
`Region(name="Ohio")`, `Country(code="US")`. A book completes it.
"""

import csv
import unicodedata
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple


class Country(NamedTuple):
    """A country of ISO 3166-1; `code` is the alpha-2 code."""

    code: str = ""
    name: str = ""
    id: int | None = None


class Region(NamedTuple):
    """A state, province or the like: a known one has a code, free text has none.

    The `name` of free text is spelled as the address's writer spelled it.
    """

    code: str = ""
    name: str = ""
    id: int | None = None


class City(NamedTuple):
    """A city; `name` is spelled as the address's writer spelled it."""

    name: str = ""
    id: int | None = None


def fold(text: str) -> str:
    """The text without case, accents and outer blanks: what place names compare by.

    Of a long text it is a digest, as PostgreSQL's indexes hold 2704 bytes.
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    folded = text.strip().casefold()
    return folded if len(folded) <= 500 else sha256(folded.encode()).hexdigest()


def data(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the place tables that are shipped."""
    source = files("core") / "data" / name
    if name.endswith(".gz"):
        import gzip

        text = gzip.decompress(source.read_bytes()).decode()
    else:
        text = source.read_text("utf-8")
    return csv.DictReader(text.splitlines())


@cache
def countries_by_id() -> dict[int, Country]:
    """Every country under its default number."""
    return {
        int(row["id"]): Country(id=int(row["id"]), code=row["code"], name=row["name"])
        for row in data("countries.csv")
    }


@cache
def countries_by_code() -> dict[str, Country]:
    """Every country under its ISO 3166-1 alpha-2 code."""
    return {country.code: country for country in countries_by_id().values()}
