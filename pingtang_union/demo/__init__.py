"""The demonstration: shipped ledgers and one account a role. Never a production server's (see accounts.refuse_unless_demo)."""
