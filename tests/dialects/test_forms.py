"""Plain values are read as the schema itself would load them."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from dialects.bigcommerce.forms import POST, PUT
from dialects.easel import forms as easel
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


EASEL = st.dictionaries(st.sampled_from((*easel.ADDRESS.fields, "other")), VALUES)


@given(said=EASEL)
def test_a_form_of_easels_has_what_is_empty_for_what_is_absent_or_null(said):
    def loaded():
        whole = easel.ADDRESS.load(said)
        return {n: v or easel.ADDRESS.empties[n] for n, v in whole.items()}

    assert outcome(lambda: easel.ADDRESS.read(said)) == outcome(loaded)


START = """
import sys
from core import Store
from gateway import registry
from gateway.app import create_app
from gateway.config import Config

config = Config(database_url="sqlite://")
app = create_app(config, store=Store(config.database_url), dialects=registry.load())
assert app.test_client().get("/api/customers/1/addresses").status_code == 401
print("marshmallow" in sys.modules)
"""


def test_a_server_that_starts_imports_no_form() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
