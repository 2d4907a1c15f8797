"""Lane and ordinary endpoint answer alike: whatever is sent, however it is cut, whatever byte is wrong."""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.unit.kernel.lanes import CLOSING, Site, request, site

TOKEN = st.text("abcXYZ019-", min_size=1, max_size=8)
PATH = st.text("abc09-._~/%;:@&=+$,!'()*", max_size=10)
HEADER = st.builds("X-{}: {}".format, TOKEN, st.text("abc ,;=\"'<>\t\u00e9", max_size=20).map(str.strip))
BODY = st.binary(max_size=100) | st.sampled_from([b"0\r\n\r\n", CLOSING, b"\x00" * 300])
REQUEST = st.one_of(
    st.builds(lambda q, b, h: request("POST", f"/echo?{q}", b, *h), TOKEN, BODY, st.lists(HEADER, max_size=4)),
    st.builds(lambda b, h: request("POST", "/later", b, *h), BODY, st.lists(HEADER, max_size=2)),
    st.builds(lambda p: request("GET", f"/s/{p}"), PATH),
    st.builds(lambda b, late: request("POST", "/rare", b, *late), BODY, st.sampled_from([(), ("X-Late: 1",)])),
    st.sampled_from([request("GET", "/ordinary"), request("GET", "/empty"), request("HEAD", "/sized")]),
    st.builds(lambda m, p: request(m, f"/{p}", b""), st.sampled_from(["GET", "PUT", "DELETE", "HEAD"]), PATH),
)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
async def sites() -> AsyncIterator[tuple[Site, Site]]:
    async with site() as lane, site(in_lane=False) as ordinary:
        yield lane, ordinary


@FEW
@given(requests=st.lists(REQUEST, min_size=1, max_size=6), cuts=st.lists(st.integers(1, 600), max_size=4, unique=True))
async def test_pipelined_requests_cut_anywhere(
    sites: tuple[Site, Site], requests: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(requests) + CLOSING
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    in_lane, ordinary = await asyncio.gather(*(each.exchange(pieces, pause=0.001) for each in sites))
    assert in_lane == ordinary
    assert len(in_lane.answers) == len(requests) + 1


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """One request with a byte replaced, inserted or removed in its head."""
    whole = draw(REQUEST)
    at = draw(st.integers(0, whole.index(b"\r\n\r\n") + 3))
    wrong = draw(st.sampled_from([b"", b"\r", b"\n", b"\x00", b" ", b"\t", b":", b"\xff", b"5", b"\r\n", b"\r\n\r\n"]))
    return whole[:at] + wrong + whole[at + draw(st.integers(0, 1)) :]


def end_of_first_request(stream: bytes) -> int:
    head, _, _ = stream.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length:[ \t]*(\d+)", head)
    return len(head) + 4 + int(length[1] if length else 0)


@settings(FEW, max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking would take minutes
@given(st.lists(damaged(), min_size=15, max_size=15))
async def test_damaged_requests(sites: tuple[Site, Site], requests: list[bytes]) -> None:
    """Each on a connection of its own, many at a time because those that wait for more cost a while.

    uvicorn drops a sound request that it has not answered yet when broken bytes come right behind it; the lane
    answers it first, as uvicorn does when those bytes come a moment later.
    """
    ended = [damage + b"\r\n\r\n" for damage in requests]
    both = await asyncio.gather(*(each.exchange([damage]) for damage in ended for each in sites))
    for damage, in_lane, ordinary in zip(ended, both[::2], both[1::2], strict=True):
        if in_lane != ordinary:
            assert ordinary.statuses == [400], damage
            end = end_of_first_request(damage)
            assert in_lane == await sites[1].exchange([damage[:end], damage[end:]], pause=0.1), damage
