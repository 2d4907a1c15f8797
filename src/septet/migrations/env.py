"""How Alembic runs here: inside `septet.migrations.run`, on a connection of the schema's owner."""

from alembic import context

config = context.config
connection = config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=None, version_table="alembic_version", transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
