CREATE TABLE link_clicks (
  tenant_id UUID, link_id UUID, at DateTime64(3, 'UTC'), id UUID,
  classification LowCardinality(String), reason LowCardinality(String), visitor UInt64,
  referrer String, referrer_host LowCardinality(String), browser LowCardinality(String),
  operating_system LowCardinality(String), device LowCardinality(String), language LowCardinality(String),
  country LowCardinality(String), utm_source LowCardinality(String), utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String), variant UInt8, user_agent String, version UInt64
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(at) ORDER BY (tenant_id, link_id, at, id);
