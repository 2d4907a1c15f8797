"""Clients of Septet for users' own applications; they need nothing but httpx."""
