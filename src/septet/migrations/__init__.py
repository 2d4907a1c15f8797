"""One linear Alembic history for PostgreSQL, one PostgreSQL schema per service; numbered SQL files for ClickHouse."""
