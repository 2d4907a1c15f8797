"""Where a statement's data begins, and which format it answers in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from septet.engines.clickhouse_server.statement import parse


@pytest.mark.parametrize(
    ("text", "fmt", "insert", "data"),
    [
        (b"INSERT INTO t FORMAT Native\n\x00\x01", "Native", b"INSERT INTO t ", b"\x00\x01"),
        (b"INSERT INTO t (a, `format`) FORMAT RowBinary\n\n\n", "RowBinary", b"INSERT INTO t (a, `format`) ", b"\n\n"),
        (b"insert into t format TSV \t\r\n 1", "TSV", b"insert into t ", b" 1"),
        (
            b"-- FORMAT A\nINSERT /* FORMAT B */ INTO t FORMAT C x",
            "C",
            b"-- FORMAT A\nINSERT /* FORMAT B */ INTO t ",
            b"x",
        ),
        (
            b"INSERT INTO t SETTINGS a = 'FORMAT X' FORMAT CSV\n;",
            "CSV",
            b"INSERT INTO t SETTINGS a = 'FORMAT X' ",
            b";",
        ),
    ],
)
def test_insert_with_data(text: bytes, fmt: str, insert: bytes, data: bytes) -> None:
    statement = parse(text)
    assert statement.data is not None
    assert (statement.format, statement.data[0], text[statement.data[1] :]) == (fmt, insert, data)


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        (b"SELECT 1", None),
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"(SELECT 1) format JSON SETTINGS max_threads = 1;", "JSON"),
        (b"SELECT 'x FORMAT Native' FORMAT JSON -- FORMAT Native", "JSON"),
        (b"SELECT 'it\\'s FORMAT Native', \"FORMAT Native\"", None),
        (b"WITH x AS (SELECT 1) SELECT * FROM x FORMAT Native", "Native"),
    ],
)
def test_select(text: bytes, fmt: str | None) -> None:
    statement = parse(text)
    assert (statement.reads, statement.format, statement.data, statement.several) == (True, fmt, None, False)


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO t VALUES (1, 'FORMAT x'); y",
        b"INSERT INTO t SELECT 1",
        b"INSERT INTO t FROM INFILE 'f' FORMAT CSV",
    ],
)
def test_insert_without_data(text: bytes) -> None:
    assert (parse(text).keyword, parse(text).data, parse(text).several) == (b"INSERT", None, False)


def test_several_statements_are_recognised() -> None:
    assert parse(b"SELECT 1; DROP TABLE t").several
    assert not parse(b"SELECT ';' ; -- the end").several


@given(st.binary(max_size=300))
def test_data_is_never_cut(data: bytes) -> None:
    text = b"INSERT INTO t FORMAT Native\n" + data
    statement = parse(text)
    assert statement.data is not None
    assert text[statement.data[1] :] == data
