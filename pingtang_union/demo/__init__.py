"""The demonstration: shipped ledgers and one account a role; never for a production server (see accounts.py)."""
