"""What is said of a row's outcome, for pages, workbooks, the admin and the command line alike."""

from typing import NamedTuple

from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import MessageKind, RowOutcome

WARNED = "warned"  # rows that are taken, with something to look at: a mark beside their verdict
TAKEN = (Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED)


class Words(NamedTuple):
    """How rows are counted: the counter of a batch, the label, what it means before the writing and after."""

    counter: str
    label: str
    note: str
    written: str = ""


def _of(verdict: Verdict, note: str, written: str = "") -> tuple[str, Words]:
    counter = "rejected" if verdict == Verdict.REJECT else verdict.value
    return verdict.value, Words(counter, verdict.label, note, written or note)


# By verdict, in the order that people are shown.
COUNTED: dict[str, Words] = dict(
    (
        _of(Verdict.NEW, "导入后新增", "已新增"),
        _of(Verdict.CHANGED, "导入后更新", "已更新"),
        _of(Verdict.UNCHANGED, "与已登记的一致"),
        (WARNED, Words(WARNED, "有提醒", "可以导入，请核对", "已导入，请核对")),
        _of(Verdict.TRANSFER, "已是其他工会的会员"),
        _of(Verdict.UNDECIDED, "请辨认是否同一人"),
        _of(Verdict.HELD, "导入时交县总工会核实", "已交县总工会核实"),
        _of(Verdict.REJECT, "有误，改正后重传"),
    )
)
VERDICTS = [Verdict(verdict) for verdict in COUNTED if verdict != WARNED]
UNDONE: dict[str, Words] = dict(
    (
        _of(Verdict.RESTORED, "改回导入前的内容"),
        _of(Verdict.REMOVED, "导入时新增的已删去"),
        _of(Verdict.KEPT, "之后有人改过或用到"),
    )
)
# What a message asks of the clerk.
KINDS = {
    MessageKind.WARN: "提醒",
    MessageKind.REJECT: "退回",
    MessageKind.TRANSFER: "转会",
    MessageKind.UNDECIDED: Verdict.UNDECIDED.label,
    MessageKind.HELD: Verdict.HELD.label,
}


def of_the_sheet(row: RowOutcome, place: str) -> str:
    """Why a row is refused of which nothing wrong is said: its whole sheet is, for a reason that stands at `place`."""
    is_said = row.verdict != Verdict.REJECT or any(message.kind == MessageKind.REJECT for message in row.messages)
    return "" if is_said else f"整张表没有收下，原因见{place}。"
