"""Writes of campaigns: activities and their parts (activities.py), a year planned after the last (plans.py), what
becomes public (publishing.py)."""

from campaigns.services.activities import add_part, add_photos, cancel, remove_part, save_activity
from campaigns.services.plans import copy_edition
from campaigns.services.publishing import offer, publish, withdraw

__all__ = [
    "add_part",
    "add_photos",
    "cancel",
    "copy_edition",
    "offer",
    "publish",
    "remove_part",
    "save_activity",
    "withdraw",
]
