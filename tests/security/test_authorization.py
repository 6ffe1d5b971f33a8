"""Who may do what: each route with each verb, by every kind of key.

The tables below say what is expected; a route that stands in none of them fails.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from core import Store, schema
from dialects.base import Credential, Dialect, authorization
from dialects.openmage.routes import ROUTES
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import (
    ORDINARY,
    Clock,
    CountedIds,
    World,
    credentials,
    new_world,
)

IN = 200
"""Neither 401 nor 403: the caller is let in, whatever is said of what is asked."""

NOBODY = dict.fromkeys(("none", "unknown", "revoked", "of another dialect"), 401)
"""Without a key, with one of nobody's, a revoked one, and another API's."""

Rights = Mapping[str, int]
READS, WRITES = "GET HEAD OPTIONS", "POST PUT PATCH DELETE"

# "Permission: Staff or Admin"; a key of another shop opens that shop.
STAFF: Rights = {**NOBODY, "staff": IN, "admin": IN, "user": 403, "neighbour": IN}
# store_v2_customers and store_v2_customers_read_only; the path names the shop.
BIGCOMMERCE: Rights = {**NOBODY, "modify": IN, "neighbour": 403}
# "Permission Required: Read", "Write".
EASEL: Rights = {**NOBODY, "write": IN, "admin": IN, "neighbour": IN}
# An open route takes no token, but not a wrong one (ObtainAuthToken).
SIGN_IN: Rights = {**dict.fromkeys(STAFF, IN), "unknown": 401, "revoked": 401}

TABLE: Mapping[str, Mapping[str, Mapping[str, Rights]]] = {
    "staff": {
        r"/api/users/auth/pwd/signin/?": {
            f"{READS} {WRITES}": {**SIGN_IN, "of another dialect": 401}
        },
        r"/api/(customers|locations|users/permissions)\b.*": {
            f"{READS} {WRITES}": STAFF
        },
    },
    "bigcommerce": {
        r"/stores/<store_hash>/v[23]/customers\b.*": {
            READS: {**BIGCOMMERCE, "read-only": IN},
            WRITES: {**BIGCOMMERCE, "read-only": 403},
        }
    },
    "easel": {
        r"/api/v1/customers\b.*": {
            READS: {**EASEL, "read": IN},
            WRITES: {**EASEL, "read": 403},
        }
    },
}
# OpenMage 20.18, its default roles. That who has none gets 500 is observed.
ROLES: Rights = {
    **dict.fromkeys(("none", "address-reader", "customer"), 403),
    "no-role": 500,
    **dict.fromkeys(("unknown", "revoked", "of another dialect", "consumer"), 401),
    "admin": IN,
    "neighbour": IN,
}
READER = {**ROLES, "address-reader": IN}
CUSTOMERS = {**ROLES, "customer": IN}
OPENMAGE: Mapping[str, Mapping[str, Rights]] = {
    "customers": {"GET": CUSTOMERS, "POST": ROLES, "PUT": CUSTOMERS, "DELETE": ROLES},
    "customers/{id}": {
        "GET": CUSTOMERS,
        "POST": ROLES,
        "PUT": CUSTOMERS,
        "DELETE": ROLES,
    },
    "customers/addresses/{id}": {
        "GET": {**READER, "customer": IN},
        "POST": CUSTOMERS,
        "PUT": CUSTOMERS,
        "DELETE": CUSTOMERS,
    },
    "customers/{id}/addresses": {
        "GET": {**READER, "customer": IN},
        "POST": CUSTOMERS,
        "PUT": CUSTOMERS,
        "DELETE": CUSTOMERS,
    },
}
# The handshake: refused without a signature or a request token, whoever asks.
HANDSHAKE = re.compile(
    r"/oauth/(initiate|token|authorize\b.*)|/admin/oauth_authorize.*"
)
VERBS = ("GET", "POST", "PUT", "DELETE")
DIALECTS = ("staff", "bigcommerce", "easel", "openmage")


@dataclass(frozen=True)
class Party:
    """A dialect on a world with every kind of key, as headers."""

    dialect: Dialect
    world: World
    app: Flask
    headers: Mapping[str, Mapping[str, str]]

    def status(self, method: str, path: str, who: str) -> int:
        headers = {"Accept": "application/json", **self.headers[who]}
        client = self.app.test_client()
        answer = client.open(path, method=method, headers=headers)
        is_in = answer.status_code < 500 and answer.status_code not in (401, 403)
        return IN if is_in else answer.status_code


def add(world: World, dialect: Dialect, key: Credential, **options: object) -> None:
    given: dict[str, object] = {"shop": world.shop, **options}
    with world.store.keys() as keys:
        keys.add(
            dialect.name,
            scope=key.scope,
            token=key.token,
            secret=key.secret,
            consumer_id=keys.id_of(dialect.name, key.consumer),
            **given,  # type: ignore[arg-type]
        )


def kinds(world: World, dialect: Dialect) -> dict[str, Mapping[str, str]]:
    """The headers of every kind of key; what is not there yet is made."""
    keys = credentials(dialect)
    most = keys[next(s for s in ("write", *dialect.scopes) if s in keys)]
    length = len(most.token)

    def like(letter: str) -> Credential:
        return replace(most, token=letter * length, secret=letter * length)

    revoked, other, theirs = like("r"), like("o"), like("n")
    add(world, dialect, revoked, is_active=False)
    shop = world.store.add_shop(f"other{dialect.name}")
    if dialect.consumer_scope:
        application = replace(keys[dialect.consumer_scope], token="p" * length)
        add(world, dialect, application, shop=shop)
        theirs = replace(theirs, consumer=application.token)
        keys = {**keys, "their application": application}
    add(world, dialect, theirs, shop=shop)
    foreign = replace(dialect, name=f"not {dialect.name}")
    add(world, foreign, replace(other, consumer=""))
    found = {**keys, "revoked": revoked, "neighbour": theirs, "unknown": like("u")}
    found["of another dialect"] = other
    return {
        "none": {},
        **{
            who: authorization(dialect, key, [*keys.values()])
            for who, key in found.items()
        },
    }


@pytest.fixture(scope="module", params=DIALECTS)
def party(request: pytest.FixtureRequest) -> Iterator[Party]:
    [dialect] = registry.load([request.param])
    with ExitStack() as stack:
        clock, ids = Clock(), CountedIds()
        store = Store(secret_key="rights", now=clock, new_id=ids)
        stack.callback(store.close)
        schema.create(store.database)
        world = stack.enter_context(new_world(store, clock, ids, [dialect]))
        world.add(ORDINARY)
        app = create_app(Config(), store=store, dialects=[dialect])
        if dialect.customer_scope:
            with store.keys() as keys:
                key = keys.find(dialect.name, digest_of(dialect))
                assert key
                keys.revoke(key.id)
            mine = credentials(dialect)[dialect.customer_scope]
            add(world, dialect, mine, customer_id=world.customer.id)
        yield Party(dialect, world, app, kinds(world, dialect))


def digest_of(dialect: Dialect) -> str:
    from core.keys import digest

    return digest(credentials(dialect)[dialect.customer_scope].token)


def expected(dialect: str, rule: str, method: str) -> Rights:
    """What the table says of a route and a verb. Raises KeyError if nothing."""
    for pattern, verbs in TABLE[dialect].items():
        if re.fullmatch(pattern, rule):
            for named, rights in verbs.items():
                if method in named.split():
                    return rights
    raise KeyError(f"no row for {method} {rule}")


def path_of(rule: str) -> str:
    """A path of the route: of the first customer and address, in the world's shop."""
    if rule.startswith("/api/v1"):
        rule = rule.replace("<customer>", "cus_00000000000000000001")
    return re.sub(r"<[^>]*>", "1", rule.replace("<store_hash>", "abc123"))


def test_every_route_lets_in_whom_the_table_says(party: Party) -> None:
    before = party.world.store.snapshot(party.world.shop)
    found, wanted = {}, {}
    for rule in party.app.url_map.iter_rules():
        if party.dialect.name == "openmage":
            assert HANDSHAKE.fullmatch(rule.rule) or rule.endpoint == "openmage.answer"
            continue
        for method in sorted(rule.methods or ()):
            for who, outcome in expected(party.dialect.name, rule.rule, method).items():
                case = f"{method} {rule.rule} by {who}"
                wanted[case] = outcome
                found[case] = party.status(method, path_of(rule.rule), who)
                party.world.store.restore(party.world.shop, before)
    for route in ROUTES if party.dialect.name == "openmage" else ():
        for method in VERBS:
            for who, outcome in OPENMAGE[route.path][method].items():
                case = f"{method} {route.path} by {who}"
                wanted[case] = outcome
                path = f"/api/rest/{route.path.replace('{id}', '1')}"
                found[case] = party.status(method, path, who)
                party.world.store.restore(party.world.shop, before)

    assert found == wanted
    assert len(found) > 100


def test_every_kind_of_key_stands_in_every_row(party: Party) -> None:
    rows = (
        [rights for verbs in OPENMAGE.values() for rights in verbs.values()]
        if party.dialect.name == "openmage"
        else [r for v in TABLE[party.dialect.name].values() for r in v.values()]
    )

    kinds = {*party.headers} - {"their application"}
    assert [kinds - {*rights} for rights in rows] == [set()] * len(rows)


def test_no_key_is_a_way_round_the_handshake(party: Party) -> None:
    rules = [r for r in party.app.url_map.iter_rules() if HANDSHAKE.fullmatch(r.rule)]

    statuses = {
        party.app.test_client()
        .open(rule.rule, method=method, headers=dict(party.headers[who]))
        .status_code
        for rule in rules
        for method in sorted(rule.methods or ())
        for who in party.headers
    }

    assert statuses <= {400, 401}
    assert bool(rules) == (party.dialect.name == "openmage")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
def test_a_customers_key_opens_nothing_of_another(party: Party, method: str) -> None:
    """Not even whether it is there: the answers are those for who is not there."""
    world, dialect = party.world, party.dialect
    keys = credentials(dialect)
    scope = dialect.customer_scope or next(s for s in ("write", *keys) if s in keys)
    letter = method[:2].lower().ljust(len(keys[scope].token), "k")
    mine = replace(keys[scope], token=letter, secret=letter)
    add(world, dialect, mine, customer_id=world.stranger.id)
    headers = authorization(dialect, mine, [*keys.values()])
    before = [world.get(1), world.get_customer(1)]
    paths = {
        "staff": ("/api/customers/{}/addresses", "/api/customers/{}/addresses/1"),
        "bigcommerce": ("/stores/abc123/v2/customers/{}/addresses",),
        "easel": ("/api/v1/customers/cus_{:020d}/addresses",),
        "openmage": ("/api/rest/customers/{}/addresses", "/api/rest/customers/{}"),
    }[dialect.name]

    answers = [
        [
            party.app.test_client().open(
                path.format(id),
                method=method,
                json={"first_name": "X", "firstname": "X"},
                headers={"Accept": "application/json", **headers},
            )
            for id in (world.customer.id, 77)
        ]
        for path in paths
    ]

    for theirs, nobodys in answers:
        assert theirs.status_code == nobodys.status_code
        assert theirs.get_data() == nobodys.get_data()
        assert theirs.status_code >= 400 or method == "OPTIONS"
    assert [world.get(1), world.get_customer(1)] == before
