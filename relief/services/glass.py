"""The glass fund (玻璃资金): entries sealed in blocks, and the file that anyone may recompute (proof.seal).

The figures of a year are sums of sealed entries. Payments by programme and township never tell of fewer than three
persons: smaller cells are put together, first with other townships of their programme, then with other programmes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Substr

from pingtang_union.core.exceptions import DomainError
from pingtang_union.money import MoneyField
from pingtang_union.proof import blocks
from pingtang_union.proof.models import Chain
from pingtang_union.workflow.publishing import public_text
from relief.models import Entry, EntryKind, Grant, GrantState, PaymentRow, Publication, RowResult
from relief.models.grants import person

LEAST = 3  # persons of a cell
_OTHER_TOWNS, _OTHER_PROGRAMMES = "其他乡镇", "其他项目"


def row_of(entry: Entry) -> blocks.Row:
    """What of an entry is published, and what is only committed to."""
    published = {
        "fund": entry.fund_id, "version": entry.version, "kind": entry.kind, "amount": str(entry.amount),
        "balance": str(entry.balance), "effective_on": entry.effective_on.isoformat(),
        "document_number": entry.document_number,
    }  # fmt: skip
    rest = {
        "key": entry.key, "by": entry.by_id, "at": entry.at.isoformat(), "payment": entry.payment_id,
        "transfer": entry.transfer, "reverses": entry.reverses_id,
    }  # fmt: skip
    return blocks.Row(entry.pk, published, rest)


def seal_entries() -> Any:
    """Seal the entries that aren't yet; gives the block, None where there are none. Of a fund they stand in order."""
    sealed = blocks.Leaf.objects.filter(chain=Chain.FUNDS).values("object_id")
    return blocks.seal_rows(
        Chain.FUNDS, list(map(row_of, Entry.objects.exclude(pk__in=sealed).order_by("fund", "version")))
    )


def broken() -> list[int]:
    """Entries that say something else than when they were sealed."""
    return blocks.differing(Chain.FUNDS, list(map(row_of, Entry.objects.all())))


@transaction.atomic
def publish() -> Publication:
    """Seal what is new and publish; where nothing is new and no figure has changed, the latest stays. Raises
    DomainError where an entry says something else than when it was sealed: then nothing is published."""
    if wrong := broken():
        raise DomainError(f"封存后被改动的资金流水：{'、'.join(map(str, wrong))}，没有公布。")
    seal_entries()
    document = document_now()
    latest = Publication.objects.first()
    if latest is not None and latest.document == document:
        return latest
    return Publication.objects.create(head=document["head"], document=document)


def document_now() -> dict[str, Any]:
    """The public file: the chain, its funds, and each year's figures."""
    chain = blocks.published(Chain.FUNDS)
    rows = [row["columns"] for block in chain for row in block["rows"]]
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        sums[int(row["effective_on"][:4])][row["kind"]] += Decimal(row["amount"])
    balance, years = Decimal(0), []
    outside = _outside()
    for year in sorted(sums.keys() | outside.keys()):
        balance += sum(sums[year].values())
        years.append(
            {
                "year": year,
                "kinds": {kind: str(amount) for kind, amount in sorted(sums[year].items())},
                "balance": str(balance),
                "payments": [cell.told() for cell in _cells(year)],
                "outside": outside.get(year),
            }
        )
    funds = Entry.objects.order_by("fund").values_list("fund", "fund__year", "fund__name", "fund__source").distinct()
    return {
        "format": 1,
        "head": chain[-1]["head"] if chain else "0" * 64,
        "funds": [
            {"id": pk, "name": public_text(f"{year}年{name}"), "source": source} for pk, year, name, source in funds
        ],
        "years": years,
        "blocks": chain,
    }


# --- Payments by programme and township ------------------------------------------------------


@dataclass
class Cell:
    """Payments of one programme in one township, or of several put together."""

    programme: str
    township: str
    persons: set[str]  # what tells each; none of it is published
    amount: Decimal

    def told(self) -> dict[str, Any]:
        """As it is published: of fewer than three persons only the amount, which the year's total tells anyway."""
        return {
            "programme": public_text(self.programme), "township": public_text(self.township),
            "amount": str(self.amount),
            "persons": len(self.persons) if self.is_large else None,
        }  # fmt: skip

    @property
    def is_large(self) -> bool:
        """Whether it may be told."""
        return len(self.persons) >= LEAST

    def take(self, other: "Cell") -> None:
        """Who is in both counts once."""
        self.persons = self.persons | other.persons
        self.amount += other.amount


def _cells(year: int) -> list[Cell]:
    """A year's payments, less what came back in it: the sum is that of its sealed entries."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    entries = Entry.objects.filter(kind=EntryKind.PAYMENT, effective_on__range=(first, last), pk__in=_sealed())
    returned = Entry.objects.filter(kind=EntryKind.RETURN, effective_on__range=(first, last), pk__in=_sealed())
    back = [int(key.removeprefix("return-")) for key in returned.values_list("key", flat=True)]
    cells: dict[tuple[str, str], Cell] = {}
    for rows, sign in (
        (PaymentRow.objects.filter(batch__in=entries.values("payment")), 1),
        (PaymentRow.objects.filter(pk__in=back), -1),
    ):
        ordered = rows.order_by("grant__programme__order", "grant__township", "pk")
        for programme, township, who, result, amount in ordered.values_list(
            "grant__programme__name", "grant__township", person("grant__"), "result", "amount"
        ):
            place = programme, township or "县直"
            cell = cells.setdefault(place, Cell(*place, set(), Decimal(0)))
            cell.amount += sign * amount
            if sign > 0 and result != RowResult.FAILED:
                cell.persons.add(who)
    return merged(cell for cell in cells.values() if cell.persons or cell.amount)


def merged(cells: Iterable[Cell]) -> list[Cell]:
    """Cells of at least three persons each; only where all together are fewer, one of fewer."""
    by_programme: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_programme[cell.programme].append(cell)
    told: list[Cell] = []
    for programme, ours in by_programme.items():
        told += _together(ours, Cell(programme, _OTHER_TOWNS, set(), Decimal(0)))
    return _together(told, Cell(_OTHER_PROGRAMMES, "", set(), Decimal(0)))


def _together(cells: list[Cell], rest: Cell) -> list[Cell]:
    """Small cells put into `rest`, and the smallest of the others until it is large enough itself."""
    large = sorted((cell for cell in cells if cell.is_large), key=lambda cell: -len(cell.persons))
    small = [cell for cell in cells if not cell.is_large]
    for cell in small:
        rest.take(cell)
    while small and not rest.is_large and large:
        rest.take(large.pop())
    kept = {id(cell) for cell in large}
    return [*(cell for cell in cells if id(cell) in kept), *([rest] if small else [])]


def _sealed() -> Any:
    return blocks.Leaf.objects.filter(chain=Chain.FUNDS).values("object_id")


def _outside() -> dict[int, dict[str, Any]]:
    """By year what was paid before the portal kept books: no entry stands behind it. No year of fewer than three."""
    rows = Grant.objects.filter(is_outside_books=True, state=GrantState.PAID).order_by()
    years = rows.annotate(year=Substr("granted_on", 1, 4)).values_list("year")
    sums = {
        "n": Count("pk"), "persons": Count(person(), distinct=True), "total": Sum("amount", output_field=MoneyField())
    }  # fmt: skip
    return {
        int(year): {"grants": number, "amount": str(total)}
        for year, number, persons, total in years.annotate(**sums)
        if persons >= LEAST
    }
