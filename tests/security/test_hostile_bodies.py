"""Bodies that are made to cost much: refused soon, and in little memory."""

import gc
import json
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from core import Store
from dialects.base import authorization
from gateway import registry
from gateway.testing.world import Clock, CountedIds, World, credentials, new_world

JSON, XML = "application/json", "application/xml"
FORM = "application/x-www-form-urlencoded"
MEGABYTE = 2**20
DEEP = 200_000
LAUGHS = "<!DOCTYPE a [<!ENTITY a0 'ha'>{}]><a><firstname>&a9;</firstname></a>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
)
OUTSIDE = "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>"

TARGETS: Mapping[str, tuple[str, str, str]] = {
    "staff": ("staff", "POST", "/api/customers/1/addresses"),
    "staff sign-in": ("staff", "POST", "/api/users/auth/pwd/signin"),
    "bigcommerce": ("bigcommerce", "POST", "/stores/abc123/v3/customers/addresses"),
    "bigcommerce v2": (
        "bigcommerce",
        "POST",
        "/stores/abc123/v2/customers/1/addresses",
    ),
    "openmage": ("openmage", "POST", "/api/rest/customers/1/addresses"),
    "easel": (
        "easel",
        "POST",
        "/api/v1/customers/cus_00000000000000000001/addresses",
    ),
}
SCOPES = {
    "staff": "staff",
    "bigcommerce": "modify",
    "openmage": "admin",
    "easel": "write",
}
BODIES: Mapping[str, tuple[str, bytes]] = {
    "arrays": (JSON, b"[" * DEEP),
    "closed arrays": (JSON, b"[" * DEEP + b"]" * DEEP),
    "objects": (JSON, b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "a deep field": (JSON, b'{"first_name":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "a long number": (JSON, b'{"country":' + b"1" * 900_000 + b"}"),
    "a large exponent": (JSON, b'{"country":1e999999999,"country_id":1e999999999}'),
    "a long text": (JSON, json.dumps({"first_name": "x" * 900_000}).encode()),
    "many names": (JSON, json.dumps({f"x{n}": n for n in range(60_000)}).encode()),
    "NUL": (JSON, b'{"first_name":"a\0"}'),
    "escaped NUL": (JSON, b'{"first_name":"a\\u0000","firstname":"\\u0000"}'),
    "a lone surrogate": (JSON, b'{"first_name":"\\ud800","firstname":"\\ud800"}'),
    "not UTF-8": (JSON, b'{"first_name":"\xff"}'),
    "elements": (XML, b"<a>" * DEEP),
    "closed elements": (XML, b"<a>" * 100_000 + b"</a>" * 100_000),
    "laughs": (XML, LAUGHS.encode()),
    "outside": (XML, OUTSIDE.encode()),
    "pairs": (FORM, b"&a=1" * DEEP),
    "a quadratic charset": (f"{JSON}; charset=punycode", b"xn--" + b"9" * 900_000),
    "another": (f"{JSON}; charset=idna", b"xn--" + b"9" * 900_000),
    "a charset with NUL": (f"{JSON}; charset*=utf-8''a%00", b"{}"),
    "parts": ("multipart/form-data; boundary=a", b"--a\r\n" * 150_000),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    clock, ids = Clock(), CountedIds()
    store = Store(secret_key="test", now=clock, new_id=ids)
    from core import schema

    schema.create(store.database)
    dialects = [one for one in registry.load(None) if one.name in SCOPES]
    with new_world(store, clock, ids, dialects) as world:
        yield world
    store.close()


def post(world: World, target: str, type: str, body: bytes) -> TestResponse:
    name, method, path = TARGETS[target]
    dialect = world.dialects[name]
    keys = credentials(dialect)
    headers = dict(authorization(dialect, keys[SCOPES[name]], [*keys.values()]))
    client = world.app.test_client()
    accept = {"Accept": JSON, "Content-Type": type}
    return client.open(path, method=method, data=body, headers={**headers, **accept})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_soon(world: World, target: str, name: str) -> None:
    begun = time.process_time()

    answer = post(world, target, *BODIES[name])

    assert 400 <= answer.status_code < 500
    assert time.process_time() - begun < 2
    assert world.addresses() == []


@pytest.mark.parametrize("name", ["closed arrays", "objects", "elements", "laughs"])
@pytest.mark.parametrize("target", SCOPES)
def test_it_takes_little_memory(world: World, target: str, name: str) -> None:
    gc.collect()
    tracemalloc.start()

    post(world, target, *BODIES[name])

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * MEGABYTE


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("type", [JSON, XML, FORM])
def test_a_body_beyond_the_limit_is_refused(
    world: World, target: str, type: str
) -> None:
    answer = post(world, target, type, b" " * (MEGABYTE + 1))

    assert 400 <= answer.status_code < 500


CHARSETS: list[Any] = ["punycode", "idna", "rot13"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_codec_that_is_no_charset_is_told(world: World, charset: str) -> None:
    """Django REST Framework's words for a charset that it cannot use."""
    answer = post(world, "staff", f"{JSON}; charset={charset}", b"{}")

    assert answer.get_json() == {
        "detail": f'Unsupported charset "{charset}" in request Content-Type header.'
    }
