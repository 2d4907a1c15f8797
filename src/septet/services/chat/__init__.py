"""Chat: rooms, direct messages, presence and read state, over WebSockets and HTTP.

Promises: a message that was acknowledged is stored; each room has one gapless order, the same for everybody; a message
is stored once however often it is sent; who resumes misses nothing; private rooms show nothing to outsiders.
Not promised: typing and presence are told at most once and never stored.
"""
