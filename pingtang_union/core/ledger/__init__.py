"""The Excel layer, one module a step: read, recognise, clean, check, commit (README, "Ledgers")."""
