"""A superior's blank form filled: it is sent, a person confirms what would be filled, and takes the filled form away.

Between the pages the form lies sealed in a store of its own, for ten minutes and for the one account that sent it.
"""

import io
import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import caches
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from members.ledgers.titles import unions_in_title
from members.models import Union
from pingtang_union.core import crypto
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import PortalForm
from pingtang_union.ledger.declaration import Ledger
from pingtang_union.ledger.giving.form import MAX_BYTES, Fit, fill, look_at
from pingtang_union.ledger.reading.workbook import UnreadableFile
from pingtang_union.ledger.unions import UnionFinder
from pingtang_union.pages.ledgers.giving import NumbersForm, given_ledgers, may_give
from pingtang_union.pages.ledgers.shared import crumbs

_GONE = "空白表格保留 10 分钟，已清除，请重新上传。"
OWN, ALL, NAMED = "own", "all", "named"


class _Store:
    """What one account keeps here under a word that nobody guesses."""

    def __init__(self, user: Any, token: str):
        self.key = f"form-{user.pk}-{token}"

    def keep(self, part: str, content: bytes, told: dict[str, Any]) -> None:
        """Keep a file, sealed, and what is to be told of it."""
        caches["forms"].set(f"{self.key}-{part}", (crypto.seal_bytes(content), told))

    def take(self, part: str) -> tuple[bytes, dict[str, Any]] | None:
        """The file and what is told of it; None once its time is over, and for anyone else's word."""
        kept = caches["forms"].get(f"{self.key}-{part}")
        return None if kept is None else (crypto.unseal_bytes(kept[0]), kept[1])


class FormUpload(PortalForm, forms.Form):
    """The blank form."""

    file = forms.FileField(
        label="上级下发的空白表格",
        help_text=".xlsx、.xls、.ods、.csv 均可，不超过 5 MB。表格应有表头，内容留空。",
        error_messages={"required": "还没有选择文件。", "empty": "是空文件，请核对是否选错了文件。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.xlsb,.ods,.csv,.et"}),
    )


@may_give
def ledger_fill(request: HttpRequest) -> HttpResponse:
    """Send the form."""
    is_sent = request.method == "POST"
    form = FormUpload(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MAX_BYTES:
                raise DomainError(f"文件有 {file.size / 1024 / 1024:.1f} MB，不是空白表格；空白表格最大 5 MB。")
            content = file.read()
            look_at(content, file.name, given_ledgers(request.user))
        except (UnreadableFile, DomainError) as error:
            form.add_error("file", f"「{file.name}」{error}" if isinstance(error, UnreadableFile) else str(error))
        else:
            token = secrets.token_urlsafe(16)
            _Store(request.user, token).keep("blank", content, {"name": file.name})
            return redirect("ledger_fill_check", token)
    context = {"form": form, "breadcrumbs": crumbs(("填报上级表格", ""))}
    return render(request, "ledgers/fill.html", context)


# --- What would be filled ------------------------------------------------------------------


class FillForm(NumbersForm):
    """Which of the ways, and whose rows."""

    way = forms.ChoiceField(
        label="按哪种台账填",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择按哪种台账填。", "invalid_choice": "请从列出的台账里选。"},
    )
    rows = forms.ChoiceField(
        label="填哪个工会的",
        error_messages={"required": "请选择所填工会。", "invalid_choice": "请从列出的工会里选。"},
    )
    field_order = ("way", "rows", "numbers", "reason")

    def __init__(
        self, *args: Any, user: Any, fits: list[Fit], unions: list[tuple[int, str]], named: Any, **kwargs: Any
    ):
        """`unions`: (id, name) of those that the account sees, its own first. `named`: by a way's key the id of the
        union that its sheet is said to be of."""
        asked: list[Ledger] = [fit.ledger for fit in fits if "id_number" in fit.header.found]
        super().__init__(*args, user=user, asked=asked, **kwargs)
        self.fields["way"].choices = [(fit.key, fit.ledger.title) for fit in fits]  # type: ignore[attr-defined]
        self.fields["way"].initial = fits[0].key
        below = [(str(pk), name) for pk, name in unions if pk != user.union_id]
        choices = [(OWN, f"本工会（{user.union}）")]
        if below:
            choices += [(ALL, f"本工会和下级工会（共 {len(unions)} 个）"), ("只填一个下级工会", below)]  # type: ignore[list-item]
        initial = ALL if below else OWN
        self.named = named
        if below and named:
            names = dict(unions)
            listed = list(dict.fromkeys(names[pk] for pk in named.values()))
            choices.insert(0, (NAMED, f"表中写明的工会（{'、'.join(listed[:2])}{' 等' if len(listed) > 2 else ''}）"))
            initial = NAMED if fits[0].key in named else ALL
        self.fields["rows"].choices = choices  # type: ignore[attr-defined]
        self.fields["rows"].initial = initial

    def clean(self) -> dict[str, Any]:
        """A sheet that names no union can't be filled for the one that it names."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("rows") == NAMED and cleaned.get("way") and cleaned["way"] not in self.named:
            self.add_error("rows", "所选工作表未写明工会，请选择工会。")
        return cleaned


@may_give
def fill_check(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be filled and what would stay empty; on POST fill it."""
    user: Any = request.user
    store = _Store(user, token)
    kept = store.take("blank")
    if kept is None or user.union is None:
        messages.error(request, _GONE)
        return redirect("ledger_fill")
    content, told = kept
    try:
        fits = look_at(content, told["name"], given_ledgers(user))
    except (UnreadableFile, DomainError) as error:
        messages.error(request, str(error))
        return redirect("ledger_fill")
    has_rows = {fit.ledger.slug: _has_rows(fit.ledger, user) for fit in fits}
    fits.sort(key=lambda fit: not has_rows[fit.ledger.slug])
    unions = list(Union.objects.visible_to(user).exclude(status="dissolved").values_list("pk", "name"))
    data = request.POST if request.method == "POST" else None
    form = FillForm(data, user=user, fits=fits, unions=unions, named=_unions_named(fits, user))
    if request.method == "POST" and form.is_valid():
        fit = next(fit for fit in fits if fit.key == form.cleaned_data["way"])
        chosen = form.cleaned_data["rows"]
        rows, union, conditions = _rows_of(user, fit.ledger, form.named[fit.key] if chosen == NAMED else chosen)
        try:
            filled = fill(
                content,
                told["name"],
                fit,
                rows,
                by=user,
                union=union,
                is_full=form.is_full,
                reason=form.said,
                conditions=conditions,
            )
        except DomainError as error:
            form.add_error("reason" if form.is_full else None, str(error))
        else:
            with filled.given.file as file:
                store.keep(
                    "filled",
                    file.read(),
                    {
                        "name": filled.given.name,
                        "form": told["name"],
                        "sheet": filled.sheet,
                        "ledger": fit.ledger.title,
                        "rows": filled.given.rows,
                        "columns": filled.columns,
                        "empty": filled.empty,
                        "conditions": conditions,
                    },
                )
            return redirect("ledger_filled", token)
    context = {
        "form": form,
        "name": told["name"],
        "ways": [
            {"fit": fit, "is_chosen": form["way"].value() == fit.key, "has_rows": has_rows[fit.ledger.slug]}
            for fit in fits
        ],
        "is_several": len(fits) > 1,
        "breadcrumbs": crumbs(("填报上级表格", reverse("ledger_fill")), ("核对要填的内容", "")),
    }
    return render(request, "ledgers/fill_check.html", context)


def _has_rows(ledger: Ledger, user: Any) -> bool:
    """Whether anything is recorded that could be filled in."""
    records = ledger.model._default_manager.visible_to(user)
    return bool(ledger.given(records, user).exists())


def _unions_named(fits: list[Fit], user: Any) -> dict[str, int]:
    """The union that a way's sheet is said to be of, by the way's key; only those that the account sees."""
    finder = UnionFinder(Union.objects.visible_to(user))
    named = {}
    for fit in fits:
        texts = [fit.asks_of] if fit.asks_of else [part for text in fit.titles for part in unions_in_title(text)]
        unions = {pk for text in texts if (pk := finder.find(text)[0]) is not None}
        if len(unions) == 1:
            named[fit.key] = unions.pop()
    return named


def _rows_of(user: Any, ledger: Ledger, chosen: str | int) -> tuple[Any, Any, str]:
    """(records, the union whose name the form gets, which records in words)."""
    visible = ledger.model._default_manager.visible_to(user)
    if chosen == ALL:
        return visible, user.union, f"{user.union}和下级工会"
    union = user.union if chosen == OWN else Union.objects.visible_to(user).get(pk=int(chosen))
    way = ledger.model.scope_path or "pk"
    return visible.filter(Q(**{way: union.pk})), union, str(union)


# --- The filled form -----------------------------------------------------------------------


@may_give
@require_GET
def filled_page(request: HttpRequest, token: str, *, is_file: bool = False) -> HttpResponse | FileResponse:
    """What was filled, what stayed empty, and the form to take away (`is_file`)."""
    kept = _Store(request.user, token).take("filled")
    if kept is None:
        messages.error(request, _GONE)
        return redirect("ledger_fill")
    content, told = kept
    if is_file:
        return FileResponse(io.BytesIO(content), as_attachment=True, filename=told["name"])
    way = crumbs(("填报上级表格", reverse("ledger_fill")), ("填好了", ""))
    return render(request, "ledgers/filled.html", {"told": told, "token": token, "breadcrumbs": way})
