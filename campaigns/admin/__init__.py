"""County staff's pages over campaigns."""

from campaigns.admin import activities, lists

__all__ = ["activities", "lists"]
