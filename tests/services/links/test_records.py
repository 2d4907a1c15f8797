"""Records of clicks come back as they were written, whatever headers say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from septet.services.links.descriptions import describe
from septet.services.links.records import read_batch, render_click
from septet.services.links.visits import Visit

FIRST = 0x018F_0000_0000_7000_BFFF_FFFF_FFFF_FFFE
REFERENCE = b"1" * 32 + b"2" * 32
header = st.binary(max_size=40).filter(lambda value: not set(value) & {0, 10, 13})
visits = st.builds(
    Visit,
    at=st.integers(0, 2**42),
    visitor=st.binary(min_size=8, max_size=8),
    user_agent=header,
    referrer=header,
    language=header,
    country=header,
    query=header,
    tracked=st.booleans(),
    prefetch=st.just(False),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(visits, st.integers(0, 50), st.sampled_from([b"", b"mail:7"])), min_size=1, max_size=5))
def test_what_is_written_is_read(written: list[tuple[Visit, int, bytes]]) -> None:
    lines = (render_click(REFERENCE + b"\0" + source, visit, variant) for visit, variant, source in written)
    read = list(read_batch(b"%x\n" % FIRST + b"".join(lines)))
    assert len({click.id for click in read}) == len(written), "ids differ, also when the counter overflows"
    assert all(click.id >> 62 == FIRST >> 62 for click in read), "each is a UUIDv7 of the batch's millisecond"
    for click, (visit, variant, source) in zip(read, written, strict=True):
        assert (click.reference, click.source, click.at, click.variant) == (REFERENCE, source, visit.at, variant)
        assert click.visitor == int.from_bytes(visit.visitor)
        described = describe(click.description)
        assert described.user_agent == (visit.user_agent.decode("utf-8", "replace") if visit.tracked else "")
