"""The process model: one supervisor, its engines and its roles as child processes.

Everything hangs on the supervisor: it claims the data directory and the ports first, starts engines, then migrations,
then roles, restarts what dies and stops in the opposite order. When it is killed, the kernel takes its children down.
"""
