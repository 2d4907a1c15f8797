"""Septet: seven SaaS backend services in one package, one identity, one API style."""

__version__ = "0.1.0"
