"""The demo shop: fixed customers, addresses and keys, to try the gateway with."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from core import NotFound, Shop, Store
from core.instants import EPOCH
from dialects.base import Credential
from gateway.seed import Seed, plant, seed_from_json


def demo_seed() -> Seed:
    """The demo shop's data, as shipped in demo.json."""
    text = (files("gateway") / "demo.json").read_text("utf-8")
    return seed_from_json(text, now=EPOCH)


def demo_keys() -> Mapping[str, Sequence[Credential]]:
    """The demo keys under their dialects' names; the first is the one to try."""
    return demo_seed().keys


def find_demo(store: Store) -> Shop | None:
    """The demo shop, if the store has it."""
    try:
        return store.shop(demo_seed().hash)
    except NotFound:
        return None


def create_demo(store: Store, *, reset: bool = False) -> bool:
    """Make the demo shop; whether there was anything to do.

    A shop that is there is left as it is, unless it is to be made anew.
    """
    present = find_demo(store)
    if present and not reset:
        return False
    if present:
        store.remove_shop(present)
    plant(store, demo_seed(), are_demo=True)
    return True
