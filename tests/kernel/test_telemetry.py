"""What operators see: metrics of requests, jobs and pools, and log lines that lead from a request to its jobs."""

import json
import re

import pytest
import structlog
from tests.platform import Organization, Platform

from septet.kernel import telemetry


async def metrics(platform: Platform) -> dict[str, float]:
    """Every sample of /metrics."""
    text = (await platform.client().get("/metrics")).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_requests_jobs_and_pools_are_counted(platform: Platform) -> None:
    request = 'septet_requests_total{method="POST",route="/organizations",service="tenancy",status="201"}'
    telemetry.show_pool(platform.runtime.postgres.connections)  # another test's platform may have shown its own
    before = await metrics(platform)
    await platform.organization()
    await platform.jobs_done()
    after = await metrics(platform)
    assert after[request] == before.get(request, 0) + 1
    seconds = 'septet_request_seconds_count{route="/organizations",service="tenancy"}'
    assert after[seconds] >= 1
    done = sum(value for name, value in after.items() if re.match(r'septet_jobs_total.*outcome="done"', name))
    assert done > sum(value for name, value in before.items() if re.match(r'septet_jobs_total.*outcome="done"', name))
    assert after['septet_postgres_connections{state="idle"}'] + after['septet_postgres_connections{state="in use"}'] > 0


async def test_a_log_line_names_the_request_and_the_tenant(
    platform: Platform, organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    telemetry.configure_logging("info", "json")
    try:
        with telemetry.bound(request_id="r-1", job=None):
            telemetry.bind_tenant(organization.id)
            telemetry.log.info("something happened", count=3)
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["request_id"], line["tenant"]) == ("something happened", "r-1", str(organization.id))
    assert (line["level"], line["count"]) == ("info", 3)
    assert "job" not in line
