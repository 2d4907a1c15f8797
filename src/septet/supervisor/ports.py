"""The ports, taken before anything starts, so that one in use is said at once.

The supervisor opens the listening sockets and its roles inherit them, so that while a killed one is replaced,
connections wait in the queue instead of being refused. Several web processes have a socket each on the same port, over
which the kernel spreads connections: of one socket, the process that wakes first takes all that wait.
"""

import errno
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from septet.kernel.config import ConfigurationError, Settings

BACKLOG = 2048
SPREADS = sys.platform == "linux"  # elsewhere the sockets of one port do not share its connections evenly, or at all
LISTENERS: Mapping[str, tuple[str, ...]] = {"web": ("web",), "gateway": ("gateway",), "provider": ("provider",)}
"""The sockets that a role serves; a worker serves none."""
TRIED: Mapping[str, tuple[str, ...]] = {"web": ("grpc",)}
"""Ports that a role opens itself, since gRPC takes no open socket: only tried here, so that one in use is said."""


def listen(settings: Settings, roles: Iterable[str]) -> dict[str, socket.socket]:
    """Open the listening sockets of `roles`.

    Raises ConfigurationError naming every port that cannot be had and its setting.
    """
    sockets: dict[str, socket.socket] = {}
    problems: list[str] = []
    for name in dict.fromkeys(name for role in roles for name in (*LISTENERS.get(role, ()), *TRIED.get(role, ()))):
        variable = f"SEPTET_{name.upper()}_PORT"
        port: int = getattr(settings, f"{name}_port")
        try:
            sockets[name] = _open(settings.host, port, shared=name == "web" and settings.web_processes > 1)
        except OSError as error:
            problems.append(_sentence(settings.host, port, variable, error))
    for name in {name for names in TRIED.values() for name in names} & sockets.keys():
        sockets.pop(name).close()
    if problems:
        for opened in sockets.values():
            opened.close()
        raise ConfigurationError(problems)
    return sockets


def another(listening: socket.socket) -> socket.socket:
    """One more socket on a shared port; the same one where the port is not shared."""
    if not (SPREADS and listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)):
        return listening
    return _listening(listening.family, listening.getsockname(), shared=True)


def _open(host: str, port: int, *, shared: bool) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    if shared and SPREADS and port:
        _listening(family, address, shared=False).close()  # else one that others share would be shared with them
    return _listening(family, address, shared=shared and SPREADS)


def _listening(family: int, address: Any, *, shared: bool) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened


def _sentence(host: str, port: int, variable: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"SEPTET_HOST={host} is no address of this machine; 127.0.0.1 and 0.0.0.0 always are."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what uses it, or choose another port: {variable}={port + 1000}."
    return f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}); set {variable} to another."
