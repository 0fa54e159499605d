"""Unfold's settings: titles, colours, the sidebar by work."""

from typing import Any

UNFOLD: dict[str, Any] = {}
