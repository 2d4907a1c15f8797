"""Measurements of Septet: one script per service, each beside what a user would pick instead."""
