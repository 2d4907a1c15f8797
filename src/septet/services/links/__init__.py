"""Links: a URL shortener with click analytics."""
