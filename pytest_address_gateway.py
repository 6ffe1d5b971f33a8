"""The pytest plugin: `address_gateway`, a shop of each test's own on a served gateway.

Nothing is imported, and nothing started, before a test asks for it. The module is no
part of the package `gateway`, which a project of its user may have one called like.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.local import LocalGateways
    from gateway.local_shop import LocalShop

MARKER = (
    "address_gateway(fidelity, quirks): what the gateway does where documentation and"
    ' platform differ; fidelity is "documented" or "observed", or one for each dialect,'
    " and quirks has values by name for each dialect."
)
SHOP = pytest.StashKey["LocalShop"]()


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


@pytest.fixture(scope="session")
def _address_gateways() -> Iterator["LocalGateways"]:
    """The gateways of this process: one for each fidelity that tests ask for."""
    from gateway.local import LocalGateways

    with LocalGateways() as gateways:
        yield gateways


@pytest.fixture
def address_gateway(
    request: pytest.FixtureRequest, _address_gateways: "LocalGateways"
) -> Iterator["LocalShop"]:
    """A shop of this test's own, with a key for each scope of every dialect."""
    from gateway.local import SettingError

    marker = request.node.get_closest_marker("address_gateway")
    wrong = ""
    try:
        gateway = _address_gateways.get(**(marker.kwargs if marker else {}))
    except SettingError as error:
        wrong = f"the marker address_gateway: {error}"
    if wrong:
        pytest.fail(wrong, pytrace=False)
    with gateway.shop() as shop:
        request.node.stash[SHOP] = shop
        yield shop
