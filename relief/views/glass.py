"""玻璃资金: what the funds took in and paid, for anyone, as the latest publication has it."""

from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pingtang_union.core.database import only_reads
from pingtang_union.money import yuan
from pingtang_union.proof.pages import document_file
from relief.models import EntryKind, Publication
from relief.services.glass import LEAST


@only_reads
@require_safe
def glass(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """One year, the latest if none is named."""
    latest = Publication.objects.first()
    years: list[dict[str, Any]] = latest.document["years"] if latest else []
    chosen = next((one for one in reversed(years) if year in (None, one["year"])), None)
    if chosen is None and year is not None:
        raise Http404
    context = {
        "section": "glass",
        "latest": latest,
        "tabs": [
            (f"{one['year']}年", reverse("relief:glass_year", args=[one["year"]]), "", one is chosen)
            for one in reversed(years)
        ],
        "year": chosen and chosen["year"],
        "facts": _facts(chosen) if chosen else [],
        "programmes": _programmes(chosen["payments"]) if chosen else [],
        "outside": chosen and chosen["outside"] and _amount(chosen["outside"]),
        "least": LEAST,
    }
    return render(request, "relief/glass.html", context)


def _amount(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"amount": yuan(Decimal(told["amount"]))}


def _facts(year: dict[str, Any]) -> list[tuple[str, str]]:
    """What came in, what was paid, what else moved, what was left, in words and yuan."""
    kinds = {kind: Decimal(amount) for kind, amount in year["kinds"].items()}
    paid = -(kinds.pop(EntryKind.PAYMENT, Decimal(0)) + kinds.pop(EntryKind.RETURN, Decimal(0)))
    facts = [("本年拨入", yuan(kinds.pop(EntryKind.INCOME, Decimal(0)))), ("本年发放", yuan(paid))]
    facts += [(EntryKind(kind).label, yuan(amount)) for kind, amount in kinds.items() if amount]
    return [*facts, ("年末结余", yuan(Decimal(year["balance"])))]


def _programmes(cells: list[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(programme, its sum, its cells)."""
    return [
        (name, yuan(sum((Decimal(cell["amount"]) for cell in ours), Decimal(0))), list(map(_amount, ours)))
        for name, group in groupby(cells, key=lambda cell: cell["programme"])
        for ours in [list(group)]
    ]


@only_reads
@require_safe
def published_file(request: HttpRequest) -> FileResponse:
    """The file to recompute."""
    latest = Publication.objects.first()
    if latest is None:
        raise Http404
    return document_file(latest.document, "funds.json")
