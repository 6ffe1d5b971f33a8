"""Between Staff's wire and the canonical address (source: Create Customer Address)."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from core import Address, Changes, City, Country, Invalid, Listed, Problem, Region
from dialects.base import Wire
from dialects.loading import load

T = TypeVar("T")

NAME = "staff"
SHORT = 255
"""The longest short text; the page gives no limit, this is the framework's habit."""

TRUE = {"t", "y", "yes", "true", "on", "1", 1}
FALSE = {"f", "n", "no", "false", "off", "0", 0}


class Rejected(Invalid):
    """Some fields are wrong; `changes` is what the others say."""

    def __init__(self, problems: list[Problem], changes: Changes) -> None:
        super().__init__(problems)
        self.changes = changes


class Checked(fields.Field[T]):
    """A field whose errors are problems, for `errors.py` to put into words."""

    def make_error(self, key: str, **params: Any) -> ValidationError:
        return ValidationError([Problem("", key, params=params)])


class PlaceNumber(Checked[int]):
    """A number as Python's `int` takes it: "1", " 1 " and 1.5 are 1."""

    def is_plain(self, value: Any) -> bool:
        return type(value) is int

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.make_error("type", received=type(value).__name__)
        try:
            return int(value)
        except ValueError:
            raise self.make_error("type", received=type(value).__name__) from None
        except OverflowError:
            raise self.make_error("unknown", value=value) from None


class Text(Checked[str]):
    """A text, trimmed; a number is taken for its digits."""

    wrong = "string"
    """The problem with what is no text."""

    def __init__(self, *, most: int | None = None, **options: Any) -> None:
        super().__init__(**{"allow_none": True, **options})
        self._most = most

    def is_plain(self, value: Any) -> bool:
        """Whether it is ASCII text that needs no trimming, or null."""
        return value is None or (
            type(value) is str
            and value.isascii()
            and "\0" not in value
            and (not value or (value[0] > " " and value[-1] > " "))
            and (self._most is None or len(value) <= self._most)
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.make_error(self.wrong)
        text = self.trimmed(value)
        problems = self.problems(text)
        if problems:
            raise ValidationError(problems)
        return text

    def problems(self, text: str) -> list[Problem]:
        """What is wrong with the text, in the order in which it is told."""
        problems = []
        if self._most is not None and len(text) > self._most:
            problems.append(Problem("", "length", params={"most": self._most}))
        if "\0" in text:
            problems.append(Problem("", "nul"))
        halves = (ord(c) for c in text if "\ud800" <= c <= "\udfff")
        problems += [Problem("", "surrogate", params={"code": c}) for c in halves][:1]
        return problems

    def trimmed(self, value: float | str) -> str:
        return str(value).strip()


class Flag(Checked[bool]):
    """A boolean or one of the words for it, in any case."""

    def is_plain(self, value: Any) -> bool:
        return type(value) is bool

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(value, str):
            value = value.lower()
        if isinstance(value, (str, int, float)) and value in TRUE | FALSE:
            return value in TRUE
        raise self.make_error("boolean")


class AddressBody(Schema):
    """The request's fields, in the order in which errors are told."""

    class Meta:
        unknown = EXCLUDE

    default = Flag()
    country = PlaceNumber(required=True)
    state = PlaceNumber(required=True)
    city = PlaceNumber(required=True)
    address = Text()
    postal_code = Text(most=SHORT)
    first_name = Text(most=SHORT)
    last_name = Text(most=SHORT)
    national_code = Text(most=SHORT)
    mobile_number = Text(most=SHORT)
    text = Text()


BODY = AddressBody()
CANONICAL = {
    "default": "default_shipping",
    "country": "country",
    "state": "region",
    "city": "city",
    "address": "street",
    "postal_code": "postal_code",
    "first_name": "first_name",
    "last_name": "last_name",
    "national_code": "national_id",
    "mobile_number": "phone",
    "text": "note",
}
"""The canonical field that each of ours is about, in the order of the schema."""

PLACES: Mapping[str, type[Country] | type[Region] | type[City]] = {
    "country": Country,
    "state": Region,
    "city": City,
}


def decode(wire: Wire, onto: Address | None, *, whole: bool = False) -> Changes:
    """What a body says of a new address, of parts of a known one, or of the `whole`.

    What a client sends back as it was shown is no change, whatever it is; so nothing
    that this API would refuse or cannot show is lost by it. Raises Rejected.
    """
    said, shown = wire, {}
    if onto is not None:
        shown = sendable(encode(onto))
        said = {n: wire[n] for n in wire if not is_shown(wire[n], shown, n)}
    problems: list[Problem] = []
    try:
        loaded = load(BODY, said, partial=optional(wire, onto, shown, whole))
    except ValidationError as error:
        loaded = cast("Wire", error.valid_data or {})
        problems = [
            Problem(CANONICAL[name], told.code, params=told.params)
            for name, several in error.messages_dict.items()
            for told in several
        ]
    if onto is not None:
        loaded = {n: v for n, v in loaded.items() if not is_shown(v, shown, n)}
    changes = canonical(loaded, {} if onto is None else onto.extras)
    if problems:
        raise Rejected(problems, changes)
    return changes


def sendable(shown: Wire) -> dict[str, Any]:
    """What a client would send to say again what it was shown."""
    return {
        name: number_in(shown[f"{name}_data"]) if name in PLACES else shown[name]
        for name in CANONICAL
    }


def number_in(place: Wire | None) -> int | None:
    return place["id"] if place else None


def is_shown(said: Any, shown: Wire, name: str) -> bool:
    """Whether it says what is shown already: true is not 1, and "" is not null."""
    if name not in shown:
        return False
    return type(said) is type(shown[name]) and bool(said == shown[name])


def optional(
    wire: Wire, onto: Address | None, shown: Wire, whole: bool
) -> bool | list[str]:
    """The fields that need not be said: a place that is shown as null is one."""
    if onto is None:
        return False
    if not whole:
        return True
    return [name for name in CANONICAL if name in wire or shown[name] is None]


def canonical(loaded: Wire, extras: Mapping[str, Any]) -> Changes:
    """What the fields say of the canonical ones."""
    changes = blanked(loaded, extras)
    for name, value in loaded.items():
        if name == "default":
            changes |= {"default_billing": value, "default_shipping": value}
        elif name in PLACES:
            changes[CANONICAL[name]] = PLACES[name](id=value)
        elif name == "address":
            changes["street"] = tuple(value.split("\n")) if value else ()
        else:
            changes[CANONICAL[name]] = value or ""
    return changes


def blanked(loaded: Wire, extras: Mapping[str, Any]) -> dict[str, Any]:
    """The extras, if they are to remember otherwise which texts were written as ""."""
    if NAME not in extras and "" not in loaded.values():
        return {}
    blank = dict(extras.get(NAME, {}))
    for name, value in loaded.items():
        if value == "":
            blank[name] = ""
        else:
            blank.pop(name, None)
    if blank == extras.get(NAME, {}):
        return {}
    others = {name: extras[name] for name in extras if name != NAME}
    return {"extras": {**others, NAME: blank} if blank else others}


def encode(address: Address) -> dict[str, Any]:
    """The response's fields, in the order of the page.

    Empty text is null, unless a client of this API wrote it as "": our extras say so.
    """
    country, region, city = address.country, address.region, address.city
    blank = address.extras.get(NAME, {})
    return {
        "id": address.id,
        "default": address.default_shipping,
        "country_data": country
        and {"id": country.id, "name": country.name, "code": country.code},
        "state_data": region
        and {"id": region.id, "name": region.name, "code": region.code},
        "city_data": city and {"id": city.id, "name": city.name},
        "address": "\n".join(address.street) or blank.get("address"),
        "postal_code": address.postal_code or blank.get("postal_code"),
        "first_name": address.first_name or blank.get("first_name"),
        "last_name": address.last_name or blank.get("last_name"),
        "national_code": address.national_id or blank.get("national_code"),
        "mobile_number": address.phone or blank.get("mobile_number"),
        "text": address.note or blank.get("text"),
        "created_at": instant(address.created_at),
        "updated_at": instant(address.updated_at),
    }


@lru_cache(maxsize=4096)
def instant(moment: datetime) -> str:
    """UTC, in microseconds unless there are none."""
    return moment.isoformat().replace("+00:00", "Z")


def encode_country(listed: Listed[Country]) -> dict[str, Any]:
    country = listed.place
    return {"id": country.id, "name": country.name, "code": country.code}


def encode_state(listed: Listed[Region]) -> dict[str, Any]:
    region = listed.place
    return {
        "id": region.id,
        "name": region.name,
        "code": region.code,
        "country": listed.country,
    }


def encode_city(listed: Listed[City]) -> dict[str, Any]:
    return {"id": listed.place.id, "name": listed.place.name, "state": listed.region}
