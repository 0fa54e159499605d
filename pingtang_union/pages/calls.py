"""A call for a ledger as offices over others see it: who has answered, who is reminded, and answers without a file."""

from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Union
from pingtang_union.core.audit import record_export
from pingtang_union.core.dates import day_in_words, left
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.keys import key_in
from pingtang_union.ledger import calls
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.giving.export import Given, file_name, who_and_when
from pingtang_union.ledger.models import LedgerCall
from pingtang_union.pages.ledgers.giving import as_download

PER_PAGE = 20
_SHOWN = {"missing": "未报", "partial": "部分报送", "returned": "已报", "all": "全部"}
_HEADINGS = (("工会名称", 36), ("主席", 12), ("联系电话", 16), ("报送情况", 12), ("报送日期", 14), ("最近催报", 14))

may_see_calls = permission_required(("core.view_ledgercall", "members.view_union"), raise_exception=True)


def _home(user: Any) -> dict[str, str]:
    """Where the calls are listed: officers' workbench, the county's admin."""
    if user.is_staff:
        return {"label": "台账收报通知", "url": reverse("admin:core_ledgercall_changelist")}
    return {"label": "我的工会", "url": reverse("workbench")}


def _one_call(request: HttpRequest, pk: int) -> LedgerCall:
    return get_object_or_404(LedgerCall.objects.visible_to(request.user).select_related("union"), pk=pk)


def _lists(request: HttpRequest, call: LedgerCall) -> dict[str, Any]:
    """The visible unions that the call asks, in the tree's order, by how far they have answered; no ranking."""
    asked = calls.asked(call, Union.objects.visible_to(request.user), timezone.localdate())
    unions = calls.with_reminders(call, calls.with_records(call, calls.with_answers(call, asked)))
    return {
        "missing": unions.filter(answer_at__isnull=True),
        "partial": unions.filter(answer_left_out__gt=0),
        "returned": unions.filter(answer_left_out=0),
        "all": unions,
    }


def _chosen(asked: str) -> str:
    return asked if asked in _SHOWN else "missing"


@may_see_calls
def call_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has answered, in part or not at all, with a way to remind them."""
    call = _one_call(request, pk)
    user: Any = request.user
    lists = _lists(request, call)
    visible = Union.objects.visible_to(user)
    tally = calls.tallies([call], visible, timezone.localdate())[call.pk]
    show = _chosen(request.GET.get("show", "all" if tally.asked == 1 else ""))
    numbers = {"missing": tally.missing, "partial": tally.partial, "returned": tally.returned, "all": tally.asked}
    words, urgency = left(call.due_on, timezone.localdate())
    is_open = call.closed_on is None
    context = {
        "call": call,
        "left": words if is_open else "已结束",
        "urgency": urgency if is_open else "",
        "tally": tally,
        "share": round(100 * tally.returned / tally.asked) if tally.asked else 0,
        "page_obj": Paginator(lists[show], PER_PAGE).get_page(request.GET.get("page")),
        "choices": [(kind, label, numbers[kind], kind == show) for kind, label in _SHOWN.items()],
        "show": show,
        "due": tally.missing + tally.partial,
        "today": timezone.localdate(),
        "may_remind": is_open and user.has_perm("core.add_callreminder"),
        "may_export": user.has_perm("core.export_importbatch"),
        "may_bring": is_open and calls.may_answer(call, user),
        "may_open_batch": user.has_perm("core.view_importbatch"),
        "breadcrumbs": [_home(user), {"label": call.title, "url": ""}],
    }
    return render(request, "workbench/call.html", context)


@may_see_calls
@permission_required("core.add_callreminder", raise_exception=True)
@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind one union, or all that haven't answered in full."""
    call = _one_call(request, pk)
    asked = request.POST.get("union", "")
    unions = [get_object_or_404(Union.objects.visible_to(request.user), pk=key_in(asked))] if asked else None
    try:
        number = calls.remind(call=call, by=request.user, unions=unions)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已催报 {unions[0] if unions else f'{number} 个工会'}，对方将在待办事项中看到。")
    return redirect(f"{reverse('ledger_call', args=[pk])}?show={_chosen(request.POST.get('show', ''))}")


@may_see_calls
@permission_required("core.export_importbatch", raise_exception=True)
@require_POST
def export_unions(request: HttpRequest, pk: int) -> FileResponse:
    """The unions of one list as a workbook, with whom to ring up; an event of the audit trail."""
    call = _one_call(request, pk)
    show = _chosen(request.POST.get("show", ""))
    unions = list(_lists(request, call)[show])
    lines = [
        (
            one.name,
            one.chair,
            one.phone,
            "未报" if one.answer_at is None else "部分报送" if one.answer_left_out else "已报",
            f"{timezone.localtime(one.answer_at):%Y-%m-%d}" if one.answer_at else "",
            f"{one.reminded_on:%Y-%m-%d}" if one.reminded_on else "",
        )
        for one in unions
    ]
    columns = [list(column) for column in zip(*lines, strict=True)]
    who = who_and_when(request.user)
    file = BytesIO()
    xlsx.write(
        file,
        name="名单",
        lines=[f"{call.title}：{_SHOWN[show]}名单", f"《{call.ledger}》，{day_in_words(call.due_on)}截止"],
        headings=[xlsx.Heading("序号", 7), *(xlsx.Heading(label, width, is_text=True) for label, width in _HEADINGS)],
        chunks=[[range(1, len(lines) + 1), *columns]] if lines else [],
        footer=f"&L{who.replace('&', '&&')}&R第 &P 页，共 &N 页",
    )
    file.seek(0)
    record_export(
        Union, title=f"{call.title}：导出名单", by=request.user, rows=len(lines), conditions=_SHOWN[show], numbers=""
    )
    return as_download(Given(file, file_name(call.title, f"{_SHOWN[show]}名单"), len(lines)))


class WordForm(ScopedForm):
    """Why a union answers without its file: asked where another office answers for it, or where a part is left."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


@permission_required("core.view_ledgercall", raise_exception=True)
def unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a call by saying that the records stand, or that the rest need not come, for the own union or (`union`)
    one below."""
    user: Any = request.user
    call = _one_call(request, pk)
    if not calls.may_answer(call, user):  # the page counts records that the account may not see
        raise PermissionDenied
    union = get_object_or_404(Union.objects.visible_to(user), pk=key_in(request.GET.get("union", user.union_id)))
    is_own = union.pk == user.union_id
    back = reverse("workbench") if is_own else reverse("ledger_call", args=[pk])
    due = calls.due_from([call], union)
    part = due[0][1] if due else None
    form = None if is_own and part is None else WordForm(request.POST or None, user=user)
    if form is not None and not is_own:
        form.fields["reason"].label = "代报的原因"
    if request.method == "POST" and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form else ""
        try:
            calls.confirm_unchanged(call=call, union=union, by=user, reason=reason)
        except DomainError as error:
            if form is None:
                messages.error(request, str(error))
                return redirect(back)
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已报送：{union}的{call.ledger}{'其余不报' if part else '无变化'}。")
            return redirect(back)
    title = "其余不报" if part else "无变化"
    context = {
        "call": call,
        "union": union,
        "title": title if is_own else f"代报：{title}",
        "part": part,
        "form": form,
        "rows": calls.records_kept(call, union),
        "is_answered": calls.asks(call, union) and not due,
        "back": back,
        "breadcrumbs": [
            _home(user),
            {"label": call.title, "url": back if not is_own else ""},
            {"label": title, "url": ""},
        ],
    }
    return render(request, "workbench/unchanged.html", context)
