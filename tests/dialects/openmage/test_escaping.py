"""Texts are encoded, and parameters normalized, as oauthlib does it."""

from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1.rfc5849 import signature, utils

from dialects.openmage.escaping import escape, normalized

# All of ASCII, and what takes several bytes.
TEXTS = st.text(st.characters(max_codepoint=127)) | st.text()


@given(TEXTS)
def test_a_text_is_encoded_as_by_oauthlib(text):
    assert escape(text) == utils.escape(text)


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_parameters_are_normalized_as_by_oauthlib(pairs):
    assert normalized(pairs) == signature.normalize_parameters(pairs)
