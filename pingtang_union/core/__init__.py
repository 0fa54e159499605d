"""Shared layer: scope, audit, figures, the ledger layer. Imports no app above it."""
