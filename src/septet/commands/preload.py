"""Imported once by the fork server, so that every process forked from it shares all of Septet's code."""

import gc

import septet.app  # noqa: F401 - to have it in memory
from septet.supervisor.role import die_with_parent

die_with_parent("septet fork")
gc.freeze()  # the collector then leaves these objects alone, and their pages stay shared
