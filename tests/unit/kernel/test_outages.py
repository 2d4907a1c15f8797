"""What operators read of an outage is a line that names the engine; of a defect, where it is."""

from structlog.testing import capture_logs

from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.outages import Outages


def test_an_outage_is_one_line_that_names_the_engine() -> None:
    outages = Outages("clicks")
    with capture_logs() as lines:
        for _ in range(3):
            with outages.survived():
                raise EngineUnavailable("Valkey")
        with outages.survived():
            raise StorageFull("ClickHouse")
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("clicks: waiting for Valkey", "warning"),
        ("clicks: waiting for ClickHouse", "warning"),
    ]
    assert not [line for line in lines if "exc_info" in line]


def test_an_outage_after_a_success_is_another_one() -> None:
    outages = Outages("clicks")
    with capture_logs() as lines:
        for _ in range(2):
            outages.failed(EngineUnavailable("Valkey"))
            with outages.survived():
                pass
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["clicks: waiting for Valkey"] * 2


def test_a_defect_has_its_traceback_each_time() -> None:
    outages, defect = Outages("clicks"), KeyError("name")
    with capture_logs() as lines:
        for _ in range(2):
            with outages.survived():
                raise defect
    assert [(line["event"], line["log_level"], line["exc_info"]) for line in lines] == [
        ("clicks: a defect", "error", defect)
    ] * 2


def test_what_fails_because_of_an_outage_is_the_outage() -> None:
    with capture_logs() as lines, Outages("clicks").survived():
        try:
            raise EngineUnavailable("PostgreSQL")
        except EngineUnavailable:
            raise RuntimeError("the transaction is over")  # noqa: B904 - as a context manager's end does it
    assert [line["event"] for line in lines] == ["clicks: waiting for PostgreSQL"]
