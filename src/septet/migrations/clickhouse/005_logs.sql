-- One row a log line. A row's identity is (tenant_id, request, line): a repeated insert can be told from a new line.
-- Partitions are days of expiry, which the insert computes from the tenant's retention: old lines go by whole partitions.
CREATE TABLE IF NOT EXISTS logs (
  tenant_id UUID,
  expires_on Date CODEC(ZSTD(1)),
  timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  request UUID CODEC(ZSTD(1)),
  line UInt32 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  timestamp_from Enum8('line' = 1, 'arrival' = 2) CODEC(ZSTD(1)),
  level Enum8('trace' = 1, 'debug' = 2, 'info' = 3, 'warn' = 4, 'error' = 5, 'fatal' = 6) CODEC(ZSTD(1)),
  service LowCardinality(String) CODEC(ZSTD(1)),
  host LowCardinality(String) CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  message String CODEC(ZSTD(1)),
  raw String CODEC(ZSTD(1)),
  attributes JSON(max_dynamic_paths = 128, max_dynamic_types = 8,
    SKIP `@timestamp`, SKIP `attributes`,
    SKIP `host`, SKIP `host.name`, SKIP `hostname`, SKIP `level`, SKIP `log.level`, SKIP `message`, SKIP `msg`, SKIP `service`, SKIP `service.name`,
    SKIP `severity`, SKIP `severityText`, SKIP `span.id`, SKIP `spanId`, SKIP `span_id`, SKIP `time`, SKIP `timestamp`, SKIP `trace.id`, SKIP `traceId`, SKIP `trace_id`, SKIP `ts`) CODEC(ZSTD(1)),
  bytes UInt32 CODEC(ZSTD(1)),
  INDEX words lowerUTF8(message) TYPE text(tokenizer = splitByNonAlpha),
  INDEX arrival received_at TYPE minmax GRANULARITY 4,
  -- What histograms, facets and usage ask for, kept in step with the lines by ClickHouse itself.
  PROJECTION counts (
    SELECT tenant_id,
      intDiv(toUnixTimestamp64Nano(timestamp), 60000000000) - (toUnixTimestamp64Nano(timestamp) % 60000000000 < 0) AS minute,
      service, level, count(), sum(bytes), min(timestamp), max(timestamp)
    GROUP BY tenant_id, minute, service, level)
)
ENGINE = MergeTree
PARTITION BY expires_on
PRIMARY KEY (tenant_id, timestamp)
ORDER BY (tenant_id, timestamp, received_at, request, line)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  lightweight_mutation_projection_mode = 'rebuild';
