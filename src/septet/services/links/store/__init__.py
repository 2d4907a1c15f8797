"""Every query of links."""
