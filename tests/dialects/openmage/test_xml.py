"""XML that is read as PHP 8.2's SimpleXML does, and written as libxml2 2.9.14 does.

Every expectation is what those give, unless it says otherwise; xmltodict is the
independent reader of what is written.
"""

from typing import Any

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from dialects.openmage.xml import Malformed, parsed, rendered

HEAD = '<?xml version="1.0"?>\n'
NAMES = st.from_regex(r"[a-z_]{1,6}", fullmatch=True).filter(
    lambda name: name.strip("_") == name != "data_item"
)
# What XML can hold, as a dict that is read back: no empty lists, no control characters.
TEXTS = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="\ufffe\uffff",
        exclude_categories=["Cc"],
        include_characters="\n\t\r",
    )
)
VALUES = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)
ARRAYS = st.dictionaries(NAMES, VALUES, max_size=5) | st.lists(VALUES, min_size=1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a/>", {}),
        ("<a>text</a>", {}),
        ("<a><b>x</b><c> y\n</c></a>", {"b": "x", "c": " y\n"}),
        ("<a><b/><c></c></a>", {"b": "", "c": ""}),
        ("<a>t<b>x</b>u</a>", {"b": "x"}),
        ("<a><b>x<!-- c --><?p i?>y</b></a>", {"b": "xy"}),
        ("<a><b>x<![CDATA[<q>&amp;]]>y</b></a>", {"b": "x<q>&amp;y"}),
        ("<a><b>&lt;&#65;&#x1F600;&#13;\r\n</b></a>", {"b": "<A😀\r\n"}),
        # OpenMage, observed: attributes count as values.
        ('<a firstname="J"/>', {"firstname": "J"}),
        ('<a value="J"><b/></a>', {"value": "J", "b": ""}),
        ('<a><b value="V">t</b><c value="">t</c></a>', {"b": "V", "c": ""}),
        ('<a><b id="1">t</b></a>', {"b": {"id": "1"}}),
        ('<a><b value="x"><c/></b></a>', {"b": {"value": "x", "c": ""}}),
        ('<a c="1"><c>2</c><c>3</c></a>', {"c": ["1", "2", "3"]}),
        ('<a b="x\n y  z&#10;"/>', {"b": "x  y  z\n"}),
        # OpenMage, observed: repeated elements are a list, as data_items are.
        ("<a><b>1</b><c/><b>2</b></a>", {"b": ["1", "2"], "c": ""}),
        ("<a><b><data_item>1</data_item></b></a>", {"b": ["1"]}),
        ("<a><b><data_item>1</data_item></b><b>2</b></a>", {"b": ["1", "2"]}),
        ("<a><b>2</b><b><data_item>1</data_item></b></a>", {"b": ["2", ["1"]]}),
        ("<a><b><c/></b><b><d/></b></a>", {"b": [{"c": ""}, {"d": ""}]}),
        (
            "<a><b n='1'><data_item/></b><b>2</b></a>",
            {"b": {"n": "1", "0": "", "1": "2"}},
        ),
        ("<a><data_item>1</data_item><data_item/></a>", ["1", ""]),
        ("<a><data_item>1</data_item><c>2</c></a>", {"0": "1", "c": "2"}),
        ("<a><c>2</c><data_item>1</data_item></a>", {"c": "2", "0": "1"}),
        ('<a data_item="1"><data_item>2</data_item></a>', {"data_item": ["1", "2"]}),
    ],
)
def test_a_document_is_an_array(body: str, expected: Any) -> None:
    assert parsed(body.encode()) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a xmlns="http://x"><b/></a>', {"b": ""}),
        ('<a xmlns="urn:x"><b xmlns=""/></a>', {"b": ""}),
        ('<a xmlns:q="http://x" q:n="1"><q:b>1</q:b><c>2</c></a>', {"c": "2"}),
        ('<a xmlns:q="x"><c>1<q:b>2</q:b>3</c></a>', {"c": "13"}),
        ('<q:a xmlns:q="http://x"><b/></q:a>', {"b": ""}),
        ('<a xml:lang="en"><b/></a>', {"b": ""}),
    ],
)
def test_names_with_a_prefix_are_passed_over(body: str, expected: Any) -> None:
    assert parsed(body.encode()) == expected


@pytest.mark.parametrize(
    "body",
    [
        '<a xmlns="relative"/>',
        '<a xmlns="http://x y"/>',
        '<a xmlns:q="x y"/>',
        '<a xmlns:q=""/>',
        "<a><q:b/></a>",
        '<a q:b=""/>',
        '<a><b xmlns:q="http://x"/><q:c/></a>',
        '<a xmlns:q="http://x"><q:b:c/></a>',
        "<a:/>",
        "<:a/>",
        '<a xmlns:="http://x"/>',
    ],
)
def test_namespaces_have_to_be_sound(body: str) -> None:
    with pytest.raises(Malformed):
        parsed(body.encode())


@pytest.mark.parametrize(
    ("subset", "content", "expected"),
    [
        # OpenMage, observed: internal entities are read, external ones are not.
        ('<!ENTITY e "Ent">', "<b>x&e;y</b>", {"b": "xEnty"}),
        ('<!ENTITY f "F"><!ENTITY e "a&f;&#65;&lt;">', "<b>&e;</b>", {"b": "aFA<"}),
        ('<!ENTITY e "E">', '<b value="x&e;y"/>', {"b": "xEy"}),
        ('<!ENTITY e "1"><!ENTITY e "2">', "<b>&e;</b>", {"b": "1"}),
        ('<!ENTITY e SYSTEM "file:///etc/passwd">', "<b>x&e;y</b>", {"b": "xy"}),
        ('<!ENTITY % p SYSTEM "p"> %p; <!ENTITY e "E">', "<b>x&e;</b>", {"b": "xE"}),
        ("<!ENTITY % p \"<!ENTITY e 'E'>\"> %p;", "<b>x&e;</b>", {"b": "xE"}),
        ('<!ENTITY e "&f;"><!ENTITY f "&e;">', "<b>x</b>", {"b": "x"}),
        ('<!ATTLIST b value CDATA "X">', "<b>y</b>", {"b": "y"}),
        ('<!ATTLIST b value NMTOKENS "X">', '<b value=" x  y "/>', {"b": "x y"}),
        ("<!ELEMENT b (c)>", "<b> </b>", {"b": " "}),
    ],
)
def test_internal_entities_are_expanded_and_others_are_nothing(
    subset: str, content: str, expected: Any
) -> None:
    assert parsed(f"<!DOCTYPE a [{subset}]><a>{content}</a>".encode()) == expected


def test_an_external_dtd_is_not_read() -> None:
    assert parsed(b'<!DOCTYPE z SYSTEM "x.dtd"><a><b>1</b></a>') == {"b": "1"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b" <a><b>1</b></a>\n", {"b": "1"}),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a><b>1</b></a>", {"b": "1"}),
        (b"<a><b><![CDATA[<?xml]]></b></a>", {"b": "<?xml"}),
        (b"<a><b>1</b></a>\0<", {"b": "1"}),
        # OpenMage, observed: ISO-8859-1 is converted.
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?><a><b>\xe9</b></a>',
            {"b": "é"},
        ),
        (b"<?xml version='1.0' encoding = 'utf8' ?><a><b>\xc3\xa9</b></a>", {"b": "é"}),
        (b"<?xml version='1.0' encoding='windows-1252'?><a b='\x80'/>", {"b": "€"}),
        (b"<?xml version='1.0' encoding='Shift_JIS'?><a b='\x93\xfa'/>", {"b": "日"}),
    ],
)
def test_a_declaration_may_be_missing_and_names_the_encoding(
    body: bytes, expected: Any
) -> None:
    assert parsed(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<a>",
        b"<a/><b/>",
        b"<a/>x",
        b"<1/>",
        b'<a b="1" b="2"/>',
        b'<a b="<"/>',
        b"<a>]]></a>",
        b"<a><!-- -- --></a>",
        b"<a>&u;</a>",
        b'<a b="&u;"/>',
        b'<!DOCTYPE a SYSTEM "x.dtd"><a>&u;</a>',
        b"<!DOCTYPE a [%p;]><a/>",
        b'<!DOCTYPE a [<!ENTITY e "&f;"><!ENTITY f "&e;">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY e "<b>">]><a>&e;</b></a>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a b="&e;"/>',
        b"<a>\x01</a>",
        b"<a>&#1;</a>",
        b"<a>&#xFFFE;</a>",
        b"<a>\0</a>",
        b"\0<a/>",
        b"<a>\xe9</a>",
        b"\xef\xbb\xbf<a/>",
        b" <?xml version='1.0'?><a/>",
        b"<?xml version='1.1'?><a/>",
        b"<?xml encoding='utf-8'?><a/>",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
        b"<?xml version='1.0' encoding='unicode_escape'?><a/>",
        b"<?xml version='1.0' encoding='US-ASCII'?><a>\xc3\xa9</a>",
        "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"),
    ],
)
def test_what_is_no_xml_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(body)


def bomb(levels: int, last: str, content: str) -> bytes:
    entities = "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels)
    )
    return f'<!DOCTYPE a [<!ENTITY e0 "{last}">{entities}]>{content}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 200_000 + b"</a>" * 200_000,
        b"<a>" * 258 + b"</a>" * 258,
        bomb(10, "lol", "<a><b>&e9;</b></a>"),
        bomb(5, "lol", "<a><b>&e4;</b></a>"),
        bomb(10, "", "<a><b>&e9;</b></a>"),
        bomb(10, "<c/>", "<a><b>&e9;</b></a>"),
        bomb(10, "lol", '<a b="&e9;"/>'),
        bomb(1, "x" * 50_000, f"<a><b>{'&e0;' * 1000}</b></a>"),
        bomb(1, "x" * 50_000, f'<a b="{"&e0;" * 1000}"/>'),
        b"<a " * 100_000,
    ],
)
def test_a_document_that_grows_is_refused(body: bytes) -> None:
    """A limit of 257 levels is libxml2's; that of text from entities is lower here."""
    with pytest.raises(Malformed):
        parsed(body)


def test_a_document_of_257_levels_is_read() -> None:
    assert parsed(b"<a>" * 257 + b"</a>" * 257) != {}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"<a><b>" + b"x" * 10_000_000 + b"</b></a>", 1),
        (b'<a b="' + b"x" * 1_000_000 + b'"/>', 1),
        (b"<a " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>", 20_000),
        (b"<a>" + b"".join(b"<a%d/>" % n for n in range(20_000)) + b"</a>", 20_000),
        (b"<a>" + b"<data_item/>" * 20_000 + b"</a>", 20_000),
    ],
)
def test_a_document_may_be_large(body: bytes, count: int) -> None:
    assert len(parsed(body)) == count


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    assert is_read_or_malformed(body)


@given(ARRAYS, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3))
def test_any_damaged_document_is_read_or_malformed(
    value: Any, at: int, new: bytes, length: int
) -> None:
    body = rendered(value)

    assert is_read_or_malformed(body[:at] + new + body[at + length :])


def is_read_or_malformed(body: bytes) -> bool:
    try:
        return isinstance(parsed(body), dict | list)
    except Malformed:
        return True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # OpenMage, observed: an empty list.
        ([], "<magento_api/>"),
        ({}, "<magento_api/>"),
        # OpenMage, observed: null and empty are the same, a street has items.
        (
            {
                "entity_id": "1",
                "fax": None,
                "company": "",
                "street": ["a", "b"],
                "n": 0,
            },
            "<magento_api>\n  <entity_id>1</entity_id>\n  <fax/>\n  <company/>\n"
            "  <street>\n    <data_item>a</data_item>\n    <data_item>b</data_item>\n"
            "  </street>\n  <n>0</n>\n</magento_api>",
        ),
        # OpenMage, observed: an error.
        (
            {"messages": {"error": [{"code": 404, "message": "Resource not found."}]}},
            "<magento_api>\n  <messages>\n    <error>\n      <data_item>\n"
            "        <code>404</code>\n        <message>Resource not found.</message>\n"
            "      </data_item>\n    </error>\n  </messages>\n</magento_api>",
        ),
        # OpenMage, observed: the ids of customers vanish.
        (
            {"1": {"a": "x"}, "2": {"a": "y"}},
            "<magento_api>\n  <data_item>\n    <a>x</a>\n  </data_item>\n"
            "  <data_item>\n    <a>y</a>\n  </data_item>\n</magento_api>",
        ),
        (
            [[], {}],
            "<magento_api>\n  <data_item/>\n  <data_item/>\n</magento_api>",
        ),
        (
            {"a b:c": True, "_x_": False, "1a": 1.5, "-x": 4, "a/b!": 5},
            "<magento_api>\n  <a_b_c>1</a_b_c>\n  <x/>\n"
            "  <data_item_1a>1.5</data_item_1a>\n  <data_item_-x>4</data_item_-x>\n"
            "  <ab>5</ab>\n</magento_api>",
        ),
    ],
)
def test_an_array_is_rendered(value: Any, expected: str) -> None:
    assert rendered(value).decode() == f"{HEAD}{expected}\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # OpenMage, observed: what is beyond ASCII is a reference.
        ("Zürich 日 😀", "<a>Z&#xFC;rich &#x65E5; &#x1F600;</a>"),
        ("A & B <C> \"D\" '/'", "<a>A &amp; B &lt;C&gt; \"D\" '/'</a>"),
        ("&lt;", "<a>&amp;lt;</a>"),
        ("\r\n\t x\x7f\x85", "<a>&#xD;\n\t x\x7f&#x85;</a>"),
        (" ", "<a> </a>"),
        # No text holds NUL, and none with other such characters is written.
        ("a\0b", "<a>a</a>"),
        ("\0", "<a/>"),
        ("a\x01b", "<a></a>"),
        ("é\ufffe", "<a></a>"),
        ("\ud800", "<a></a>"),
    ],
)
def test_text_is_escaped(value: str, expected: str) -> None:
    document = f"{HEAD}<magento_api>\n  {expected}\n</magento_api>\n"

    assert rendered({"a": value}).decode("ascii") == document


def test_indentation_ends_at_30_levels() -> None:
    document = rendered(nested("x", levels=35)).decode()

    assert f"\n{'  ' * 30}<a>x</a>\n" in document
    assert f"\n{'  ' * 31}" not in document


def nested(value: Any, *, levels: int) -> Any:
    return {"a": nested(value, levels=levels - 1)} if levels else value


@given(ARRAYS)
def test_what_is_rendered_is_read_back(value: Any) -> None:
    assert parsed(rendered(value)) == value


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5))
def test_another_reader_reads_the_same(value: dict[str, str]) -> None:
    read = xmltodict.parse(rendered(value), strip_whitespace=False)["magento_api"]

    assert {name: read[name] or "" for name in value} == value


@given(st.dictionaries(st.text(min_size=1), st.none() | st.text() | st.integers()))
def test_any_array_is_rendered(value: dict[str, Any]) -> None:
    assert rendered(value).startswith(HEAD.encode())
