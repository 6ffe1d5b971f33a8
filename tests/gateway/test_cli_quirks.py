"""Quirks on the command line, over those of the environment."""

import urllib.error
from dataclasses import replace

import click
import pytest

from dialects.base import Quirk
from gateway.cli.quirks import merged
from tests.gateway import toy
from tests.gateway.cli import home, run
from tests.gateway.test_cli_serve import Serve, banner, get, port, serve

__all__ = ["home", "port", "serve"]

QUIRKS = {
    "text": Quirk(source="a test", documented="a", observed="b"),
    "number": Quirk(source="a test", documented=1, observed=2),
}
TOY = replace(toy.DIALECT, quirks=QUIRKS)


@pytest.mark.parametrize(
    ("given", "fidelities", "quirks", "found"),
    [
        ({}, (), (), {}),
        ({"toy": "observed"}, (), (), {"toy": {"fidelity": "observed"}}),
        (
            {"toy": "documented"},
            ("toy=observed",),
            (),
            {"toy": {"fidelity": "observed"}},
        ),
        (
            {"toy": {"text": "c"}},
            ("toy=observed",),
            ("toy.number=3",),
            {"toy": {"text": "c", "fidelity": "observed", "number": 3}},
        ),
        ({"toy": {"text": "c"}}, (), ("toy.text=1",), {"toy": {"text": "1"}}),
        ({}, (), ("toy.text=",), {"toy": {"text": ""}}),
        ({}, (), ("toy.text=a.b=c",), {"toy": {"text": "a.b=c"}}),
        ({}, (), ("toy.number=many",), {"toy": {"number": "many"}}),
        ({"other": "observed"}, (), (), {"other": {"fidelity": "observed"}}),
    ],
)
def test_options_are_put_over_the_environment(
    given: dict[str, object],
    fidelities: tuple[str, ...],
    quirks: tuple[str, ...],
    found: dict[str, object],
) -> None:
    assert merged(given, [TOY], fidelities=fidelities, quirks=quirks) == found


@pytest.mark.parametrize(
    ("fidelities", "quirks"),
    [
        (("observed",), ()),
        (("toys=observed",), ()),
        (("toy",), ()),
        ((), ("toy=1",)),
        ((), ("number=1",)),
        ((), ("toy.number",)),
    ],
)
def test_an_option_that_names_no_dialect_is_told(
    fidelities: tuple[str, ...], quirks: tuple[str, ...]
) -> None:
    with pytest.raises(click.UsageError, match="there are: toy"):
        merged({}, [TOY], fidelities=fidelities, quirks=quirks)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        ("--fidelity=nope=observed", 2, "'nope=observed' names no dialect"),
        ("--fidelity=staff=seen", 1, "the fidelity of staff is 'seen'"),
        ("--quirk=staff.odd=1", 1, "staff has no quirk 'odd'"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_served(
    option: str, code: int, said: str
) -> None:
    result = run("serve", option)

    assert result.exit_code == code
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("home")
def test_a_dialect_is_served_with_its_quirk(
    serve: Serve, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS_GATEWAY_DIALECTS", "bigcommerce")
    process = serve("--port", port, "--quirk", "bigcommerce.plain_text_errors=false")
    banner(process, port)

    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"http://127.0.0.1:{port}/stores/abc/v3/customers/addresses", {})

    assert refused.value.headers["Content-Type"] == "application/json"
    refused.value.close()
