"""Listening sockets: one for each web process, over which the kernel spreads connections."""

import socket
import sys
from pathlib import Path

import pytest
from benchmarks.installation import free_ports

from septet.kernel.config import ConfigurationError, Settings
from septet.supervisor.ports import another, listen

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections over sockets of one port")


def settings(tmp_path: Path, port: int, processes: int) -> Settings:
    return Settings(data_dir=tmp_path, web_port=port, grpc_port=0, web_processes=processes)


@linux
def test_processes_share_connections(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    first = listen(settings(tmp_path, port, 2), ["web"])["web"]
    with first, another(first) as second:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(64)]
        taken = [accepted(each) for each in (first, second)]
        for client in clients:
            client.close()
    assert sum(taken) == 64
    assert min(taken) > 8


def accepted(listening: socket.socket) -> int:
    """How many connections wait in the queue of this socket."""
    count = 0
    while True:
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


@pytest.mark.parametrize("processes", [1, 2])
def test_a_port_in_use_is_named_also_where_it_would_be_shared(tmp_path: Path, processes: int) -> None:
    (port,) = free_ports(1)
    with (
        listen(settings(tmp_path, port, 2), ["web"])["web"],
        pytest.raises(ConfigurationError, match=f"Port {port} .* is in use"),
    ):
        listen(settings(tmp_path, port, processes), ["web"])


def test_one_process_needs_one_socket(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with listen(settings(tmp_path, port, 1), ["web"])["web"] as listening:
        assert another(listening) is listening
