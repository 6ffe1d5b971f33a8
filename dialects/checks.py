"""How a server that claims to speak a dialect's API is checked from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from core import Address, Customer, PlaceRow


@dataclass(frozen=True, slots=True)
class Check:
    """A request that any server of the API can be asked, and who told the answer.

    `call` is a method and a path below the root. In it and in `body` what stands in
    braces is filled in by what is known. A body that is no text is sent as JSON.
    `key` is the scope of the caller's key: "main" is the key that may do the most,
    "none" stands for no key and "unknown" for one that nobody has. Where it
    `is_sample`, the answer shows what only the other server holds, and its shape alone
    counts. A check that `writes` is not for a shop that must stay as it is; the id that
    its answer tells is known as `makes`, and behind "new_", and `undo` is the call that
    removes it, or undoes what else was done. `root` is another than the dialect's own.
    """

    name: str
    call: str
    source: str
    _: KW_ONLY
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    key: str = "main"
    is_sample: bool = False
    writes: bool = False
    makes: str = ""
    undo: str = ""
    undo_body: Any = None
    root: str = ""


Ask = Callable[[str], Any]
"""What a server answers to a GET of a path below the root; None if it refuses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a server shows of a customer, and what is known from it for checks.

    `places` are as in `Fixtures`. `texts` are the addresses as shown, under their ids
    as these stand in paths.
    """

    customers: Sequence[Customer] = ()
    addresses: Sequence[Address] = ()
    places: Sequence[PlaceRow] | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """All that can be asked, and what is to be known to ask it.

    `endpoints` are, for the names of what is documented, methods and paths:
    "GET /api/customers/<id>".
    `look` reads what a server shows of a customer. `made` is the id that the answer to
    a create tells, by its headers (names in small letters) and its parsed body, and
    `remove` the call that removes the address `{id}` of the `{customer}`. `headers` are
    those of an answer that are the API's own. `customer` says what is to be given as
    the customer's id. Where the headers of a key are not enough, `sign` gives those of
    a key, its application's, and an `Unsigned` request.
    """

    all: Sequence[Check]
    look: Callable[[Ask, str], Seen]
    made: Callable[[Mapping[str, str], Any], Any]
    remove: str
    customer: str
    headers: Sequence[str] = ("Content-Type",)
    sign: Callable[..., Mapping[str, str]] | None = None
    endpoints: Mapping[str, Sequence[str]] = field(default_factory=dict)
