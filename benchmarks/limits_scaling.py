"""Checks per second of two web processes beside one of them alone, on all cores of the machine.

Valkey and the load (wrk) take their share of the same cores, so two cores are too few to show twice the throughput.
"""

import json
import os
from collections.abc import Callable, Sequence

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation
from benchmarks.limits import child, organization, wrk


def prepare(septet: Installation) -> Sequence[Case]:
    """One organization with three rules; every process of Septet may use every core."""
    cores = list(range(os.cpu_count() or 1))
    for process in (*child(septet, "septet"), *child(septet, "valkey")):
        process.cpu_affinity(cores)
    check = json.dumps({"apiKey": organization(septet, rules=True), "route": "/orders", "userId": "ada"})
    both = wrk(septet.web_port, "/check", check)
    return [
        Case("one web process", "checks/s", _with_one_stopped(septet, both), "the other one is stopped"),
        Case("two web processes", "checks/s", both),
    ]


def _with_one_stopped(septet: Installation, measure: Callable[[float], Round]) -> Callable[[float], Round]:
    """Both accept from one socket, so the other one gets all connections."""

    def measure_one(seconds: float) -> Round:
        second = child(septet, "septet web")[1]
        second.suspend()
        try:
            return measure(seconds)
        finally:
            second.resume()

    return measure_one


SUITE = Suite("Limits on two web processes", prepare, {"web_processes": 2})
