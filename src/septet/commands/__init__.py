"""The commands of `septet`, one file each. Each reads settings, calls one thing, and ends with what to do next."""
