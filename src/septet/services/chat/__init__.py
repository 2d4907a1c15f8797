"""Chat: rooms, direct messages, presence and read state over WebSockets and HTTP."""
