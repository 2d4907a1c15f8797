"""Every query of notifications. Each names its tenant, though row-level security would hide the others' rows anyway."""
