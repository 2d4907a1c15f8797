"""Tenancy's verbs, one file per noun."""
