"""How far a running batch is: told by the worker, read by the page. Kept beside the database, since nobody else sees
what a worker writes inside its one transaction."""

import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches

_EVERY_SECONDS = 0.3
LOST_AFTER_SECONDS = 90  # longer than any step is silent (reading 50 MB takes less than 30)

# Share of the time that each step takes, by measurement of rosters of 100,000 rows.
_BEFORE = "等候别的台账写完"
CHECKING = (("读取文件", 0.40), ("核对内容", 0.35), ("与已登记的比对", 0.15), ("整理结果", 0.10))
WRITING = (("取出核对过的内容", 0.10), ("再次比对", 0.20), ("导入", 0.45), ("登记导入明细", 0.25))
UNDOING = (("核对导入以后的改动", 0.40), ("恢复", 0.60))


@dataclass(frozen=True)
class Standing:
    """What a page shows: the step, rows done of how many, the whole as a share, seconds left (None: can't tell)."""

    step: str
    done: int
    total: int
    share: float
    seconds_left: int | None
    is_lost: bool


class Progress:
    """Tells how far one batch is. Cheap to call: most calls only count."""

    def __init__(self, batch_id: int, steps: tuple[tuple[str, float], ...]):
        self.key = f"batch-{batch_id}"
        self.steps = steps
        self.began = time.time()
        self.number, self.done, self.total = -1, 0, 0
        self._tell()  # one that waits for another's writing to end is not lost

    def step(self, total: int = 0) -> None:
        """The next step begins, over `total` rows."""
        self.number, self.done, self.total = self.number + 1, 0, total
        self._tell()

    def tick(self, rows: int) -> None:
        """So many more rows of this step are done."""
        self.done += rows
        if time.time() - self._told >= _EVERY_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.time()
        label, weight = self.steps[self.number] if self.number >= 0 else (_BEFORE, 0.0)
        share = sum(part for _label, part in self.steps[: max(self.number, 0)])
        if self.total:
            share += weight * min(self.done / self.total, 1)
        caches["progress"].set(
            self.key,
            {
                "step": label,
                "done": min(self.done, self.total),
                "total": self.total,
                "share": share,
                "began": self.began,
                "at": self._told,
            },
        )

    def end(self) -> None:
        """The work is over, well or not."""
        caches["progress"].delete(self.key)


def forget(batch_id: int) -> None:
    """What a worker told that died says nothing of the batch any more."""
    caches["progress"].delete(f"batch-{batch_id}")


def standing(batch_id: int) -> Standing | None:
    """How far the batch is, or None when nobody has begun it."""
    told: dict[str, Any] | None = caches["progress"].get(f"batch-{batch_id}")
    if told is None:
        return None
    share, now = told["share"], time.time()
    elapsed = now - told["began"]
    left = round(elapsed * (1 - share) / share) if share >= 0.05 and elapsed >= 1 else None
    return Standing(told["step"], told["done"], told["total"], share, left, now - told["at"] > LOST_AFTER_SECONDS)
