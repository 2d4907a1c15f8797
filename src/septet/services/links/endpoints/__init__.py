"""HTTP of links."""
