"""A client of a shop that speaks OpenMage's REST API, for an administrator's token.

It asks for JSON. Customers are asked for by their ids, in order: a page beyond the last
repeats the last (observed). A list of addresses is always whole (observed).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from oauthlib.oauth1 import Client as Signer

from core import Changes, City, CustomerDraft, Draft, Ref, Region, email_key
from dialects.base import Credential
from dialects.openmage import customer_schemas, regions, schemas
from dialects.openmage.attributes import ATTRIBUTES, DEFAULTS
from dialects.openmage.customer_attributes import FORM
from dialects.openmage.quirks import NAME
from dialects.remote import (
    Manner,
    Outcome,
    Platform,
    Remote,
    RemoteAddress,
    RemoteCustomer,
    RemoteError,
    Reply,
    Unanswered,
    Wire,
    as_address,
    as_customer,
    differing,
    essential,
    instant,
    root_url,
)

PAGE = 100
"""The most customers of a page; there are 10 unless told."""

# Behind nginx and PHP-FPM a create's 200 comes out as a redirect (observed).
CREATED = (200, 201, 302)
EMAIL_TAKEN = "This customer email already exists"
CLOSING = "Resource data pre-validation error."
CODES = tuple(attribute.code for attribute in ATTRIBUTES)
CUSTOMER_CODES = tuple(attribute.code for attribute in FORM)


class OpenMageRemote(Remote):
    """A shop, by an access token of an administrator and the application's key."""

    dates_addresses = True

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        consumer: Credential | None = None,
        *,
        manner: Manner | None = None,
    ) -> None:
        if consumer is None:
            raise ValueError("OAuth 1.0a needs the application's key and secret")
        signer = Signer(
            consumer.token,
            client_secret=consumer.secret,
            resource_owner_key=credential.token,
            resource_owner_secret=credential.secret,
        )

        def sign(method: str, url: str) -> dict[str, str]:
            _, headers, _ = signer.sign(url, http_method=method)
            return dict(headers)

        platform = Platform(
            name=NAME,
            url=root_url(base_url, "/api/rest"),
            sign=sign,
            words=words,
            stands=stands,
            secrets=(consumer.secret, credential.secret, credential.token),
        )
        super().__init__(platform, manner or Manner())

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        changed = []
        if since:
            moment = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
            changed = condition(2, "updated_at", "gteq", moment)
        last = 0
        while True:
            query = [*condition(1, "entity_id", "gt", last), *changed]
            page = self._listed(query)
            yield from page
            if len(page) < PAGE:
                return
            reached = max(ref(one.raw) for one in page)
            if reached <= last:
                told = f"its list does not go on after {last}"
                raise RemoteError(NAME, "GET /customers", told)
            last = reached

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        wire = self._read(f"/customers/{quote(str(ref), safe='')}")
        return None if wire is None else customer_from(wire)

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """An e-mail is required of every customer."""
        if not customer.email:
            return
        for found in self._listed(condition(1, "email", "eq", customer.email)):
            if email_key(found.customer.email) == email_key(customer.email):
                yield found

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        known = self.customer(ref)
        if known is None:
            return Outcome(ref=ref, problem="Resource not found.", status=404)
        wanted = replace(known.customer, **changes)
        wire = customer_schemas.encode(as_customer(wanted))
        whole = {code: wire.get(code) for code in CUSTOMER_CODES}
        said = differing(whole, known.raw)
        said.pop("website_id", None)
        return self._put(f"/customers/{ref}", ref, said)

    def remove_customer(self, ref: Ref) -> Outcome:
        return self._write("DELETE", f"/customers/{ref}", ref)

    def addresses(self, customer_ref: Ref) -> Iterator[RemoteAddress]:
        """Oldest first, whichever way the platform lists them."""
        shown = self._read(f"/customers/{customer_ref}/addresses") or ()
        found = [address_from(wire, customer_ref) for wire in entries(shown)]
        yield from sorted(found, key=lambda one: ref(one.raw))

    def address(self, customer_ref: Ref, ref: Ref) -> RemoteAddress | None:
        wire = self._read(f"/customers/addresses/{ref}")
        return None if wire is None else address_from(wire, customer_ref)

    def update_address(self, customer_ref: Ref, ref: Ref, changes: Changes) -> Outcome:
        """A default role cannot be taken away, only given to another address."""
        known = self.address(customer_ref, ref)
        if known is None:
            return Outcome(ref=ref, problem="Resource not found.", status=404)
        wire = schemas.encode(as_address(replace(known.draft, **changes)))
        whole = {code: wire.get(code) for code in (*CODES, *DEFAULTS)}
        said = differing(whole, known.raw)
        said = {code: v for code, v in said.items() if v or code not in DEFAULTS}
        if not said.keys().isdisjoint({"country_id", "region"}):
            said |= {code: whole[code] for code in ("country_id", "region")}
        return self._put(f"/customers/addresses/{ref}", ref, said)

    def remove_addresses(self, customer_ref: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        """A default address is refused."""
        return [
            self._write("DELETE", f"/customers/addresses/{ref}", ref) for ref in refs
        ]

    def _listed(self, query: Sequence[tuple[str, object]]) -> list[RemoteCustomer]:
        order = [("order", "entity_id"), ("dir", "asc"), ("limit", PAGE)]
        shown = self._read("/customers", [*query, *order], needed=True)
        return [customer_from(wire) for wire in entries(shown)]

    def _put(self, path: str, ref: Ref, said: Wire) -> Outcome:
        if not said:
            return Outcome(ref=ref, status=200)
        return self._write("PUT", path, ref, said)

    def _customer_wire(self, draft: CustomerDraft) -> Wire:
        wire = customer_schemas.encode(as_customer(draft))
        return {c: wire[c] for c in CUSTOMER_CODES if wire.get(c) is not None}

    def _send_customer(self, wire: Wire) -> Outcome:
        outcome = self._send("/customers", wire)
        return replace(outcome, is_duplicate=EMAIL_TAKEN in outcome.problem)

    def _address_wire(self, draft: Draft) -> Wire:
        wire = schemas.encode(as_address(draft))
        return {code: wire[code] for code in (*CODES, *DEFAULTS) if wire.get(code)}

    def _send_address(self, customer_ref: Ref, wire: Wire) -> Outcome:
        return self._send(f"/customers/{customer_ref}/addresses", wire)

    def _send(self, path: str, wire: Wire) -> Outcome:
        """What comes of a create: its answer is empty, and tells where to look."""
        reply = self._client.attempt("POST", path, body=wire, redirects=CREATED)
        if reply.status not in CREATED:
            return self._problem(reply)
        number = reply.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not number.isdecimal():
            told = "the answer does not tell where it lies"
            raise Unanswered(NAME, f"POST {path}", told, reply.status, is_lost=True)
        return Outcome(ref=int(number), status=reply.status)

    def _essence(self, wire: Wire) -> tuple[str, ...]:
        """A region is shown by its name, whether it was sent so or by its code."""
        return tuple(essential(wire.get(code)) for code in CODES if code != "region")


def condition(
    place: int, attribute: str, operator: str, value: object
) -> list[tuple[str, object]]:
    """The parameters of a filter: `filter[1][attribute]=email&filter[1][eq]=...`."""
    return [
        (f"filter[{place}][attribute]", attribute),
        (f"filter[{place}][{operator}]", value),
    ]


def entries(shown: Any) -> list[Wire]:
    """The entries of a list; that of customers is an object unless it is empty."""
    return list(shown.values() if isinstance(shown, dict) else shown)


def ref(wire: Wire) -> int:
    """The id in what is shown. Raises RemoteError where it is kept back."""
    if "entity_id" not in wire:
        told = "the role may not read entity_id; allow it all attributes"
        raise RemoteError(NAME, "GET", told)
    return int(wire["entity_id"])


def customer_from(wire: Wire) -> RemoteCustomer:
    """A customer as shown; a gender that the shop has added is left out."""
    said = {code: value for code, value in wire.items() if value is not None}
    if str(said.get("gender")) not in customer_schemas.GENDERS.values():
        said.pop("gender", None)
    return RemoteCustomer(
        ref=ref(wire),
        customer=CustomerDraft(**customer_schemas.decode(said, None)),
        created_at=instant(wire.get("created_at")),
        updated_at=instant(wire.get("updated_at")),
        raw=wire,
    )


def address_from(wire: Wire, customer_ref: Ref) -> RemoteAddress:
    """An address as shown: with all its lines, and its region by code and name."""
    made = dict(schemas.decode(wire, None))
    street = wire.get("street") or ()
    made["street"] = (street,) if isinstance(street, str) else tuple(street)
    made["city"] = City(name=wire["city"]) if wire.get("city") else None
    if name := wire.get("region"):
        known = regions.find(wire.get("country_id") or "", name)
        made["region"] = Region(code=known.iso if known else "", name=name)
    nulls = {code: "" for code, value in wire.items() if value is None}
    made["extras"] = schemas.with_nulls(made.get("extras", {}), nulls)
    return RemoteAddress(
        ref=ref(wire),
        customer_ref=customer_ref,
        draft=Draft(**made),
        created_at=instant(wire.get("created_at")),
        updated_at=instant(wire.get("updated_at")),
        raw=wire,
    )


def words(body: Any) -> str:
    """`{"messages": {"error": [{"code": 400, "message": ...}]}}`, all of them."""
    told = [error["message"] for error in body["messages"]["error"]]
    return " ".join(text for text in told if text != CLOSING) or " ".join(told)


def stands(reply: Reply) -> bool | None:
    """Whether an answer stands, where its status misleads (observed).

    A used nonce says that the request came twice on its way, not what came of it. An
    e-mail that someone has is a refusal, although the status is 500.
    """
    if reply.status == 401 and ("nonce_used" in reply.text or "SQLSTATE" in reply.text):
        return False
    if reply.status == 500 and EMAIL_TAKEN in reply.text:
        return True
    return None
