"""Tenancy over HTTP, one file per noun."""
