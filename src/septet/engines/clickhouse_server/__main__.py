"""Serve one chDB directory over HTTP until SIGTERM.

Arguments: DIRECTORY HOST PORT THREADS MEMORY_BYTES. The token comes in the environment: no process list shows it.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import uvicorn

from septet.engines.clickhouse_server.app import Application
from septet.engines.clickhouse_server.session import Database

GRACEFUL_SECONDS = 15
TOKEN_VARIABLE = "SEPTET_CLICKHOUSE_TOKEN"  # noqa: S105
USER = "septet"

# An acknowledged insert is on disk: its files are synced, and the directory that names them.
CONFIGURATION = """<clickhouse>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <merge_tree><fsync_after_insert>1</fsync_after_insert><fsync_part_directory>1</fsync_part_directory></merge_tree>
  <compression><case>
    <min_part_size>0</min_part_size><min_part_size_ratio>0</min_part_size_ratio><method>zstd</method><level>1</level>
  </case></compression>
</clickhouse>
"""
# chDB's own default collects inserts and acknowledges them later in one go, which costs each of them 50 ms and more.
DEFAULTS = {"async_insert": "0"}


def main(arguments: list[str]) -> None:
    """Serve until told to stop; requests in flight get their time to end."""
    directory, host, port, threads, memory = arguments
    configuration = Path(directory, "config.xml")
    configuration.write_text(CONFIGURATION.format(memory=memory))
    database = Database(Path(directory, "data"), configuration, DEFAULTS)
    application = Application(database, USER, os.environ[TOKEN_VARIABLE], int(threads))
    config = uvicorn.Config(
        application,
        host=host,
        port=int(port),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn, once it has stopped for it, raises the signal again
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve())
    database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
