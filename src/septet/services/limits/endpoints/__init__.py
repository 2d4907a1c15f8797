"""HTTP of limits."""
