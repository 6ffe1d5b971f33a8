"""What a body may hold, as a schema of marshmallow that is asked only when needed.

A schema costs several times what the rest of a request does. A field that has
`is_plain` tells of a value that it would take and leave as it is; where all are so, and
what is required is there, the schema would give the same.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError

from dialects.loading import Unsound

Partial = bool | Collection[str] | None
Plain = Callable[[Any], bool]


class Form(Schema):
    """The fields of a body, in the order in which errors are told; others pass."""

    class Meta:
        unknown = EXCLUDE

    def read(
        self, said: Mapping[str, Any], *, partial: Partial = None
    ) -> Mapping[str, Any]:
        """What `load` gives. Raises Unsound."""
        partial = self.partial if partial is None else partial
        plain = {}
        for name, is_required, is_plain in self._plain_fields:
            if name in said:
                value = said[name]
                if not is_plain(value):
                    break
                plain[name] = value
            elif is_required and partial is not True and name not in (partial or ()):
                break
        else:
            return plain
        try:
            loaded = self.load(said, partial=cast("Any", partial))
        except ValidationError as error:
            valid = cast("Mapping[str, Any]", error.valid_data or {})
            raise Unsound(valid, error.messages_dict) from None
        return cast("Mapping[str, Any]", loaded)

    @cached_property
    def _plain_fields(self) -> list[tuple[str, bool, Plain]]:
        """Each field's name, whether it is required, and which values are plain."""
        return [
            (name, field.required, getattr(field, "is_plain", never))
            for name, field in self.fields.items()
        ]


def never(_value: Any) -> bool:
    return False
