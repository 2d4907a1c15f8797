"""The three servers Septet stands on, as child processes from wheels: PostgreSQL, Valkey, ClickHouse.

Each engine has one shape: `start()` on a data directory, `url` for clients, `wait()` for its end, `stop()`.
Each is the real server, replaced by a remote one when its URL is set; nothing else in Septet knows the difference.
"""
