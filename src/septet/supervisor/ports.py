"""The ports, taken before anything starts, so that one in use is said at once.

The supervisor opens the listening sockets and its roles inherit them. Several web processes then share one port, and
while a killed one is replaced, connections wait in the queue instead of being refused.
"""

import errno
import os
import socket
from collections.abc import Iterable, Mapping

from septet.kernel.config import ConfigurationError, Settings

BACKLOG = 2048
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
            sockets[name] = _open(settings.host, port)
        except OSError as error:
            problems.append(_sentence(settings.host, port, variable, error))
    for name in {name for names in TRIED.values() for name in names} & sockets.keys():
        sockets.pop(name).close()
    if problems:
        for opened in sockets.values():
            opened.close()
        raise ConfigurationError(problems)
    return sockets


def _open(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
