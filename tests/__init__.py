"""Tests; what must hold before any library is imported is set here."""

import os

from septet.kernel.collector import collect_rarely

collect_rarely()  # as in every process of Septet

# Engines are started by fork and exec; gRPC's handlers run in between, and have kept an engine from starting.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
