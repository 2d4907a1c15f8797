"""Asking for lines: the little language of `q`, filters, budgets, and the queries that ClickHouse answers."""
