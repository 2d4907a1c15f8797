"""Every query of limits."""
