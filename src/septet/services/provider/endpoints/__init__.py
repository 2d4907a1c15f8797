"""The provider over HTTP: every operation with its path, its parameters and the name by which faults are set on it."""
