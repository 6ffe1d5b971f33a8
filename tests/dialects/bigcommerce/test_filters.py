"""The links of a page are written as the standard library writes queries."""

from urllib.parse import parse_qsl, urlencode

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dialects.bigcommerce.filters import link

NAMES = st.sampled_from(("id:in", "id:in[]", "company:in", "name:in"))
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(("1", "1,2", "a b", "a+b", "²", "٣", "&=", "%")),
)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=3))
def test_a_link_keeps_the_filters_as_a_query_has_them(filters):
    sent = urlencode([*filters, ("page", "7"), ("limit", "3")])

    with Flask("filters").test_request_context(f"/?{sent}"):
        found = link(2, after="x y")

    assert found == "?" + urlencode([*filters, ("limit", 2), ("after", "x y")])
    assert parse_qsl(found[1:], keep_blank_values=True)[: len(filters)] == filters
