"""Dialects are found by their entry points."""

from importlib.metadata import EntryPoint

import pytest

from dialects.easel import DIALECT as EASEL
from gateway import registry
from gateway.registry import RegistryError
from tests.gateway.toy import DIALECT as TOY

TOY_POINT = EntryPoint("toy", "tests.gateway.toy:DIALECT", registry.GROUP)
EASEL_POINT = EntryPoint("easel", "dialects.easel:DIALECT", registry.GROUP)


def test_dialects_come_in_the_order_of_their_names() -> None:
    found = registry.load(found=[TOY_POINT, EASEL_POINT])

    assert found == [EASEL, TOY]


def test_only_the_named_dialects_are_loaded() -> None:
    found = registry.load(["toy"], found=[TOY_POINT, EASEL_POINT])

    assert found == [TOY]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(RegistryError, match="there are: easel, toy"):
        registry.load(["shopify"], found=[TOY_POINT, EASEL_POINT])


def test_two_packages_cannot_have_one_name() -> None:
    other = EntryPoint("toy", "elsewhere:DIALECT", registry.GROUP)

    with pytest.raises(RegistryError, match="uninstall one"):
        registry.load(found=[TOY_POINT, other])


def test_no_dialect_at_all_asks_whether_the_package_is_installed() -> None:
    with pytest.raises(RegistryError, match="is the package installed"):
        registry.load(found=[])


def test_our_dialects_are_registered_as_a_strangers_would_be() -> None:
    names = [dialect.name for dialect in registry.load()]

    assert names == ["bigcommerce", "easel", "openmage", "staff"]
