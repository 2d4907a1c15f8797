"""Payments' verbs, one file per noun."""
