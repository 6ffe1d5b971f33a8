"""Recorded exchanges are read as they are written, and bad files are named."""

from pathlib import Path

import pytest

from gateway.testing.exchanges import (
    Exchange,
    Message,
    Step,
    UnreadableExchange,
    read_exchanges,
)

GOOD = """\
# Two requests, one body.
# source: recorded, a server
# given: one-address

> GET /x
> Accept: a/b

< 200

> POST /y
>
> {"a":
>  1}

< 201
< Content-Type: c/d
<
< done
"""


def test_a_file_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "two.http").write_text(GOOD)

    [exchange] = read_exchanges(tmp_path)

    first = Step(Message("GET /x", [("Accept", "a/b")], ""), Message("200", [], ""))
    second = Step(
        Message("POST /y", [], '{"a":\n 1}'),
        Message("201", [("Content-Type", "c/d")], "done"),
    )
    assert exchange == Exchange(
        "two", "recorded, a server", "one-address", [first, second]
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("> GET /\n\n< 200\n", "`source:` must begin with"),
        ("# source: hearsay\n> GET /\n\n< 200\n", "`source:` must begin with"),
        ("# source: inferred: x\n> GET /\n", "do not pair up"),
        ("# source: inferred: x\n< 200\n", "must be followed"),
        ("# source: inferred: x\nGET /\n", "bad.http:2: expected"),
        ("# source: inferred: x\n", "do not pair up"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "bad.http").write_text(text)

    with pytest.raises(UnreadableExchange, match=complaint):
        read_exchanges(tmp_path)
