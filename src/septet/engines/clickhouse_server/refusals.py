"""Errors as ClickHouse's HTTP interface tells them: its code, its name, and the status that goes with them."""

import re

CODE = re.compile(r"Code: (\d+)")
NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)\s*\Z")

STATUS_BY_NAME: dict[str, int] = {
    **dict.fromkeys(("REQUIRED_PASSWORD",), 401),
    **dict.fromkeys(
        (
            "AUTHENTICATION_FAILED",
            "UNKNOWN_USER",
            "WRONG_PASSWORD",
            "ACCESS_DENIED",
            "READONLY",
            "DATABASE_ACCESS_DENIED",
        ),
        403,
    ),
    **dict.fromkeys(
        (
            "UNKNOWN_TABLE",
            "UNKNOWN_DATABASE",
            "UNKNOWN_FUNCTION",
            "UNKNOWN_IDENTIFIER",
            "UNKNOWN_TYPE",
            "UNKNOWN_STORAGE",
            "UNKNOWN_SETTING",
            "UNKNOWN_FORMAT",
            "UNKNOWN_AGGREGATE_FUNCTION",
            "UNKNOWN_DATABASE_ENGINE",
            "UNKNOWN_DIRECTION_OF_SORTING",
            "UNKNOWN_TYPE_OF_QUERY",
            "NO_ELEMENTS_IN_CONFIG",
        ),
        404,
    ),
    **dict.fromkeys(
        (
            "SYNTAX_ERROR",
            "CANNOT_PARSE_TEXT",
            "CANNOT_PARSE_ESCAPE_SEQUENCE",
            "CANNOT_PARSE_QUOTED_STRING",
            "CANNOT_PARSE_DATE",
            "CANNOT_PARSE_DATETIME",
            "CANNOT_PARSE_NUMBER",
            "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING",
            "CANNOT_PARSE_IPV4",
            "CANNOT_PARSE_IPV6",
            "CANNOT_PARSE_UUID",
            "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
            "DUPLICATE_COLUMN",
            "ILLEGAL_COLUMN",
            "THERE_IS_NO_COLUMN",
            "UNKNOWN_ELEMENT_IN_AST",
            "UNKNOWN_ELEMENT_OF_ENUM",
            "UNKNOWN_TYPE_OF_AST_NODE",
            "TOO_DEEP_AST",
            "TOO_BIG_AST",
            "UNEXPECTED_AST_STRUCTURE",
            "INCORRECT_DATA",
            "TYPE_MISMATCH",
            "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
            "BAD_QUERY_PARAMETER",
        ),
        400,
    ),
    "TIMEOUT_EXCEEDED": 408,
    "QUERY_IS_TOO_LARGE": 413,
    "NOT_IMPLEMENTED": 501,
    "CANNOT_SCHEDULE_TASK": 503,
    "SOCKET_TIMEOUT": 503,
    "CANNOT_OPEN_FILE": 503,
}


class Refusal(Exception):
    """An error in ClickHouse's form: `Code: 62. DB::Exception: …. (SYNTAX_ERROR)`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message[message.find("Code: ") :] if "Code: " in message else message
        code = CODE.search(self.message)
        name = NAME.search(self.message)
        self.code = int(code[1]) if code else 1002  # UNKNOWN_EXCEPTION
        self.status = STATUS_BY_NAME.get(name[1] if name else "", 500)


def refusal(code: int, name: str, detail: str) -> Refusal:
    """A refusal of our own, in ClickHouse's form."""
    return Refusal(f"Code: {code}. DB::Exception: {detail}. ({name})")
