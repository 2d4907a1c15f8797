"""Imported once by the fork server, so that every process forked from it shares all of Septet's code."""

import gc

import septet.app  # noqa: F401 - to have it in memory

gc.freeze()  # the collector then leaves these objects alone, and their pages stay shared
