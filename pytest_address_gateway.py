"""The pytest plugin: `address_gateway`, a shop of each test's own on a served gateway.

Nothing is imported, and nothing started, before a test asks for it. The module is no
part of the package `gateway`, which a project of its user may have one called like:
then, and where it has a `core` or `dialects`, the gateway is a process of its own.
"""

import sys
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gateway.local_shop import LocalShop

MARKER = (
    "address_gateway(fidelity, quirks): what the gateway does where documentation and"
    ' platform differ; fidelity is "documented" or "observed", or one for each dialect,'
    " and quirks has values by name for each dialect."
)
SHOP = pytest.StashKey[Any]()
APART = "address_gateway_apart"
OURS = ("core", "dialects", "gateway")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the setting."""
    parser.addini(APART, "serve the gateway as a process of its own", "bool", False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a test that fails what its shop was asked."""
    report = yield
    shop = item.stash.get(SHOP, None)
    if shop is not None and report.failed:
        report.sections.append(("gateway journal", shop.told()))
    return report


def is_hidden(name: str) -> bool:
    """Whether another package than the gateway's is found under the name."""
    module = sys.modules.get(name)
    try:
        spec = module.__spec__ if module else find_spec(name)
    except ValueError:
        spec = None
    places = spec.submodule_search_locations if spec else None
    home = Path(__file__).resolve().parent
    return not any(Path(one).resolve().parent == home for one in places or ())


@pytest.fixture(scope="session")
def _address_gateways(pytestconfig: pytest.Config) -> Iterator[Any]:
    """The gateways of this process: one for each fidelity that tests ask for."""
    if pytestconfig.getini(APART) or any(map(is_hidden, OURS)):
        from address_gateway_client.process import Processes

        with Processes() as processes:
            yield processes
        return
    from gateway.local import LocalGateways

    with LocalGateways() as gateways:
        yield gateways


@pytest.fixture
def address_gateway(
    request: pytest.FixtureRequest, _address_gateways: Any
) -> Iterator["LocalShop"]:
    """A shop of this test's own, with a key for each scope of every dialect."""
    marker = request.node.get_closest_marker("address_gateway")
    wrong = ""
    try:
        gateway = _address_gateways.get(**(marker.kwargs if marker else {}))
    except ValueError as error:
        wrong = f"the marker address_gateway: {error}"
    if wrong:
        pytest.fail(wrong, pytrace=False)
    with gateway.shop() as shop:
        request.node.stash[SHOP] = shop
        yield shop
