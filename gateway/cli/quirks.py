"""What a command line says about quirks, over what the environment says."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dialects.base import Dialect

fidelity_option = click.option(
    "--fidelity",
    "fidelities",
    metavar="DIALECT=FIDELITY",
    multiple=True,
    help="Answer as is `documented`, or as was `observed`.",
)
quirk_option = click.option(
    "--quirk",
    "quirks",
    metavar="DIALECT.QUIRK=VALUE",
    multiple=True,
    help="Set one quirk of a dialect.",
)


def merged(
    given: Mapping[str, Any],
    dialects: "Sequence[Dialect]",
    *,
    fidelities: Sequence[str],
    quirks: Sequence[str],
) -> Mapping[str, Any]:
    """The given settings of dialects, with what the two options say put over them."""
    known = {dialect.name: dialect for dialect in dialects}
    found = {name: as_settings(value) for name, value in given.items()}
    for option in fidelities:
        name, _, fidelity = option.partition("=")
        named(known, name, option)
        found.setdefault(name, {})["fidelity"] = fidelity
    for option in quirks:
        name, _, rest = option.partition(".")
        quirk, _, text = rest.partition("=")
        dialect = named(known, name, option)
        found.setdefault(name, {})[quirk] = quirk_value(dialect, quirk, text)
    return found


def as_settings(value: Any) -> dict[str, Any]:
    """What is given for a dialect: its fidelity alone, or its quirks by name."""
    return {"fidelity": value} if isinstance(value, str) else dict(value)


def named(known: "Mapping[str, Dialect]", name: str, option: str) -> "Dialect":
    """The dialect that an option names."""
    if name not in known or "=" not in option:
        names = ", ".join(known)
        raise click.UsageError(
            f"{option!r} names no dialect and its setting; there are: {names}"
        )
    return known[name]


def quirk_value(dialect: "Dialect", name: str, text: str) -> Any:
    """The text, or what it is in JSON for a quirk that is no text."""
    quirk = dialect.quirks.get(name)
    if quirk is None or isinstance(quirk.documented, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
