"""Every query of chat. Each names the tenant, though row-level security would hide the others' rows all the same."""
