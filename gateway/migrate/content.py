"""What an address or a customer says, to be hashed, compared and put into words.

Content is what is canonical and no id: texts, places by code and name, and the extras.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from core import (
    City,
    Country,
    CustomerDraft,
    Draft,
    Gender,
    Kind,
    Region,
    email_key,
    fold,
)

Content = Mapping[str, Any]

ADDRESS = tuple(one.name for one in fields(Draft) if one.name != "customer_id")
CUSTOMER = tuple(one.name for one in fields(CustomerDraft))
ROLES = ("default_billing", "default_shipping")
SHORTEST_CUT = 100
"""What is shorter than so many letters was not cut off by a platform."""
UNTOLD = ("extras", *ROLES)
"""What does not tell one address from another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A field with both values, and the rule that explains it; "" if it is a loss."""

    field: str
    source: Any
    target: Any
    rule: str = ""

    def as_value(self) -> dict[str, Any]:
        """The difference for JSON."""
        told = {"field": self.field, "source": self.source, "target": self.target}
        return {**told, "rule": self.rule} if self.rule else told


def content_of(thing: Draft | CustomerDraft) -> dict[str, Any]:
    """What it says, in JSON's types. What is empty is left out."""
    names = ADDRESS if isinstance(thing, Draft) else CUSTOMER
    said = {name: plain(name, getattr(thing, name)) for name in names}
    is_active = said.pop("is_active", True)
    found = {name: value for name, value in said.items() if value}
    return found if is_active else {**found, "is_active": False}


def plain(name: str, value: Any) -> Any:
    """A field's value in JSON's types."""
    if value is None or isinstance(value, bool):
        return value
    if name == "country":
        return value.code
    if name == "region":
        return [value.code, value.name] if value.code or value.name else None
    if name == "city":
        return value.name
    if name == "street":
        return list(value)
    if name == "extras":
        return {key: one for key, one in value.items() if one}
    return str(value)


def draft_of(content: Content) -> Draft:
    """The address that says this."""
    said = {name: content[name] for name in ADDRESS if name in content}
    code, name = said.pop("region", ("", ""))
    country, city = said.pop("country", ""), said.pop("city", "")
    return Draft(
        **{
            **said,
            "street": tuple(said.get("street", ())),
            "country": Country(code=country) if country else None,
            "region": Region(code=code, name=name) if code or name else None,
            "city": City(name=city) if city else None,
            "kind": Kind(said["kind"]) if "kind" in said else None,
        }
    )


def customer_of(content: Content) -> CustomerDraft:
    """The customer who says this."""
    said = {name: content[name] for name in CUSTOMER if name in content}
    if "birth_date" in said:
        said["birth_date"] = date.fromisoformat(said["birth_date"])
    if "gender" in said:
        said["gender"] = Gender(said["gender"])
    return CustomerDraft(**said)


def digest(content: Content) -> str:
    """The hash of a content, the same however it was put together."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def compare(
    source: Content, target: Content, untold: Collection[str]
) -> list[Difference]:
    """Where the target says otherwise; `untold` are fields of which the source's
    platform tells nothing, or not all, so that nothing in them means nothing."""
    found = []
    for name in sorted({*source, *target} - {"extras"}):
        ours, theirs = source.get(name), target.get(name)
        if ours == theirs or (not ours and name in untold):
            continue
        rule = next((why for why, same in RULES if same(name, ours, theirs)), "")
        found.append(Difference(field=name, source=ours, target=theirs, rule=rule))
    return [*found, *different_extras(source, target)]


def different_extras(source: Content, target: Content) -> list[Difference]:
    """What the source keeps for a dialect and the target does not have so."""
    kept = target.get("extras") or {}
    return [
        Difference(field="extras", source={name: one}, target=kept.get(name))
        for name, one in (source.get("extras") or {}).items()
        if kept.get(name) != one
    ]


def spelled(name: str, value: Any) -> str:
    """A text, or the lines of a street as one."""
    if name == "region" and value:
        return str(value[1] or value[0])
    return " ".join(value) if isinstance(value, list) else str(value or "")


def is_trimmed(name: str, ours: Any, theirs: Any) -> bool:
    return spelled(name, ours).split() == spelled(name, theirs).split()


def is_cased(name: str, ours: Any, theirs: Any) -> bool:
    if name == "email":
        return email_key(str(ours or "")) == email_key(str(theirs or ""))
    return fold(spelled(name, ours)) == fold(spelled(name, theirs))


def is_same_region(name: str, ours: Any, theirs: Any) -> bool:
    if name != "region" or not ours or not theirs:
        return False
    return bool({fold(text) for text in ours if text} & {fold(t) for t in theirs if t})


def is_ordinary_kind(name: str, ours: Any, theirs: Any) -> bool:
    return name == "kind" and {ours, theirs} == {None, "residential"}


def is_given_role(name: str, ours: Any, theirs: Any) -> bool:
    return name in ROLES and not ours and bool(theirs)


def has_same_letters(name: str, ours: Any, theirs: Any) -> bool:
    mine, other = (letters(spelled(name, value)) for value in (ours, theirs))
    return bool(other) and mine == other


def letters(text: str) -> str:
    """The letters and digits that every platform keeps."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum() and c <= "\uffff")


def is_cut(name: str, ours: Any, theirs: Any) -> bool:
    """Whether the target has a long text's beginning, without the rest."""
    mine, other = (letters(spelled(name, value)) for value in (ours, theirs))
    return len(other) >= SHORTEST_CUT and mine.startswith(other) and mine != other


RULES: tuple[tuple[str, Callable[[str, Any, Any], bool]], ...] = (
    ("lines joined, or blanks changed", is_trimmed),
    ("the region by another of its names", is_same_region),
    ("case or accents changed", is_cased),
    ("without a kind it is residential", is_ordinary_kind),
    ("the platform gives the role to an address of itself", is_given_role),
    ("the same letters and digits", has_same_letters),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Losses:
    """What the ends do not keep: fields with the reasons, and what is never told.

    `untold` are the fields of which the source tells nothing, or not all. `own` is the
    dialect whose extras the target keeps.
    """

    declared: Mapping[str, str]
    untold: Collection[str] = ()
    own: str = ""

    def reason(self, one: Difference) -> str:
        """Why the target says otherwise; "" if that is not as the target declares.

        Of what is declared nothing arrives; a text that goes on is cut off.
        """
        if one.rule:
            return one.rule
        if one.field == "extras":
            is_as_told = is_less(one.source, {self.own: one.target}, self.own)
            return self.declared.get("extras", "") if is_as_told else ""
        if one.field in self.declared and not one.target:
            # Lines are joined, which is a rule: a street never goes.
            return "" if one.field == "street" else self.declared[one.field]
        is_shortened = is_cut(one.field, one.source, one.target)
        return "it is cut off" if is_shortened else ""

    def unexplained(self, said: Content, found: Content) -> list[Difference]:
        """Where the target says otherwise, and nothing explains why."""
        differences = compare(said, found, self.untold)
        return [one for one in differences if not self.reason(one)]


def is_less(source: Any, target: Mapping[str, Any], own: str) -> bool:
    """Whether of a dialect's extras nothing is there, or, of its own, less."""
    [(name, said)] = source.items()
    found = target[own]
    if not found:
        return True
    if name != own or not (isinstance(said, dict) and isinstance(found, dict)):
        return False
    return all(not found.get(key) or found[key] == one for key, one in said.items())


ALIKE = (*(same for _, same in RULES), is_cut)


def is_alike(ours: Content, theirs: Content, silent: Collection[str]) -> bool:
    """Whether they may be one address; a field that is `silent` may be empty."""
    for name in {*ours, *theirs}.difference(UNTOLD):
        mine, other = ours.get(name), theirs.get(name)
        if mine == other or (name in silent and not (mine and other)):
            continue
        if name == "is_active" or not any(same(name, mine, other) for same in ALIKE):
            return False
    return True


def distance(ours: Content, theirs: Content) -> int:
    """In how many fields they differ, to choose among those that are alike."""
    return sum(ours.get(name) != theirs.get(name) for name in {*ours, *theirs})
