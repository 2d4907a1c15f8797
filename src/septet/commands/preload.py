"""Imported once by the fork server, so that every process forked from it shares all of Septet's code."""

import gc
import importlib

from septet.kernel.collector import collect_rarely
from septet.supervisor.role import die_with_parent

collect_rarely()
importlib.import_module("septet.app")  # to have it in memory
die_with_parent("septet fork")
gc.freeze()  # the collector then leaves these objects alone, and their pages stay shared
