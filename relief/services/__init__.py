"""Writes of relief that touch several rows or ask for rights."""

from relief.services.grants import may_delete, record

__all__ = ["may_delete", "record"]
