"""Chat, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="chat", title="Chat: rooms, direct messages, presence and read state over WebSockets and HTTP")
