"""The WebSocket gateway: connections, the rooms they follow, and how what happens in a room reaches them all.

`server` accepts, `connection` speaks WebSocket, `session` does what a client asks, `hub` and `room` fan out.
"""
