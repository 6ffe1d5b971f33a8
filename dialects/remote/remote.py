"""What every client of a platform can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from core import Changes, CustomerDraft, Draft, PlaceRow, Ref
from dialects.remote.calls import (
    Manner,
    Platform,
    Query,
    RemoteError,
    Reply,
    Unanswered,
)
from dialects.remote.client import Client
from dialects.remote.values import (
    Outcome,
    RemoteAddress,
    RemoteCustomer,
    Wire,
    essence_of_customer,
)

T = TypeVar("T")


class Unfit(Exception):
    """What is to be written cannot be said to the platform; the text says why."""


class Remote(ABC):
    """A platform that speaks a dialect's API, called as a client of it.

    It can be used by several threads, of which one at a time adds to a customer. What
    cannot be done for lack of an answer or a permission raises RemoteError; what the
    platform refuses is an Outcome.
    """

    batch_limit = 1
    """How many addresses are sent in one call."""
    reads_many = False
    """Whether one call reads the addresses of several customers."""
    dates_addresses = False
    """Whether it tells when an address was changed, if only to some keys."""

    def __init__(self, platform: Platform, manner: Manner) -> None:
        self._client = Client(platform, manner)
        self.url = platform.url

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def calls(self) -> int:
        """How many requests were sent."""
        return self._client.calls

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def count(self) -> int | None:
        """How many customers there are, if the platform tells."""
        return None

    @abstractmethod
    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer, or those changed since an instant, as far as that is told.

        A change of an address is none of its customer's.
        """

    @abstractmethod
    def customer(self, ref: Ref) -> RemoteCustomer | None:
        """The customer, if there is one."""

    def customers_of(self, refs: Sequence[Ref]) -> Iterator[RemoteCustomer]:
        """Those of these customers who are there, in as few calls as there can be."""
        return (found for ref in refs if (found := self.customer(ref)) is not None)

    @abstractmethod
    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """Those with the e-mail, or, of a customer without one, of the same name."""

    def find_customer(self, email: str) -> RemoteCustomer | None:
        """The customer with the e-mail, in any case."""
        return next(self.matching_customers(CustomerDraft(email=email)), None)

    def add_customer(
        self, draft: CustomerDraft, known: Collection[Ref] | None = None
    ) -> Outcome:
        """Add a customer; one whose e-mail is there already is a duplicate.

        `known` are those with this e-mail, or name: who has looked spares a call.
        """
        try:
            wire = self._customer_wire(draft)
        except Unfit as unfit:
            return Outcome(problem=str(unfit))
        if known is None:
            matching = [one.ref for one in self.matching_customers(draft)]
            if draft.email and matching:
                problem = "a customer with this e-mail is there already"
                return Outcome(ref=matching[0], problem=problem, is_duplicate=True)
            known = matching

        def look() -> Outcome | None:
            wanted = essence_of_customer(draft)
            for one in self.matching_customers(draft):
                if one.ref not in known and essence_of_customer(one.customer) == wanted:
                    return Outcome(ref=one.ref, status=200)
            return None

        return written(lambda: self._created(lambda: self._send_customer(wire), look))

    @abstractmethod
    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        """Change canonical fields of a customer, and nothing else."""

    def remove_customer(self, ref: Ref) -> Outcome:
        """Remove a customer with all addresses; who is not there is removed.

        Raises NotImplementedError where the API has no such operation.
        """
        raise NotImplementedError

    @abstractmethod
    def addresses(self, customer_ref: Ref) -> Iterator[RemoteAddress]:
        """Every address of a customer; of one who is not there, none."""

    def addresses_of(self, customer_refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        """Every address of several customers, in as few calls as there can be."""
        for ref in customer_refs:
            yield from self.addresses(ref)

    @abstractmethod
    def address(self, customer_ref: Ref, ref: Ref) -> RemoteAddress | None:
        """The address, if it is there."""

    def add_addresses(
        self,
        customer_ref: Ref,
        drafts: Sequence[Draft],
        known: Collection[Ref] | None = None,
    ) -> list[Outcome]:
        """Add addresses to a customer, in order, and tell what came of each.

        `known` are all that are there before: who has looked spares a call.
        """
        if known is None:
            known = [one.ref for one in self.addresses(customer_ref)] if drafts else []
        there = set(known)
        outcomes = []
        for draft in drafts:
            outcome = self._add_address(customer_ref, draft, there)
            if outcome.ref is not None:
                there.add(outcome.ref)
            outcomes.append(outcome)
        return outcomes

    @abstractmethod
    def update_address(self, customer_ref: Ref, ref: Ref, changes: Changes) -> Outcome:
        """Change canonical fields of an address, and nothing else."""

    @abstractmethod
    def remove_addresses(self, customer_ref: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        """Remove addresses of a customer; what is not there is removed."""

    def places(self) -> Iterator[PlaceRow]:
        """The platform's own numbers of places, where it lists them."""
        return iter(())

    def take_places(self, rows: Sequence[PlaceRow]) -> None:
        """Know places by these numbers, where the API has numbers and no list."""
        return

    def _customer_wire(self, draft: CustomerDraft) -> Wire:
        """The body that creates a customer. Raises Unfit."""
        raise NotImplementedError

    def _send_customer(self, wire: Wire) -> Outcome:
        """What comes of one attempt to create a customer."""
        raise NotImplementedError

    def _address_wire(self, draft: Draft) -> Wire:
        """The body that creates an address. Raises Unfit."""
        raise NotImplementedError

    def _send_address(self, customer_ref: Ref, wire: Wire) -> Outcome:
        """What comes of one attempt to create an address."""
        raise NotImplementedError

    def _essence(self, wire: Wire) -> tuple[str, ...]:
        """What an address says, as it is sent or shown, however it is spelled."""
        raise NotImplementedError

    def _add_address(
        self, customer_ref: Ref, draft: Draft, there: Collection[Ref]
    ) -> Outcome:
        try:
            wire = self._address_wire(draft)
        except Unfit as unfit:
            return Outcome(problem=str(unfit))

        def look() -> Outcome | None:
            wanted = self._essence(wire)
            for one in self.addresses(customer_ref):
                if one.ref not in there and self._essence(one.raw) == wanted:
                    return Outcome(ref=one.ref, status=200)
            return None

        return written(
            lambda: self._created(lambda: self._send_address(customer_ref, wire), look)
        )

    def _created(self, send: Callable[[], T], look: Callable[[], T | None]) -> T:
        """What `send` gives, which creates something. Raises RemoteError.

        When the answer to one attempt was lost, `look` is asked before the next, and
        after the last, whether it arrived.
        """
        is_lost = False

        def attempt() -> T:
            nonlocal is_lost
            found = self._found(look) if is_lost else None
            if found is not None:
                return found
            try:
                return send()
            except Unanswered as unanswered:
                is_lost = is_lost or unanswered.is_lost
                raise

        try:
            return self._client.repeat(attempt)
        except Unanswered:
            found = self._found(look) if is_lost else None
            if found is None:
                raise
            return found

    def _found(self, look: Callable[[], T | None]) -> T | None:
        """What `look` finds; where it cannot, nothing is repeated."""
        try:
            return look()
        except Unanswered as error:
            words = f"whether the last create arrived is not known: {error.words}"
            told = error.platform, error.operation, words, error.status
            raise RemoteError(*told) from error

    def _read(self, path: str, query: Query = (), *, needed: bool = False) -> Any:
        """What the platform shows; None where there is nothing, unless it is needed.

        Raises RemoteError.
        """
        reply = self._client.call("GET", path, query)
        if reply.status == 404 and not needed:
            return None
        if not reply.is_success:
            self._client.refuse(f"GET {path}", reply)
        return reply.body

    def _write(
        self, method: str, path: str, ref: Ref, body: Any = None, query: Query = ()
    ) -> Outcome:
        """What comes of a change, or of a removal, which may be made twice."""

        def write() -> Outcome:
            reply = self._client.call(method, path, query, body)
            if reply.is_success or (method == "DELETE" and reply.status == 404):
                return Outcome(ref=ref, status=reply.status)
            return self._problem(reply, ref)

        return written(write)

    def _problem(self, reply: Reply, ref: Ref | None = None) -> Outcome:
        """The outcome of a refusal."""
        words = self._client.words(reply) or f"status {reply.status}"
        return Outcome(ref=ref, problem=words, status=reply.status)


def written(write: Callable[[], Outcome]) -> Outcome:
    """What comes of a write. One that always ends in a 500 is refused: others may not.

    Raises RemoteError where the platform itself cannot be reached.
    """
    try:
        return write()
    except Unanswered as error:
        if error.status != 500:
            raise
        return Outcome(problem=error.words or "status 500", status=500)
