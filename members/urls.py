"""Routes of officers' pages on unions, cadres, members, trainings and transfers, one a line."""

from typing import Any

# fmt: off
urlpatterns: list[Any] = [
]
# fmt: on
