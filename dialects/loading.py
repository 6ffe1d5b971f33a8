"""Bodies loaded by a marshmallow schema, which is not asked about plain values.

A schema costs several times what the rest of a request does. A field that has
`is_plain` tells of a value that it would take and leave as it is; where all are so, and
what is required is there, the schema would give the same.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, cast

from marshmallow import Schema

Loaded = Mapping[str, Any]
Plain = Callable[[Any], bool]


def load(
    schema: Schema,
    said: Mapping[str, Any],
    *,
    partial: bool | Collection[str] | None = None,
) -> Loaded:
    """What `schema.load` gives, of a schema that passes over unknown fields.

    Raises ValidationError.
    """
    partial = schema.partial if partial is None else partial
    plain = {}
    for name, is_required, is_plain in plain_fields(schema):
        if name in said:
            value = said[name]
            if not is_plain(value):
                break
            plain[name] = value
        elif is_required and partial is not True and name not in (partial or ()):
            break
    else:
        return plain
    return cast("Loaded", schema.load(said, partial=cast("Any", partial)))


@lru_cache(maxsize=64)
def plain_fields(schema: Schema) -> list[tuple[str, bool, Plain]]:
    """Each field's name, whether it is required, and which values are plain."""
    return [
        (name, field.required, getattr(field, "is_plain", never))
        for name, field in schema.fields.items()
    ]


def never(_value: Any) -> bool:
    return False
