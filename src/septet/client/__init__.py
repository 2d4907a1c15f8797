"""Clients of Septet for users' own applications: the whole API typed, awaited or not, and a live one for chat.

    from septet.client import AsyncSeptet, Septet

    with Septet("http://127.0.0.1:8000", "sk_…") as septet:
        link = septet.links.create_link({"url": "https://example.com/a/long/page"})
        print(link["shortUrl"])

Bodies and answers are dictionaries as they are on the wire, with a type each (`septet.client.generated.models`).
Requests are sent again while Septet is away; every POST carries an idempotency key. A refusal raises `Refused`.
Needs httpx; the clients of `septet.client.chat` also need picows.
"""

from septet.client.retrying import Refused
from septet.client.septet import AsyncSeptet, Septet

__all__ = ["AsyncSeptet", "Refused", "Septet"]
