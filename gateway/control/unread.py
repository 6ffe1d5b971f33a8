"""What a client sent and nobody read: the commonest way to be misunderstood."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import request
from werkzeug.datastructures import EnvironHeaders

from dialects.base import Dialect
from dialects.rehearsal import Fields

if TYPE_CHECKING:
    from gateway.control.recorder import Record

OF_TRANSPORT = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "transfer-encoding",
        "user-agent",
    }
)
"""Every client sends them, whether or not anybody cares."""


class Watched(dict[str, Any]):
    """An environ that remembers which headers were asked for."""

    def __init__(self, environ: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(environ)
        self._read = read

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default."""
        self._read.add(key)
        return super().get(key, default)


def unread(
    dialect: Dialect | None, operation: str, record: "Record"
) -> Mapping[str, Sequence[str]]:
    """The headers, parameters and fields of the request that nobody read."""
    found = {"header": [*unread_headers(record)]}
    told = dialect.rehearsal() if dialect and dialect.rehearsal else None
    if told and operation in told.operations:
        reads = told.operations[operation]
        found["parameter"] = unread_parameters(reads.parameters)
        if reads.fields is not None and record.body:
            names = unread_fields(told.body(), reads.fields)
            found["field"] = [*dict.fromkeys(names)]
    return {kind: names for kind, names in found.items() if names}


def unread_headers(record: "Record") -> Iterator[str]:
    for name, _ in EnvironHeaders(record.environ):
        key = f"HTTP_{name.upper().replace('-', '_')}"
        if name.lower() not in OF_TRANSPORT and key not in record.read:
            yield name


def unread_parameters(known: frozenset[str]) -> list[str]:
    """The parameters of the query; what stands in brackets is part of one."""
    text = request.query_string.decode("latin-1")
    names = (name for name, _ in parse_qsl(text, keep_blank_values=True))
    plain = dict.fromkeys(name.partition("[")[0] for name in names)
    return [name for name in plain if name not in known]


def unread_fields(value: Any, known: Fields, path: str = "") -> Iterator[str]:
    """The names of fields, each with those of the objects around it."""
    if isinstance(value, list):
        for item in value:
            yield from unread_fields(item, known, path)
    if isinstance(value, Mapping):
        for name, item in value.items():
            inner = known.get(name)
            if name not in known:
                yield f"{path}{name}"
            elif inner is not None:
                yield from unread_fields(item, inner, f"{path}{name}.")
