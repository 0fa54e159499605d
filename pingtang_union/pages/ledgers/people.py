"""Rows that may mean someone known: namesakes for a person to tell apart, members elsewhere to ask for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from members import services
from members.models import Member, TransferRequest, Union
from pingtang_union.core.changes import field_of, label_of, value_text
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateFormField
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.keys import key_in
from pingtang_union.ledger.importing import preview, steps
from pingtang_union.ledger.importing.shown import ShownRow, read_value
from pingtang_union.ledger.importing.tasks import CHECK
from pingtang_union.ledger.models import BatchState, ImportBatch, ImportRow, Verdict
from pingtang_union.ledger.outcome import RowOutcome, outcome_of
from pingtang_union.ledger.rights import Rights
from pingtang_union.pages.ledgers.shared import act, may_bring, one_batch

# --- Namesakes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A row beside the members known that it may mean."""

    row: RowOutcome
    values: list[tuple[str, str]]
    known: list[tuple[int, list[tuple[str, str]]]]


def pairs_of(rows: Sequence[RowOutcome], user: Any) -> list[Pair]:
    ids = [row.object_id for row in rows if row.object_id]
    meant = {member.pk: member for member in Member.objects.visible_to(user).filter(pk__in=ids)}
    alike: dict[tuple[str, str | None], list[Member]] = {}
    keys = {(member.name_key, member.born_on) for member in meant.values()}
    wanted = Q(pk__in=[])
    for name_key, born_on in keys:
        wanted |= Q(name_key=name_key, born_on=born_on)
    for member in Member.objects.visible_to(user).filter(wanted).select_related("union").order_by("pk"):
        alike.setdefault((member.name_key, member.born_on), []).append(member)
    pairs = []
    for row in rows:
        shown_as = meant.get(row.object_id or 0)
        known = alike.get((shown_as.name_key, shown_as.born_on), []) if shown_as else []
        facts = [(member.pk, _facts_known(member, user)) for member in known]
        pairs.append(Pair(row, _facts_read(row.values, user), facts))
    return pairs


_COMPARED = ("id_number", "gender", "born_on", "phone", "joined_on", "employer", "team")


def _facts_read(values: dict[str, Any], user: Any) -> list[tuple[str, str]]:
    return [(label_of(Member, name), read_value(Member, name, values, user)) for name in _COMPARED if name in values]


def _facts_known(member: Member, user: Any) -> list[tuple[str, str]]:
    facts = [("所在工会", str(member.union)), ("会籍状态", member.get_status_display())]
    for name in _COMPARED:
        value = getattr(member, name)
        if value:
            shown = str(value) if name == "id_number" else value_text(field_of(Member, name), value, user)
            facts.append((label_of(Member, name), shown))
    return facts


@may_bring
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who the rows mean, and check anew."""
    batch = one_batch(request, pk)
    decisions: dict[tuple[str, int], int] = {}
    for row in preview.Rows(batch, Verdict.UNDECIDED)[:]:  # what else a form may hold was never asked
        value = request.POST.get(row.key, "")
        if value == "0" or key_in(value):
            decisions[(row.sheet, row.row)] = key_in(value)
    if not decisions:
        messages.error(request, "还没有选择。请在每一行里选「同一个人」或「不是同一个人」。")
        return redirect(reverse("ledger_batch", args=[pk]) + "?show=undecided")
    return act(
        request,
        batch,
        lambda: steps.decide(batch=batch, by=request.user, decisions=decisions),
        CHECK,
        "已按您的选择重新检查。",
    )


# --- Transfers that a roster suggests ------------------------------------------------------


class TransferForm(PortalForm, forms.Form):
    """Day and reason of the transfers asked for from a roster."""

    on = PartialDateFormField(label="转会日期", help_text="如 2026-05-12；只知道月份也可以")
    reason = forms.CharField(label="申请原因", max_length=200, help_text="如：已调入本单位工作")


def transfer_form(rights: Rights, batch: ImportBatch) -> TransferForm | None:
    if not rights.may("transfers", batch):
        return None
    return TransferForm(initial={"on": timezone.localdate().isoformat(), "reason": "已调入本单位工作"})


def with_asked(rows: Sequence[ShownRow], user: Any) -> list[ShownRow]:
    """The rows, those marked whose member has been asked for and not been answered."""
    members = [row.outcome.object_id for row in rows if row.outcome.object_id]
    pending = TransferRequest.objects.visible_to(user).pending().filter(member__in=members)
    asked = dict(pending.order_by().values_list("member", "asked_at"))
    shown = []
    for row in rows:
        if at := asked.get(row.outcome.object_id or 0):
            text = f"{timezone.localtime(at):%Y-%m-%d} 已申请转会，等对方工会或县总工会答复，不用再申请。"
            row = replace(row, messages=[*row.messages, {"text": text}], is_asked=True)
        shown.append(row)
    return shown


@permission_required("members.add_transferrequest", raise_exception=True)
@require_POST
def request_transfers(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the unions of the chosen people for their transfer."""
    batch = one_batch(request, pk)
    form = TransferForm(request.POST)
    back = redirect(reverse("ledger_batch", args=[pk]) + "?show=transfer")
    if refusal := Rights(request.user).why_not("transfers", batch):
        messages.error(request, refusal)
        return back
    if not form.is_valid():
        messages.error(
            request, "没有提出申请：" + "；".join(str(text) for texts in form.errors.values() for text in texts)
        )
        return back
    chosen = set(request.POST.getlist("row"))
    asked = 0
    for key, member_id, union_id in _transfers_of(batch):
        if key not in chosen:
            continue
        member = Member.objects.filter(pk=member_id).first()
        union = Union.objects.visible_to(request.user).filter(pk=union_id).first()
        if member is None or union is None:
            messages.error(request, "有一行的会员或工会已有变动，请重新检查这份台账。")
            continue
        try:
            services.request_transfer(
                member=member,
                to=union,
                on=form.cleaned_data["on"],
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]  # whoever may ask is signed in
                batch=batch,
            )
            asked += 1
        except DomainError as error:
            messages.error(request, f"{member.name}：{error}")
    if asked:
        messages.success(request, f"已提出 {asked} 份转会申请，等对方工会或县总工会答复。")
    elif not chosen:
        messages.error(request, "还没有选择会员，请勾选要转入的人。")
    return back


def _transfers_of(batch: ImportBatch) -> Iterable[tuple[str, int, int]]:
    """(row's key on the page, member, receiving union) of a batch's rows that are members elsewhere."""
    rows: Iterable[RowOutcome] = preview.Rows(batch, Verdict.TRANSFER)
    if batch.state == BatchState.WRITTEN:
        rows = map(outcome_of, ImportRow.objects.filter(batch=batch, verdict=Verdict.TRANSFER))
    for row in rows:
        if row.object_id and row.before:
            yield row.key, row.object_id, row.values["union_id"]
