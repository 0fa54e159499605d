"""What waits for whom in relief: hardship files (files.py), money (money.py)."""

from datetime import date
from typing import Any

from pingtang_union.workflow.waiting import Waiting
from relief.todo import files, money
from relief.todo.files import came_back, todo, under_way

__all__ = ["came_back", "desk", "todo", "under_way"]


def desk(user: Any, today: date) -> list[Waiting]:
    """What waits for county staff, kind by kind."""
    return [*files.desk(user, today), *money.desk(user, today)]
