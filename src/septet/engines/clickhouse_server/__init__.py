"""ClickHouse as chDB, in a process of its own that answers ClickHouse's HTTP interface.

`python -m septet.engines.clickhouse_server` is started by `septet.engines.clickhouse`; clients are those of any
ClickHouse server. Every request has a chDB handle of its own, so settings, parameters and temporary tables end with it.
"""
