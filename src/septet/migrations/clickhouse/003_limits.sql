CREATE TABLE limit_decisions (
  tenant_id UUID,
  at DateTime('UTC') CODEC(Delta, ZSTD),
  route LowCardinality(String),
  method LowCardinality(String),
  user_id String,
  plan LowCardinality(String),
  rule_id UUID,
  audience LowCardinality(String),
  allowed UInt32,
  denied UInt32,
  shadow_denied UInt32,
  cost Int64,
  used_percent UInt8
) ENGINE = MergeTree
PARTITION BY toDate(at)
ORDER BY (tenant_id, at, route, user_id)
TTL at + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 100;
