"""One running Septet for all journeys of this folder, since starting one costs more than most of them.

Each makes organizations of its own and leaves everything running. It may kill processes: the supervisor starts them
again, ever later the more often one dies, so few.
"""

from collections.abc import Iterator

import pytest
from benchmarks.installation import Installation

SETTINGS = {
    "appendfsync": "always",  # Valkey is killed, and what it acknowledged is looked for
    "tenancy_argon2_memory_kib": 64,
    "chat_restart_spread_seconds": 0.2,
    "logs_lease_seconds": 2,
    "logs_max_line_bytes": 300,  # the tour is shown a longer line, which it must miss
}


@pytest.fixture(scope="session")
def septet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("one"), **SETTINGS).start() as installation:
        yield installation
