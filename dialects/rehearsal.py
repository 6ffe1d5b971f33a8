"""What a dialect tells to who tests a client with it: names, faults, and causes.

Nothing here has a part in an answer, so who serves only does not load it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from flask import Response
from marshmallow import Schema, fields

from dialects.current import request

Fields = Mapping[str, Union["Fields", None]]
"""The fields of a body that are read, each with those of what lies in it, if any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reads:
    """What an operation reads: parameters of the query, and fields of the body.

    A parameter is named without what stands in brackets. None stands for all fields.
    """

    parameters: frozenset[str] = frozenset()
    fields: Fields | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """An error of the platform's that can be brought about, in its own words.

    `bring` raises it, or gives the answer; its arguments are those of `options`, which
    have these values unless told otherwise. It happens in place of the operation, or
    `is_late`: after that was done. `operations` are those it can happen to, or all.
    """

    source: str
    bring: Callable[..., Response]
    operations: frozenset[str] = frozenset()
    options: Mapping[str, int] = field(default_factory=dict)
    is_late: bool = False


def sent_json() -> Any:
    """The JSON in the body of the request; None if there is none."""
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What there is to know for who tests a client of the dialect.

    `operation` names the one that the request is for. `operations` are all of them,
    with what each reads. `body` is the decoded body of the request, None if there is
    none.
    """

    operation: Callable[[], str]
    operations: Mapping[str, Reads]
    faults: Mapping[str, Fault]
    body: Callable[[], Any] = sent_json


def by_endpoint(names: Mapping[str, str]) -> Callable[[], str]:
    """The operation's name by the endpoint's; without one, the endpoint's own."""

    def operation() -> str:
        endpoint = request.endpoint or ""
        return names.get(endpoint, endpoint.rpartition(".")[2])

    return operation


def fields_of(schema: Schema) -> Fields:
    """The fields that a schema reads, and those of what lies in them."""
    return {
        one.data_key or name: _nested(one)
        for name, one in schema.fields.items()
        if not one.dump_only
    }


def _nested(one: Any) -> Fields | None:
    if isinstance(one, fields.List):
        return _nested(one.inner)
    return fields_of(one.schema) if isinstance(one, fields.Nested) else None
