"""The web console at `/console/`: the files that its build left, served so that nothing but them can run in the page.

Scripts come from this origin alone (no inline scripts, no other host); a path that is no file is a page of the console
and gets its document. Files below `assets/` carry their content's hash in their name and may be kept for ever.
"""

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse

import septet
from septet.kernel.config import Settings
from septet.kernel.runtime import Runtime

BUILT = Path(septet.__file__).parent / "console"
FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Septet</title>
<h1>The console is not built</h1><p>Run <code>make console</code> and load this page again. The API is at
<a href="/docs">/docs</a>.</p></html>"""


def console_router(directory: Path = BUILT) -> APIRouter:
    """Routes of the console; they open no unit of work and are no part of the API's description."""
    router = APIRouter(prefix="/console", include_in_schema=False)

    @router.api_route("", methods=["GET", "HEAD"])
    async def without_slash(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}/", 307)

    @router.get("/settings.json")
    async def settings(request: Request) -> Response:
        runtime: Runtime = request.app.state.runtime
        found = {
            "gatewayUrl": gateway_url(request, runtime.settings),
            "virtualClock": runtime.settings.virtual_clock,
            "version": septet.__version__,
        }
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def file(path: str, request: Request) -> Response:
        runtime: Runtime = request.app.state.runtime
        headers = {"Content-Security-Policy": content_security_policy(gateway_url(request, runtime.settings))}
        found = _file_at(directory, path)
        if found is not None:
            return FileResponse(found, headers={**headers, "Cache-Control": _cache_control(path)})
        if path.startswith("assets/"):
            return Response("No such file; the console was built anew: load the page again.", 404, headers=headers)
        index = directory / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503, headers=headers)
        return FileResponse(index, headers={**headers, "Cache-Control": REVALIDATE})

    return router


def gateway_url(request: Request, settings: Settings) -> str:
    """Where this browser finds the WebSocket gateway: as set, else on the host that it asked for the console."""
    if settings.gateway_url:
        return settings.gateway_url
    host = request.url.hostname or settings.host
    host = f"[{host}]" if ":" in host else host
    scheme = "wss" if request.url.scheme == "https" else "ws"
    return f"{scheme}://{host if _HOST.fullmatch(host) else settings.host}:{settings.gateway_port}"


def content_security_policy(gateway: str) -> str:
    """CSP level 3. Styles may be inline, because the component library sets them so; scripts may not."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            f"connect-src 'self' {gateway.rstrip('/')}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _file_at(directory: Path, path: str) -> Path | None:
    """The file that was asked for, if it is one of the console's."""
    if not path or "\0" in path:
        return None
    found = (directory / path).resolve()
    return found if found.is_relative_to(directory.resolve()) and found.is_file() else None


def _cache_control(path: str) -> str:
    return FOR_EVER if path.startswith("assets/") else REVALIDATE
