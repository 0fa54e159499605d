"""What an import did, or would do, with a file: counts and messages by sheet."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import Message
from pingtang_union.ledger.wording import COUNTED


@dataclass(slots=True)
class SheetReport:
    """What happened with one sheet."""

    sheet: str
    ledger: str
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # by Verdict, and "warned"
    messages: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, row: int, number: int | None, name: str, message: Message) -> None:
        """Add a message of a row, or of the header (number None)."""
        self.messages.append(
            {
                "row": row,
                "no": number,
                "name": name,
                "column": message.column,
                "verdict": message.kind,
                "message": message.text,
            }
        )

    def as_json(self) -> dict[str, Any]:
        """The report in the words that other tools call by."""
        return {
            "sheet": self.sheet,
            "ledger": self.ledger,
            "rows": self.rows,
            **{
                words.counter: self.counts[verdict]
                for verdict, words in COUNTED.items()
                if verdict != Verdict.UNDECIDED
            },
            "messages": self.messages,
        }


@dataclass(slots=True)
class FileReport:
    """What happened with one file. `error`: it could not be read or recognised."""

    file: str
    sheets: list[SheetReport] = field(default_factory=list)
    error: str = ""
    is_written: bool = False
    awaits_reference: bool = False
    is_refused: bool = False  # a sheet as a whole

    @property
    def rejected(self) -> int:
        """Rows refused, over all sheets."""
        return sum(sheet.counts[Verdict.REJECT] for sheet in self.sheets)

    def as_json(self) -> dict[str, Any]:
        """The report in the words that other tools call by."""
        report: dict[str, Any] = {"file": self.file, "sheets": [sheet.as_json() for sheet in self.sheets]}
        if self.error:
            report["error"] = self.error
        report["written"] = self.is_written
        return report
