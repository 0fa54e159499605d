"""The ledger of honours."""
