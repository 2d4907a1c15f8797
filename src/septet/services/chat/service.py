"""Chat, declared."""

from septet.kernel.service import Service
from septet.services.chat import jobs as _  # noqa: F401 - declares the jobs
from septet.services.chat.endpoints import members, messages, rooms, state
from septet.services.chat.gateway.server import gateway
from septet.services.chat.settings import ChatSettings

SERVICE = Service(
    name="chat",
    title="Chat: rooms, direct messages, presence and read state over WebSockets and HTTP",
    routers=[rooms.router, members.router, messages.router, state.router],
    settings=ChatSettings,
    lifetimes={"gateway": gateway},
)
