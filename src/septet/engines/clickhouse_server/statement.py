"""Just enough of ClickHouse's grammar to carry a statement: first word, format, where an INSERT's data begins."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    rb"""(?P<skip>\s+|--[^\n]*|\#[!\ ][^\n]*|/\*.*?\*/)
       | (?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)
       | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
       | (?P<other>[0-9.]+|.)""",
    re.VERBOSE | re.DOTALL,
)
DATA_START = re.compile(rb"[ \t\f]*\r?\n?")
INSERT_WITHOUT_BODY = {b"SELECT", b"VALUES", b"WITH", b"INFILE"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement is. `format` is the one it names, if any; `data` is set for an INSERT that carries data."""

    keyword: bytes
    format: str | None
    several: bool
    data: tuple[bytes, int] | None

    @property
    def reads(self) -> bool:
        """Whether it is a SELECT."""
        return self.keyword in (b"SELECT", b"WITH", b"FROM")


def parse(text: bytes) -> Statement:
    """Read `text`, which for an INSERT may go on into its data."""
    keyword, format_name, ended, several = b"", None, False, False
    after_format: int | None = None
    inline = reads_input = False  # INSERT … SELECT has no data of its own, unless it selects from input(…)
    for token in TOKEN.finditer(text):
        if token.lastgroup == "skip":
            continue
        several = several or ended
        word = token.group().upper() if token.lastgroup == "word" else b""
        if not keyword and (word or token.group() != b"("):
            keyword = word
        if after_format is not None and word:
            format_name = token.group().decode()
            if keyword == b"INSERT" and not inline:
                start = DATA_START.match(text, token.end())
                data = (text[:after_format], start.end() if start else token.end())
                return Statement(keyword, format_name, False, data)
        after_format = token.start() if word == b"FORMAT" else None
        inline = not reads_input and (inline or (keyword == b"INSERT" and word in INSERT_WITHOUT_BODY))
        reads_input = reads_input or word == b"INPUT"
        ended = token.group() == b";"
        if word == b"VALUES" and keyword == b"INSERT":
            break  # what follows is data
    return Statement(keyword, format_name, several, None)
