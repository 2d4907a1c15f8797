"""QR codes of short URLs: error correction M, a quiet zone of four modules (ISO/IEC 18004)."""

import io
from typing import Any

import segno

QUIET_ZONE = 4


def svg(url: str, size: int) -> bytes:
    """Exactly `size` pixels wide."""
    code = segno.make_qr(url, error="m")
    return _saved(code, kind="svg", scale=size / _modules(code))


def png(url: str, size: int) -> bytes:
    """As many whole pixels a module as fit into `size`, so that every edge is sharp; at least one."""
    code = segno.make_qr(url, error="m")
    return _saved(code, kind="png", scale=max(1, size // _modules(code)))


def _modules(code: segno.QRCode) -> int:
    return int(code.symbol_size(scale=1, border=QUIET_ZONE)[0])


def _saved(code: segno.QRCode, **options: Any) -> bytes:
    target = io.BytesIO()
    code.save(target, border=QUIET_ZONE, **options)
    return target.getvalue()
