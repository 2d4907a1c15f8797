"""What shippers speak, read into lines: OTLP, Loki's push, Elasticsearch's bulk, syslog."""
