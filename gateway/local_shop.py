"""A shop for one test of a client: where it is, how to sign in, what came of it."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core import Address, Customer
from dialects.base import Credential
from gateway.control import Control, Sandbox
from gateway.control.adding import add_address, add_customer
from gateway.control.clock import Clock
from gateway.control.faults import Faults
from gateway.control.journal import Journal
from gateway.control.telling import told
from gateway.local_session import new_session

if TYPE_CHECKING:
    from requests import Session


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class LocalShop:
    """One shop of a gateway that this process serves; `sandbox` has all of it."""

    control: Control
    sandbox: Sandbox
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def shop(self) -> str:
        """Its public name, which some APIs have in their paths."""
        return self.sandbox.hash

    @property
    def credentials(self) -> Mapping[str, Mapping[str, Credential]]:
        """The keys, under the names of the dialects and of their scopes."""
        return self.sandbox.credentials

    @property
    def journal(self) -> Journal:
        """What was asked of the shop, and answered."""
        return self.sandbox.journal

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self.sandbox.faults

    @property
    def clock(self) -> Clock:
        """The shop's time."""
        return self.sandbox.clock

    def url(self, dialect: str) -> str:
        """Where the dialect is, without a slash at the end. Raises ControlError."""
        self.sandbox.headers(dialect)
        return self.sandbox.base_urls[dialect]

    def headers(self, dialect: str, scope: str = "") -> Mapping[str, str]:
        """The headers of a client with the key of the scope, or of the first scope.

        Raises ControlError.
        """
        return self.sandbox.headers(dialect, scope)

    def session(self, dialect: str, scope: str = "") -> "Session":
        """A session of `requests` that signs in with that key, until the test ends.

        Raises ControlError, and ImportError without `requests`.
        """
        self.sandbox.headers(dialect, scope)
        wanted = scope or self.control.dialects[dialect].scopes[0]
        key = self.credentials[dialect][wanted]
        return self._open.enter_context(new_session(self.sandbox, dialect, key))

    def seed(self, seed: str | bytes | Mapping[str, Any]) -> None:
        """Let the shop hold what the seed says, and nothing else. Raises SeedError."""
        self.sandbox.seed(seed)

    def add_customer(self, **fields: Any) -> Customer:
        """Store a customer, said as a seed says it. Raises SeedError."""
        return add_customer(self.sandbox, fields)[0]

    def add_address(self, customer: Customer | int, **fields: Any) -> Address:
        """Store an address of the customer's, said as a seed says it.

        Raises SeedError, and ControlError without such a customer.
        """
        number = customer.id if isinstance(customer, Customer) else customer
        return add_address(self.sandbox, number, fields)

    def told(self) -> str:
        """The last that was asked of the shop, and of no shop, for a person to read."""
        return told(self.journal, self.control.strays)

    def __repr__(self) -> str:
        return f"<shop {self.shop} at {self.control.origin}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._open.close()
