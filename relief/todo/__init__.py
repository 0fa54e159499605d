"""What waits for whom in relief: hardship files (files.py), money (money.py), care around it
(care.py)."""

from datetime import date
from typing import Any

from pingtang_union.core.todo import Item
from pingtang_union.workflow.waiting import Waiting
from relief.todo import care, files, money
from relief.todo.files import came_back, under_way

__all__ = ["came_back", "desk", "todo", "under_way"]


def desk(user: Any, today: date) -> list[Waiting]:
    """What waits for county staff, kind by kind."""
    return [*files.desk(user, today), *money.desk(user, today), *care.desk(user, today)]


def todo(user: Any, today: date) -> list[Item]:
    """What an office has to do."""
    return [*files.todo(user, today), *care.todo(user, today)]
