"""Import and export on the command line."""

import bz2
import csv
import gzip
import json
import lzma
import multiprocessing
import sys
from io import StringIO
from pathlib import Path
from secrets import token_hex

import pytest
from click.testing import CliRunner

from core import RECORD_FIELDS, Query, Store
from gateway.bulk.columns import cells
from gateway.bulk.files import BulkError
from gateway.bulk.importing import Import, Options, Reject
from gateway.bulk.parsing import Beside
from gateway.bulk.progress import Progress, clock_time
from gateway.bulk.reading import LONGEST, JsonReader, opened
from gateway.cli import main
from gateway.seed import CANONICAL
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

NOON = "2026-01-01T12:00:00Z"
ADA = {
    "type": "customer",
    "id": 1,
    "public_id": "cus_ada",
    "first_name": "Ada",
    "email": "ada@example.com",
    "birth_date": "1815-12-10",
    "is_active": True,
    "created_at": NOON,
    "updated_at": NOON,
}
HOME = {
    "type": "address",
    "id": 1,
    "public_id": "adr_home",
    "customer_id": 1,
    "note": 'says "hi", twice\r\n',
    "street": ["12 Row", "Flat 3"],
    "city": "Akron",
    "region": "Ohio",
    "region_code": "OH",
    "country": "US",
    "default_billing": True,
    "extras": {"toy": {"a": "ü"}},
    "created_at": NOON,
    "updated_at": NOON,
}
WORK = {
    "type": "address",
    "id": 2,
    "public_id": "adr_work",
    "customer_id": 1,
    "street": ["a\nb", "c"],
    "kind": "commercial",
    "created_at": NOON,
    "updated_at": NOON,
}
SHOP = [ADA, HOME, WORK]


def write(path: Path, *records: object) -> str:
    """A file of JSON Lines."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return str(path)


def lines(path: Path) -> list[object]:
    """What a file of JSON Lines holds."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def count(folder: Path) -> int:
    """How many addresses the shop has."""
    store = Store(f"sqlite:///{folder}/var/gateway.db")
    with store.book(CANONICAL, shop=store.shop("main"), writes=False) as book:
        total = book.find(Query(limit=1)).total
    store.close()
    return total


@pytest.fixture
def filled(initialized: Path) -> Path:
    """A working directory whose shop has a customer with two addresses."""
    file = write(initialized / "shop.jsonl", *SHOP)
    assert run("import", "--shop", "main", file).exit_code == 0
    return initialized


def test_what_was_imported_is_exported(filled: Path) -> None:
    result = run("export", "--shop", "main", "out.jsonl")

    assert result.exit_code == 0
    assert result.stderr == "exported 1 customers and 2 addresses\n"
    assert lines(filled / "out.jsonl") == SHOP


@pytest.mark.parametrize(
    ("ending", "unpack"),
    [("gz", gzip.open), ("bz2", bz2.open), ("xz", lzma.open)],
)
def test_files_are_compressed_by_their_names(filled: Path, ending, unpack) -> None:
    name = f"out.jsonl.{ending}"

    run("export", "--shop", "main", name)
    again = run("import", "--shop", "main", name)

    with unpack(filled / name, "rt") as file:
        assert [json.loads(line) for line in file] == SHOP
    assert again.stdout.startswith(
        "3 read, 0 stored, 0 updated, 3 unchanged, 0 rejected;"
    )


def test_csv_says_the_same(filled: Path) -> None:
    run("export", "--shop", "main", "--what", "customers", "customers.csv")
    run("export", "--shop", "main", "--what", "addresses", "addresses.csv")

    again = run("import", "--shop", "main", "customers.csv", "addresses.csv", "--json")

    found = json.loads(again.stdout)
    del found["seconds"]
    assert found == {
        "read": 3,
        "stored": 0,
        "updated": 0,
        "unchanged": 3,
        "rejected": 0,
    }


def test_csv_is_that_of_rfc_4180(filled: Path) -> None:
    run("export", "--shop", "main", "--what", "addresses", "out.csv")

    written = (filled / "out.csv").read_bytes().decode()
    header, home, _ = csv.reader(StringIO(written, newline=""))
    assert written.startswith("id,public_id,customer_id,")
    # RFC 4180, 2: lines end with CRLF, a quote is doubled.
    assert written.endswith("\r\n")
    assert '"says ""hi"", twice\r\n"' in written
    assert tuple(header) == RECORD_FIELDS["addresses"]
    assert dict(zip(header, home, strict=True))["street"] == "12 Row\nFlat 3"


def test_an_export_is_for_its_owner_alone(filled: Path) -> None:
    run("export", "--shop", "main", "out.jsonl")

    assert (filled / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_pipes_are_read_and_written(initialized: Path) -> None:
    given = "".join(f"{json.dumps(record)}\n" for record in SHOP)
    command = ["import", "--shop", "main", "--format", "jsonl", "-"]

    imported = CliRunner().invoke(main, command, input=given)
    exported = run("export", "--shop", "main", "--format", "jsonl", "-")

    assert imported.exit_code == 0
    assert [json.loads(line) for line in exported.stdout.splitlines()] == SHOP


def test_bad_rows_are_kept_with_line_and_reasons(filled: Path) -> None:
    file = filled / "more.jsonl"
    write(file, {"type": "address", "customer_id": 9, "nickname": "x"}, {"type": "x"})
    with file.open("a") as more:
        more.write('\n[1]\n{"type"\n')
        more.write('{"type": "address", "customer_id": 1}\n')

    result = run("import", "--shop", "main", "more.jsonl", "--rejects", "bad.jsonl")

    assert result.exit_code == 2
    assert result.stdout.startswith(
        "5 read, 1 stored, 0 updated, 0 unchanged, 4 rejected;"
    )
    assert "4 rows were rejected; they are in bad.jsonl\n" in result.stderr
    rejects = lines(filled / "bad.jsonl")
    assert [(reject["file"], reject["line"]) for reject in rejects] == [
        ("more.jsonl", n) for n in (1, 2, 4, 5)
    ]
    assert rejects[0]["record"] == {
        "type": "address",
        "customer_id": 9,
        "nickname": "x",
    }
    assert rejects[0]["reasons"][:2] == [
        "nickname is no field",
        "there is no customer 9; customers come before their addresses",
    ]
    assert rejects[1]["reasons"] == [
        'type is missing or unknown; it is "customer" or "address"'
    ]
    assert rejects[3]["record"] == '{"type"'


def test_without_a_file_for_them_the_first_bad_rows_are_shown(filled: Path) -> None:
    write(filled / "bad.jsonl", *[{"type": "address"}] * 20)

    result = run("import", "--shop", "main", "bad.jsonl")

    assert result.exit_code == 2
    assert result.stderr.count("customer_id is missing") == 10
    assert "20 rows were rejected; --rejects FILE keeps them" in result.stderr


def test_an_import_stops_at_a_bad_row_if_told_so(filled: Path) -> None:
    good = {"type": "address", "customer_id": 1}
    write(filled / "more.jsonl", good, good, good, {"type": "address"}, good)

    result = run(
        *("import", "--shop", "main", "more.jsonl", "--stop-on-error", "--batch", "2")
    )

    assert result.exit_code == 1
    assert "more.jsonl, line 4: customer_id is missing; what comes before line 3" in (
        result.stderr
    )
    assert count(filled) == 4


def test_a_dry_run_stores_nothing(initialized: Path) -> None:
    write(initialized / "shop.jsonl", *SHOP)

    result = run("import", "--shop", "main", "shop.jsonl", "--dry-run", "--batch", "1")

    assert result.exit_code == 0
    assert "3 read, 3 stored" in result.stdout
    assert count(initialized) == 0


def test_an_import_updates_if_told_so(filled: Path) -> None:
    write(filled / "new.jsonl", {**HOME, "note": "new"})

    refused = run("import", "--shop", "main", "new.jsonl")
    updated = run("import", "--shop", "main", "new.jsonl", "--update")

    assert refused.exit_code == 2
    assert "line 1: id is taken by another that says something else" in refused.stderr
    assert "1 updated" in updated.stdout


def test_what_was_interrupted_is_run_again(filled: Path) -> None:
    more = [{**WORK, "id": n, "public_id": f"adr_{n}"} for n in range(3, 30)]
    write(filled / "half.jsonl", *SHOP, *more[:12])
    run("import", "--shop", "main", "half.jsonl", "--batch", "5")
    write(filled / "whole.jsonl", *SHOP, *more)

    result = run("import", "--shop", "main", "whole.jsonl", "--batch", "7")

    assert result.exit_code == 0
    assert "15 stored, 0 updated, 15 unchanged" in result.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,nickname\n", "there is no column 'nickname' for customers; there are: id"),
        ("customer_id,email\n", "there is no column 'email' for addresses"),
        ("id,id\n", "the column 'id' is there twice"),
        ("", "the file has no header line"),
        ('"id', "the header is no CSV"),
    ],
)
def test_a_header_that_cannot_be_is_told(initialized: Path, text, reason) -> None:
    (initialized / "bad.csv").write_text(text)

    result = run("import", "--shop", "main", "bad.csv")

    assert result.exit_code == 1
    assert reason in result.stderr


def test_bad_rows_of_csv_do_not_stop_the_others(initialized: Path) -> None:
    (initialized / "some.csv").write_bytes(
        b"\xef\xbb\xbfid,first_name,is_active\r\n"
        b"1,Ada,true\r\n"
        b"2,Grace\r\n"
        b"x,Eve,maybe\r\n"
        b"4,\xff,\r\n"
        b'5,"a" b,\r\n'
        b'6,"two\r\nlines",0\r\n'
        b"\r\n"
        b"7,Radia,yes\r\n"
    )

    result = run("import", "--shop", "main", "some.csv", "--rejects", "bad.jsonl")

    assert result.exit_code == 2
    assert "7 read, 2 stored, 0 updated, 0 unchanged, 5 rejected" in result.stdout
    found = {r["line"]: r["reasons"][0] for r in lines(initialized / "bad.jsonl")}
    assert found == {
        3: "the row has 2 cells and the header 3",
        4: "id is not a whole number: 'x'",
        5: "first_name has a character that no database keeps",
        6: "the row is no CSV: ',' expected after '\"'",
        10: "is_active is not true or false: 'yes'",
    }


@pytest.mark.parametrize("cut", [-20, 5])
def test_of_a_damaged_file_what_comes_before_is_stored(filled: Path, cut: int) -> None:
    run("export", "--shop", "main", "out.jsonl.gz")
    whole = (filled / "out.jsonl.gz").read_bytes()
    (filled / "cut.jsonl.gz").write_bytes(whole[:cut])

    result = run("import", "--shop", "main", "cut.jsonl.gz")

    assert result.exit_code == 1
    assert "cut.jsonl.gz is damaged: " in result.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("import", "shop.txt"), "the format of shop.txt is not known; add --format"),
        (("export", "out.txt"), "the format of out.txt is not known; add --format"),
        (("export", "out.csv"), "a CSV file holds one kind; add --what"),
        (("export", "-"), "the format of a pipe is not known; add --format"),
    ],
)
def test_what_is_to_be_done_is_told(filled: Path, arguments, reason) -> None:
    (filled / "shop.txt").touch()

    result = run(*arguments, "--shop", "main")

    assert result.exit_code == 1
    assert reason in result.stderr


def test_a_failed_export_leaves_no_file(filled: Path) -> None:
    result = run("export", "--shop", "main", "nowhere/out.jsonl")

    assert result.exit_code == 1
    assert "nowhere" in result.stderr


def test_a_line_without_end_is_one_bad_row(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    file.write_bytes(b"x" * (LONGEST + 10) + b'\n{"type": "customer"}\n')

    with file.open("rb") as stream:
        _, lines = opened(stream, "jsonl")
        [(one, long), (two, short)] = lines

    assert (one, str(long)) == (1, "the line is too long")
    assert (two, short) == (2, b'{"type": "customer"}\n')


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_a_long_file_is_parsed_in_another_process(
    initialized: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """With its own places, bad rows and all, and the same as in one process."""
    monkeypatch.setattr("gateway.bulk.parsing.SOME", 1)
    monkeypatch.setattr("gateway.bulk.parsing.PATIENCE", 60.0)
    run("import", "--shop", "main", write(Path("ada.jsonl"), ADA))
    cities = [
        {**HOME, "id": n, "public_id": "", "city": f"Place {n % 7}"}
        for n in range(11, 71)
    ]
    bad = {**HOME, "id": 90, "public_id": "", "country": "ZZ"}
    write(Path("some.jsonl"), *cities, bad, "nothing")
    columns = RECORD_FIELDS["addresses"]
    with Path("some.csv").open("w", newline="") as file:
        rows = [cells(columns, one) for one in (*cities, bad)]
        csv.writer(file).writerows([columns, *rows])
    command = ("import", "--shop", "main", f"some.{format}", "--batch", "10")

    result = run(*command, "--rejects", "bad.jsonl", "--json")

    told = json.loads(result.stdout)
    is_csv = format == "csv"
    assert (told["stored"], told["rejected"]) == (60, 1 if is_csv else 2)
    [first, *others] = map(json.loads, Path("bad.jsonl").read_text().splitlines())
    assert first["line"] > 60
    assert "country 'ZZ' is not known" in first["reasons"][0]
    assert [one["record"] for one in others] == ([] if is_csv else ["nothing"])


def test_it_is_told_when_the_other_process_has_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bulk.parsing.PATIENCE", 60.0)
    beside = Beside(JsonReader(), store.add_shop(token_hex(8)), {}, as_text=False)
    assert beside.is_there()
    [process] = multiprocessing.active_children()
    process.kill()
    process.join()

    beside.give([(1, b"{}")])
    with pytest.raises(BulkError, match="run the command again"):
        beside.take()

    beside.close()


def test_rows_from_another_process_are_stored_as_they_are(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the database takes them as."""
    monkeypatch.setattr("gateway.bulk.parsing.SOME", 1)
    monkeypatch.setattr("gateway.bulk.parsing.PATIENCE", 60.0)
    shop = store.add_shop(token_hex(8))
    file = tmp_path / "some.jsonl"
    notes = ["a\tb\n", "\\N", "\\.", "\r\\r", "ü\u2028", " ", "", "NULL"]
    addresses = [
        {**HOME, "id": n, "public_id": f"adr_{n}", "note": note}
        for n, note in enumerate(notes, 1)
    ]
    without_id = [{"type": "address", "customer_id": 1, "note": note} for note in notes]
    nobodys = {**WORK, "customer_id": 9}
    write(file, ADA, *addresses, *without_id, nobodys)
    rejects: list[Reject] = []
    options = Options(batch=len(notes) + 1, is_beside=True)
    progress = Progress(StringIO(), "row")

    Import(store, shop, options, progress=progress, reject=rejects.append).run([file])

    with store.book(CANONICAL, shop=shop, writes=False) as book:
        found = book.find(Query()).items
    assert [address.note for address in found] == [*notes, *notes]
    assert [address.id for address in found] == [*range(1, 2 * len(notes) + 1)]
    assert [reject.line for reject in rejects] == [2 * len(notes) + 2]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_with_rate_and_time_left() -> None:
    times = iter([0, 100, 100.1, 200])
    stream = Terminal()
    progress = Progress(stream, "importing", clock=lambda: next(times))

    progress.tell(1000, 0.25)
    progress.tell(1001, 0.25)
    progress.tell(2000, 0.5)
    progress.clear()

    first, second = stream.getvalue().split("\r")[1:3]
    assert first == f"[{'#' * 6}{'.' * 18}]  25% importing 1,000 rows  10/s  5:00 left"
    assert second == (
        f"[{'#' * 12}{'.' * 12}]  50% importing 2,000 rows  10/s  3:20 left"
    )


def test_elsewhere_there_is_a_line_every_few_seconds() -> None:
    times = iter([0, 1, 6, 7])
    stream = StringIO()
    progress = Progress(stream, "importing", clock=lambda: next(times))

    progress.tell(1, None)
    progress.tell(60, None)
    progress.tell(70, None)
    progress.clear()

    assert stream.getvalue() == "importing 60 rows  10/s\n"


def test_times_are_told_as_clocks_do() -> None:
    assert [clock_time(n) for n in (0.4, 61, 3600)] == ["0:00", "1:01", "1:00:00"]


def test_every_column_is_documented() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "bulk.md").read_text()

    for kind, names in RECORD_FIELDS.items():
        _, _, section = page.partition(f"## {kind.capitalize()}\n")
        table = section.partition("\n## ")[0]
        assert [n for n in names if f"| `{n}` |" not in table] == []


def test_an_import_holds_a_batch_at_a_time(initialized: Path) -> None:
    import tracemalloc

    write(initialized / "shop.jsonl", ADA)
    with (initialized / "shop.jsonl").open("a") as file:
        for n in range(10_000):
            record = {**WORK, "id": n + 1, "public_id": f"adr_{n}", "note": "x" * 1000}
            file.write(f"{json.dumps(record)}\n")
    tracemalloc.start()

    result = run("import", "--shop", "main", "shop.jsonl", "--batch", "500")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.exit_code == 0, sys.stderr
    # Three batches of 500 rows of 2 kB and what is imported, of the 12 MB of the file.
    assert peak < 8_000_000
