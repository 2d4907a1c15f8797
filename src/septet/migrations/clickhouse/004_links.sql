CREATE TABLE link_clicks (
  tenant_id UUID, link_id UUID, at DateTime64(3, 'UTC'), id UUID,
  classification LowCardinality(String), reason LowCardinality(String), visitor UInt64,
  referrer String, referrer_host LowCardinality(String), browser LowCardinality(String),
  operating_system LowCardinality(String), device LowCardinality(String), language LowCardinality(String),
  country LowCardinality(String), utm_source LowCardinality(String), utm_medium LowCardinality(String),
  utm_campaign LowCardinality(String), variant UInt8, user_agent String, version UInt64
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(at)
PRIMARY KEY (tenant_id, toDate(at), link_id) ORDER BY (tenant_id, toDate(at), link_id, at, id)
SETTINGS index_granularity = 1024;
CREATE TABLE link_hours_touched (
  tenant_id UUID, hour DateTime('UTC'), rows UInt64
) ENGINE = SummingMergeTree(rows) ORDER BY (tenant_id, hour);
CREATE MATERIALIZED VIEW link_hours_touching TO link_hours_touched AS
SELECT tenant_id, toStartOfHour(at) AS hour, count() AS rows FROM link_clicks GROUP BY tenant_id, hour;
CREATE TABLE link_hours (
  tenant_id UUID, link_id UUID, dimension LowCardinality(String), hour DateTime('UTC'), value String,
  people UInt64, programs UInt64, visitors AggregateFunction(uniqCombined(12), UInt64),
  visitors_and_programs AggregateFunction(uniqCombined(12), UInt64), rows UInt64
) ENGINE = ReplacingMergeTree(rows) PARTITION BY toYYYYMM(hour)
ORDER BY (tenant_id, link_id, dimension, hour, value);
