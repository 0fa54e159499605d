"""Routes of honours for officers, townships, county staff and leaders, one a line."""

from typing import Any

# fmt: off
urlpatterns: list[Any] = [
]
# fmt: on
