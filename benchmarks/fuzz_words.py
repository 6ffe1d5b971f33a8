"""What inputs are changed to: values at the edge of what a parser takes."""

NUMBERS = (0, -1, 1, 2, 250, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**400, -0.0, 1e308)
SCALARS = (None, True, False, *NUMBERS, 0.1, "", "0", " ", "1", "US", "Texas", "\0")
TEXTS = (
    *("x" * 300, "x" * 20_000, "é", "☃", "\U0001f600", "\ud800", "\udfff\ud800"),
    *("ß", "İ", "ﬁ", "\u200b", "\u2028", "\r\nX-Evil: 1", "\x1b[0m", "%s%n{0}{a.b}"),
    *("' OR 1=1 --", '"', "\\", "%", "_", "%25", "../../etc/passwd", "<b>&amp;</b>"),
    *(
        "1e400",
        "NaN",
        "-Infinity",
        "0x10",
        "\uff11\uff12",
        "2026-13-45",
        "0000-00-00",
        "1,2,3",
    ),
    *("9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-23:59", "a@b", "@", "(a+)+$"),
)
PIECES = (
    *("", "&", "=", "[", "]", "[]", "[0]", "%", "%00", "%FF", "%2", "%C3", "+", ";"),
    *(":in", ":min", ":max", ":like", "__in", "__gte", "filter[0][attribute]", "limit"),
    *("page", "offset", "ordering", "search", "format", "include", "sort", "order"),
    *("dir", "attrs", "after", "before", "id:in", "cursor", "email", "oauth_token"),
)
MARKUP = (
    *(
        "<a>",
        "</a>",
        "<a/>",
        "<data_item>",
        "</data_item>",
        "&a;",
        "&#0;",
        "&#x110000;",
    ),
    *("<![CDATA[", "]]>", "<!DOCTYPE a [", "]>", "<!ENTITY a 'b'>", "<!-- ", "-->"),
    *("<!ENTITY a SYSTEM 'file:///etc/passwd'>", "<?xml version='1.0'?>", "<?p ?>"),
    *(" xmlns:a='b'", " a='b'", "<a:b>", "encoding='utf-16'", "encoding='none'", "\0"),
)
VALUES = (
    *("", "*", "*/*", ";", ",", "application/json", "application/xml", "text/xml"),
    *("text/html", "text/*;q=0", "application/json;q=1e9", "application/*+json"),
    *(
        "application/json; charset=utf-16",
        "a/b; charset=punycode",
        "application/json; charset=none",
    ),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=a"),
    *("application/x-www-form-urlencoded", "text/plain", "a/b; indent=999999"),
    *(
        "Token",
        "Token ",
        "Bearer",
        "Basic YTpi",
        "OAuth",
        'OAuth oauth_token="',
        "\xff",
    ),
    *("Bearer a b", "gzip", "1", "-1", "bytes=0-", "chunked", "\x00", "x" * 9000),
)
NAMES = (
    *("Accept", "Accept", "Content-Type", "Content-Type", "Authorization", "Version"),
    *("X-Auth-Token", "Accept-Language", "Accept-Charset", "Content-Encoding", "Host"),
    *("X-HTTP-Method-Override", "X-Forwarded-Proto", "X-Forwarded-For", "Cookie"),
    *("If-Match", "Range", "Expect", "Transfer-Encoding", "Content-Length", "Origin"),
)
SEGMENTS = (
    *(
        "",
        "0",
        "-1",
        "1",
        "2",
        "1.5",
        "9" * 30,
        "%00",
        "%2F",
        "%FF",
        "..",
        "%2e%2e",
        "*",
    ),
    *("addresses", "customers", "authorize", "confirm", "cus_", "adr_", "a" * 3000),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
