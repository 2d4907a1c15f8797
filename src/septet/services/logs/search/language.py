"""The language of `q`: words, "phrases", prefix*, -not, OR, and parentheses.

    payment failed            both words, anywhere in the message
    "payment failed"          one after the other
    pay*                      a word that begins so
    -retry   NOT retry        lines without it
    (card OR iban) declined   either, and declined

A word is a run of letters, digits and non-ASCII characters; case does not matter. `AND` may be written, it is implied.
What has several words without quotes, such as `payment-failed`, is a phrase.
"""

import re
from dataclasses import dataclass

from septet.services.logs.errors import BadSearch
from septet.services.logs.search.conditions import Conditions

WORD_CHARACTERS = "0-9A-Za-z\u0080-\U0010ffff"
_WORD = re.compile(f"[{WORD_CHARACTERS}]+")
_NOT_WORD_IN_RE2 = r"[^0-9A-Za-z\x{80}-\x{10FFFF}]"
_TOKEN = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-)(?=[^\s)])|"(?P<phrase>[^"]*)"|(?P<word>[^\s()"]+))')
MOST_TERMS = 100
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row; the last may be but the beginning of one."""

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Node", ...]


Node = Term | Not | Both | Either


def parse(text: str) -> Node:
    """Raises BadSearch (400) with what is wrong and where."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if self._peek() is not None:
            raise _bad(self._text, self._position(), "this parenthesis closes nothing")
        return node

    def _either(self) -> Node:
        parts = [self._both()]
        while self._peek_word() == "OR":
            self._next += 1
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._peek() is not None and self._peek_word() != "OR" and self._peek()[0] != "close":  # type: ignore[index]
            if self._peek_word() == "AND":
                self._next += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Node:
        token = self._peek()
        if token is None or token[0] == "close" or self._peek_word() in ("OR", "AND"):
            raise _bad(self._text, self._position(), "a word or a phrase is expected here")
        self._next += 1
        kind, value, position = token
        if kind == "minus" or (kind == "word" and value == "NOT"):
            return Not(self._one())
        if kind == "open":
            return self._group(position)
        return _term(self._text, value, position, may_be_prefix=kind == "word")

    def _group(self, position: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _bad(self._text, position, f"parentheses may be nested {DEEPEST} deep")
        node = self._either()
        if self._peek() is None:
            raise _bad(self._text, position, "this parenthesis is not closed")
        self._next += 1
        self._depth -= 1
        return node

    def _peek(self) -> tuple[str, str, int] | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _peek_word(self) -> str:
        token = self._peek()
        return token[1] if token is not None and token[0] == "word" else ""

    def _position(self) -> int:
        token = self._peek()
        return token[2] if token is not None else len(self._text)


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _bad(text, position, "this quotation mark is not closed")
        found.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        position = match.end()
    if len(found) > MOST_TERMS:
        raise BadSearch(f"`q` has more than {MOST_TERMS} parts; ask for less.")
    return found


def _term(text: str, value: str, position: int, *, may_be_prefix: bool) -> Term:
    words = tuple(_WORD.findall(value))
    if not words:
        raise _bad(text, position, "there is no letter or digit to search for")
    return Term(words, is_prefix=may_be_prefix and value.endswith("*"))


def _bad(text: str, position: int, what: str) -> BadSearch:
    return BadSearch(
        f"`q` cannot be understood at character {position + 1} ({text[position : position + 10]!r}): {what}."
    )


def condition(node: Node, conditions: Conditions) -> str:
    """The search as a condition on `message`, served by its text index wherever possible."""
    match node:
        case Term():
            return _term_condition(node, conditions)
        case Not(part):
            return f"NOT {condition(part, conditions)}"
        case Both(parts):
            return "(" + " AND ".join(condition(part, conditions) for part in parts) + ")"
        case Either(parts):
            return "(" + " OR ".join(condition(part, conditions) for part in parts) + ")"


def _term_condition(term: Term, conditions: Conditions) -> str:
    phrase = conditions.bind(" ".join(term.words), "String")
    if not term.is_prefix:
        function = "hasAllTokens" if len(term.words) == 1 else "hasPhrase"
        return f"{function}(lowerUTF8(message), lowerUTF8({phrase}))"
    # Built from words alone, which hold no character that means anything to RE2.
    pattern = f"(^|{_NOT_WORD_IN_RE2})" + f"{_NOT_WORD_IN_RE2}+".join(term.words)
    return f"match(lowerUTF8(message), lowerUTF8({conditions.bind(pattern, 'String')}))"


def highlighter(node: Node) -> re.Pattern[str] | None:
    """What finds the words that the search asks for; None when it only excludes."""
    patterns = [
        rf"(?<![{WORD_CHARACTERS}])" + f"[^{WORD_CHARACTERS}]+".join(term.words)
        + ("" if term.is_prefix else f"(?![{WORD_CHARACTERS}])")
        for term in _wanted(node)
    ]  # fmt: skip
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _wanted(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case Both(parts) | Either(parts):
            return [term for part in parts for term in _wanted(part)]
        case _:
            return []
