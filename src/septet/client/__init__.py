"""Clients of Septet's services that need more than an HTTP library."""
