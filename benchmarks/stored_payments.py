"""Many payments as if they had been made, on both sides, by SQL: a year of a shop within a minute."""

import time

import asyncpg

_PAYMENTS = """INSERT INTO payments.payments (tenant_id, id, order_id, amount, currency, capture_method, status, detail,
      metadata, provider_id, captured_amount, refunded_amount, revision, created_at, updated_at)
    SELECT $1::uuid, gen_random_uuid(), 'stored-' || n, 2000, 'USD', 'automatic', 'SUCCESS', 'succeeded', '{}',
      'pi_stored' || n, 2000, 0, 2, now() - interval '9 days', now() - interval '9 days'
    FROM generate_series(1, $2::int) n"""
_TRANSITIONS = """INSERT INTO payments.transitions
      (tenant_id, payment_id, number, from_status, to_status, detail, cause, at)
    SELECT tenant_id, id, 2, 'PENDING', 'SUCCESS', 'succeeded', 'caller', created_at
    FROM payments.payments WHERE tenant_id = $1::uuid AND provider_id LIKE 'pi_stored%'"""
_LEDGER = """INSERT INTO payments.ledger_entries
      (tenant_id, transaction_id, line, payment_id, kind, reference, account, currency, debit, credit, at)
    SELECT p.tenant_id, p.id, l.line, p.id, 'charge', 'ch_' || p.provider_id, l.account, 'USD', l.debit, l.credit,
      p.created_at
    FROM payments.payments p,
      (VALUES (1, 'merchant', 0, 2000), (2, 'provider_clearing', 2000, 0)) l(line, account, debit, credit)
    WHERE p.tenant_id = $1::uuid AND p.provider_id LIKE 'pi_stored%'"""
_OBJECTS = """INSERT INTO provider.objects (account, id, kind, created, body)
    SELECT $1::text, prefix || 'stored' || n, kind, 1700000000,
      jsonb_build_object('id', prefix || 'stored' || n, 'object', kind, 'amount', 2000, 'currency', 'usd',
        'status', 'succeeded', 'metadata', jsonb_build_object('orderId', 'stored-' || n),
        'payment_intent', CASE WHEN kind = 'charge' THEN 'pi_stored' || n END)
    FROM generate_series(1, $2::int) n, (VALUES ('pi_', 'payment_intent'), ('ch_', 'charge')) k(prefix, kind)"""


async def store_payments(database: str, organization: str, account: str, count: int) -> None:
    """`count` payments of the organization with transition and ledger; as many intents and charges of the account."""
    connection = await asyncpg.connect(database)
    started = time.perf_counter()
    try:
        await connection.execute("SELECT set_config('septet.tenant_id', $1, false)", organization)
        await connection.execute(_PAYMENTS, organization, count, timeout=600)
        await connection.execute(_TRANSITIONS, organization, timeout=600)
        await connection.execute(_LEDGER, organization, timeout=600)
        await connection.execute(_OBJECTS, account, count, timeout=600)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    print(f"stored {count:,} payments in {time.perf_counter() - started:.0f} s", flush=True)
