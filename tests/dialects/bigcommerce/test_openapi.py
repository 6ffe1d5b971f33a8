"""What the dialect says of itself in OpenAPI is true of what it answers."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from core import Store, schema
from dialects.bigcommerce import DIALECT
from dialects.bigcommerce.openapi import document
from gateway.testing import Clock, CountedIds, World
from gateway.testing.world import ORDINARY, new_world

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def api() -> schemathesis.BaseSchema:
    """The document, of one store; 413 is no refusal to the tool, so without `maxItems`.

    A recording has the answer to too many items.
    """
    found = document()
    for path in found["paths"].values():
        path["parameters"][0]["schema"] = {"enum": ["abc123"]}
        for method in ("post", "put"):
            content = path[method]["requestBody"]["content"]
            del content["application/json"]["schema"]["maxItems"]
    return schemathesis.openapi.from_dict(found)


API = api()
EXAMPLES = settings(
    derandomize=True, max_examples=25, suppress_health_check=list(HealthCheck)
)
HEADERS = {"X-Auth-Token": "bigcommerce-modify"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    clock, ids = Clock(), CountedIds()
    store = Store(now=clock, new_id=ids, secret_key="test")
    schema.create(store.database)
    with new_world(store, clock, ids, [DIALECT]) as world:
        world.add(ORDINARY)
        yield world
    store.close()


@API.parametrize()
@EXAMPLES
def test_every_answer_is_as_the_document_says(
    case: schemathesis.Case, world: World
) -> None:
    case.call_and_validate(app=world.app, headers=HEADERS, checks=CHECKS)


# In a query everything is text, so only bodies can be of a wrong type.
@API.include(method=["POST", "PUT"]).parametrize()
@EXAMPLES
def test_a_body_that_the_document_forbids_is_refused(
    case: schemathesis.Case, world: World
) -> None:
    answer = case.call(app=world.app, headers=HEADERS)

    # To the tool 413 is no refusal, but more items than are taken are refused so.
    if answer.status_code != 413:
        case.validate_response(answer, checks=[negative_data_rejection])
