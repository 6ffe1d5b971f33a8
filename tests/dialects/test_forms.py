"""Plain values are loaded as the schema itself would load them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from dialects.bigcommerce.forms import POST, PUT
from dialects.forms import Form
from dialects.loading import Unsound
from dialects.staff.forms import ADDRESS as BODY

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(("", " a", "a ", "a\0", "a" * 256, "\ud800", "1", "no", "\x1f")),
    st.lists(st.integers(), max_size=1),
)
BODIES = st.dictionaries(st.sampled_from((*BODY.fields, "other")), VALUES)
PARTIAL = st.one_of(st.booleans(), st.lists(st.sampled_from(tuple(BODY.fields))))


def outcome(loading: Any) -> tuple[str, Any]:
    try:
        return "loaded", {name: (type(v), v) for name, v in loading().items()}
    except Unsound as unsound:
        return "refused", unsound.wrong
    except ValidationError as error:
        return "refused", error.messages_dict


@given(said=BODIES, partial=PARTIAL)
def test_what_is_loaded_is_what_the_schema_would_load(said, partial):
    ours = outcome(lambda: BODY.read(said, partial=partial))

    assert ours == outcome(lambda: BODY.load(said, partial=partial))


class Asked(Form):
    name = fields.String(required=True)


@pytest.mark.parametrize("said", [{"name": "Ada"}, {"name": 1}, {}])
def test_a_field_that_cannot_tell_leaves_it_to_its_schema(said):
    assert outcome(lambda: Asked().read(said)) == outcome(lambda: Asked().load(said))


TEXTS = st.one_of(VALUES, st.text(min_size=255, max_size=256), st.just("commercial"))
ITEMS = st.dictionaries(st.sampled_from((*POST.fields, "other")), TEXTS)


@given(said=ITEMS, schema=st.sampled_from((POST, PUT)))
def test_a_schemas_own_choice_of_what_is_partial_counts(said, schema):
    assert outcome(lambda: schema.read(said)) == outcome(lambda: schema.load(said))
