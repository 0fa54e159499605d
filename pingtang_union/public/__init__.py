"""Pages for anyone: front page, notice board, honour roll, certificates, verification.

Templates are handed `shown` classes only, never records: what isn't named there can't be printed by mistake. Nothing is
kept by any cache, since a notice has to vanish when it is over and an award when it is revoked.
"""
