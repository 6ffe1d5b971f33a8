"""A client of the control side, which needs no other module of the gateway's.

    with Gateway("http://127.0.0.1:8081/_gateway", token).shop() as shop:
        session = shop.session("easel")

The pytest fixture gives such a shop where a package of the project's own hides one of
the gateway's: the gateway is a process of its own then. What a shop can do is what
`gateway.local_shop.LocalShop` can, and things are the objects of the control API.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from address_gateway_client.calls import Calls, ControlError, Thing
from address_gateway_client.shop import Shop

__all__ = ["ControlError", "Gateway", "Shop", "Thing"]


class Gateway(Calls):
    """A gateway that is served with a control side."""

    @contextmanager
    def shop(self, **said: Any) -> Iterator[Shop]:
        """A new shop, gone with everything in it when it is left.

        `hash`, `name`, `seed` and `quirks` may be said of it. Raises ControlError.
        """
        shop = Shop(self, self.ask("POST", "/shops", said))
        try:
            with shop.sessions:
                yield shop
        finally:
            self.ask("DELETE", f"/shops/{shop.shop}")
