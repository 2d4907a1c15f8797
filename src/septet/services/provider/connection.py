"""uvicorn's HTTP protocol, with one more ability: a request can reset its connection (see `chaos`)."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from septet.services.provider.chaos import RESET


class ResettableProtocol(HttpToolsProtocol):
    """Puts the reset of the transport into the ASGI scope's extensions."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {RESET: {"now": self.transport.abort}}
