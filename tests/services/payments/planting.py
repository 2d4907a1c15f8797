"""Discrepancies put into the provider's books behind its back, one of each kind that reconciliation can find."""

from sqlalchemy import text
from tests.platform import Platform

_OF_CHARGE = "WHERE kind = 'balance_transaction' AND body->>'source' = :charge"
PLANTS = {
    "missing_there": f"DELETE FROM provider.objects {_OF_CHARGE}",
    "amount_differs": f"""UPDATE provider.objects
        SET body = jsonb_set(body, '{{amount}}', to_jsonb((body->>'amount')::bigint - 1)) {_OF_CHARGE}""",
    "duplicate": f"""INSERT INTO provider.objects (account, id, kind, created, body)
        SELECT account, id || 'x', kind, created, jsonb_set(body, '{{id}}', to_jsonb(id || 'x'))
        FROM provider.objects {_OF_CHARGE}""",
    "late": f"""UPDATE provider.objects SET created = created - 7200,
        body = jsonb_set(body, '{{created}}', to_jsonb(created - 7200)) {_OF_CHARGE}""",
}


async def plant(platform: Platform, kind: str, charge: str) -> None:
    """Make the provider's books differ in this way for a charge. `missing_here` needs no planting: act there."""
    async with platform.runtime.postgres.engine.begin() as connection:
        await connection.execute(text(PLANTS[kind]), {"charge": charge})
