"""What offices keep beside the records of a queue (workflow.attention), in the admin: what is new since one last
looked, what one follows, labels, who works on it; and the way from one case of the queue to the next.

An admin says when somebody else last touched a record (`touched`) and what its queue is (`queue_rows`).
"""

from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import register
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
)

from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.forms import PlainForm
from pingtang_union.admin.import_export import CatalogueAdminMixin
from pingtang_union.admin.resources import catalogue
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import may
from pingtang_union.workflow import marking
from pingtang_union.workflow.attention import Assignment, Follow, Label, Labelling, Seen

NEW_FOR = timedelta(days=30)  # what nobody has looked at for longer isn't news
MOST_AT_ONCE = 500
MOST_NAMED = 10
LONGEST_QUEUE = 1000
_KEPT = "_changelist_filters"  # Django's: the list that one came from


@register(Label)
class LabelAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """标签: one that is no longer wanted is put out of use; what has it keeps it."""

    resource_classes = (catalogue(Label, "name"),)
    measure = "个"
    list_display = ("name", "tone", "order", "is_active")
    fields = (("name", "tone"), ("order", "is_active"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@dataclass
class Marks:
    """What stands beside one record, for one viewer."""

    is_new: bool = False
    is_followed: bool = False
    labels: list[Label] = field(default_factory=list)
    assignment: Assignment | None = None


class AttentionFilter(DropdownFilter):
    """What is new to the viewer, followed by the viewer, given to the viewer, or to nobody."""

    title = "关注和分办"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: "AttentionMixin") -> list[tuple[str, str]]:
        user, model = request.user, model_admin.model
        assigned = Assignment.objects.of(model)
        self.known = {
            "new": lambda rows: model_admin.new_to(user, rows),
            "followed": lambda rows: rows.filter(pk__in=Follow.objects.of(model).filter(user=user).values("object_id")),
            "assigned": lambda rows: rows.filter(pk__in=assigned.filter(user=user).values("object_id")),
            "unassigned": lambda rows: rows.exclude(pk__in=assigned.values("object_id")),
        }
        return list(zip(self.known, ("新到未看", "我关注的", "分给我的", "尚未分办"), strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if not value:
            return queryset
        return self.known[value](queryset) if value in self.known else queryset.none()


class LabelFilter(DropdownFilter):
    """By a label."""

    title = "标签"
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: "AttentionMixin") -> list[tuple[str, str]]:
        self.model = model_admin.model
        return [(str(label.pk), label.name) for label in _labels(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        labelled = Labelling.objects.of(self.model).filter(label=key_in(self.value()))
        return queryset.filter(pk__in=labelled.values("object_id"))


def _labels(request: HttpRequest) -> list[Label]:
    """The labels in use; asked once a request."""
    if not hasattr(request, "labels"):
        request.labels = list(Label.objects.filter(is_active=True))
    return request.labels


class LabelsForm(PlainForm):
    """Which labels a record has; the hidden field says which it had when the page was made, so that of two who change
    them from two old pages neither undoes what the other did."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    labels = forms.ModelMultipleChoiceField(
        label="标签", queryset=Label.objects.none(), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        present = list(Labelling.objects.to(self.record).values_list("label", flat=True))
        self.initial |= {"labels": present, "shown": " ".join(map(str, present))}
        known = [*present, *_keys(self.data.get("shown", ""))]
        self.fields["labels"].queryset = Label.objects.filter(Q(is_active=True) | Q(pk__in=known))

    def changes(self) -> dict[str, list[Label]]:
        """Which labels were put, and which taken away, since the page was made."""
        shown, chosen = set(_keys(self.cleaned_data["shown"])), set(self.cleaned_data["labels"])
        taken = Label.objects.filter(pk__in=shown.difference(label.pk for label in chosen))
        return {"put": [label for label in chosen if label.pk not in shown], "taken": list(taken)}


def _keys(words: str) -> list[int]:
    return [key for word in words.split() if (key := key_in(word))]


class LabelSeveralForm(PlainForm):
    """Which label several records get or lose: one in use, or one that some of them (`record`) still have."""

    act = forms.ChoiceField(
        label="操作", choices=[("put", "贴上"), ("take", "去除")], widget=UnfoldAdminRadioSelectWidget, initial="put"
    )
    label = forms.ModelChoiceField(label="标签", queryset=None, empty_label="请选择", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        present = Labelling.objects.of(self.record.model).filter(object_id__in=self.record.order_by().values("pk"))
        self.fields["label"].queryset = Label.objects.filter(Q(is_active=True) | Q(pk__in=present.values("label")))


class AssignForm(PlainForm):
    """Who works on a record; the hidden field says who did when the page was made."""

    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)
    to = forms.ModelChoiceField(
        label="经办人", queryset=None, required=False, empty_label="不指定", widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = marking.people_for(self.record).filter(is_staff=True)
        present = Assignment.objects.to(self.record).first()
        self.initial |= {"to": present.user_id, "instead_of": present.user_id} if present else {"to": self.user.pk}


@dataclass(frozen=True)
class Place:
    """Where a case stands in the queue, with the addresses of its neighbours ("" at the ends)."""

    number: int
    of: int
    before: str
    after: str


class AttentionMixin:
    """For the admin of records that wait in a queue: put it before the admin base."""

    attention_template: ClassVar[str] = "admin/attention.html"

    def touched(self, user: Any) -> Any:
        """Expression: when somebody else than `user` last did something about the record; NULL for never."""
        raise NotImplementedError(f"{type(self).__name__} doesn't say when its records are touched")

    def queue_rows(self, request: HttpRequest) -> QuerySet | None:
        """The queue of who comes from no list: what waits for the viewer."""
        return None

    # --- the list ---

    def new_to(self, user: Any, rows: QuerySet) -> QuerySet:
        """Those of `rows` that somebody else has touched since `user` last looked, not too long ago."""
        seen = Seen.objects.of(self.model).filter(user=user, object_id=OuterRef("pk"), at__gte=OuterRef("touched"))
        touched = rows.alias(touched=self.touched(user)).filter(touched__gte=timezone.now() - NEW_FOR)
        return touched.exclude(Exists(seen))

    def marks_of(self, user: Any, pks: list[int]) -> dict[int, Marks]:
        """What stands beside the rows, for `user`: four questions, however many rows."""
        marks = {pk: Marks() for pk in pks}
        rows = self.model._default_manager.filter(pk__in=pks)
        for pk in self.new_to(user, rows).order_by().values_list("pk", flat=True):
            marks[pk].is_new = True
        for one in Follow.objects.of(self.model).filter(object_id__in=pks, user=user):
            marks[one.object_id].is_followed = True
        for one in Labelling.objects.of(self.model).filter(object_id__in=pks).select_related("label"):
            marks[one.object_id].labels.append(one.label)
        for one in Assignment.objects.of(self.model).filter(object_id__in=pks).select_related("user"):
            marks[one.object_id].assignment = one
        return marks

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each row with its marks."""
        changelist = super().get_changelist_instance(request)
        found = list(changelist.result_list)
        marks = self.marks_of(request.user, [one.pk for one in found])
        for one in found:
            one.marks = marks[one.pk]
        changelist.result_list = found
        return changelist

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the marks behind what names the record."""
        first, *rest = super().get_list_display(request)
        return (first, "marks_label", *rest)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), AttentionFilter, LabelFilter)

    @display(description="标记")
    def marks_label(self, obj: Any) -> str:
        return render_to_string("admin/_marks.html", {"marks": obj.marks})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The acts of the records themselves, and those of attention."""
        if IS_POPUP_VAR in request.GET:
            return {}
        acts: dict[str, tuple[Any, str]] = {
            "mark_seen": (marking.mark_seen, "标为已看"),
            "follow": (marking.follow, "关注"),
            "unfollow": (marking.unfollow, "取消关注"),
        }
        found = super().get_actions(request) | {
            name: (_of_several(act, words), name, words) for name, (act, words) in acts.items()
        }
        if may(request.user, "change", Labelling):
            return found | {"labels": (_label_several, "labels", "贴标签…")}
        return found

    def label_several(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Ask which label the chosen get or lose; then do it."""
        is_answer = "confirmed" in request.POST
        if is_answer:  # those chosen before: the list may have moved on since
            chosen = [key for key in map(key_in, request.POST.getlist(ACTION_CHECKBOX_NAME)) if key]
            queryset = self.get_queryset(request).filter(pk__in=chosen)
        if (keys := _chosen(request, queryset)) is None:
            return None
        rows = self.get_queryset(request).filter(pk__in=keys)
        form = LabelSeveralForm(request.POST if is_answer else None, user=request.user, record=rows)
        if is_answer and form.is_valid():
            label, is_put = form.cleaned_data["label"], form.cleaned_data["act"] == "put"
            try:
                number = (marking.label if is_put else marking.unlabel)(self.model, keys, label, by=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{'已贴上' if is_put else '已去除'}标签「{label}」：{number} 条。")
                return redirect(request.get_full_path())
        names = "、".join(map(str, rows[:MOST_NAMED]))
        return self.page(
            request,
            "admin/label_several.html",
            title="贴标签",
            facts=[("选中", f"{len(keys)} 条：{names}{'等' if len(keys) > MOST_NAMED else ''}")],
            action="labels",
            keys=keys,
            form=form,
            submit_label="保存",
            submit_variant="primary",
            back=request.get_full_path(),
        )

    # --- one record ---

    def get_urls(self) -> list[Any]:
        """With what is done about a record's marks, each asked for by its own key."""
        views = {"attend": self.attend_view, "labels": self.labels_view, "assign": self.assign_view}
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(f"<path:object_id>/{end}/", self.admin_site.admin_view(view), name=f"{name}_{end}")
            for end, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def attend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Follow a record, leave it alone again, or note that one has seen it; by POST, since pages only read."""
        record = self.visible_or_404(request, object_id)
        acts = {"follow": marking.follow, "unfollow": marking.unfollow, "seen": marking.mark_seen}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            return HttpResponse(status=405)
        act(self.model, [record.pk], by=request.user)
        return redirect(self.address_of(record.pk, request))

    def labels_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Which labels a record has."""

        def change(form: LabelsForm) -> str:
            marking.relabel(record, by=request.user, **form.changes())
            return "标签已更新。"

        record = self._for(request, object_id, Labelling)
        return self.ask(request, record, change, label="设置标签", submit="保存", form=LabelsForm)

    def assign_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who works on a record."""

        def give(form: AssignForm) -> str:
            to = form.cleaned_data["to"]
            marking.assign(record, to, by=request.user, instead_of=form.cleaned_data["instead_of"])
            return f"已分给{to.full_name}办理。" if to else "已取消分办。"

        record = self._for(request, object_id, Assignment)
        return self.ask(request, record, give, label="分办", submit="保存", form=AssignForm)

    def _for(self, request: HttpRequest, object_id: str, needs: Any) -> Any:
        record = self.visible_or_404(request, object_id)
        if not may(request.user, "change", needs):
            raise PermissionDenied
        return record

    def attention(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Context of admin/attention.html."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        ends = {"labels": Labelling, "assign": Assignment}
        return {
            "marks": self.marks_of(request.user, [record.pk])[record.pk],
            "place": self.place(request, record),
            "attend_url": reverse(f"{name}_attend", args=[record.pk]) + self.kept(request),
            **{
                f"{end}_url": reverse(f"{name}_{end}", args=[record.pk]) + self.kept(request)
                if may(request.user, "change", model)
                else ""
                for end, model in ends.items()
            },
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page, with the record's marks and its place in the queue."""
        record = self.get_object(request, str(object_id)) if object_id else None
        if record is not None and self.has_view_permission(request, record):
            extra_context = {**(extra_context or {}), **self.attention(request, record)}
        return super().changeform_view(request, object_id, form_url, extra_context)

    # --- from one to the next ---

    def kept(self, request: HttpRequest) -> str:
        """The list that one came from, for the end of an address."""
        filters = request.GET.get(_KEPT, "")
        return f"?{urlencode({_KEPT: filters})}" if filters else ""

    def address_of(self, pk: Any, request: HttpRequest) -> str:
        """The page of a record, from the same list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk]) + self.kept(request)

    def queue_keys(self, request: HttpRequest) -> list[int]:
        """Keys of the queue that the viewer works through, in its order: the list one came from, or what waits."""
        if filters := request.GET.get(_KEPT):
            asked = copy(request)
            asked.GET = QueryDict(filters)
            try:
                rows = super().get_changelist_instance(asked).queryset
            except (IncorrectLookupParameters, DisallowedModelAdminLookup):
                return []
        else:
            rows = self.queue_rows(request)
        return [] if rows is None else list(rows.values_list("pk", flat=True)[:LONGEST_QUEUE])

    def place(self, request: HttpRequest, record: Any) -> Place | None:
        """Where the record stands in the queue; None when it isn't in it."""
        keys = self.queue_keys(request)
        if record.pk not in keys:
            return None
        at = keys.index(record.pk)
        before = self.address_of(keys[at - 1], request) if at else ""
        after = self.address_of(keys[at + 1], request) if at + 1 < len(keys) else ""
        return Place(at + 1, len(keys), before, after)

    def onward(self, request: HttpRequest, record: Any) -> str:
        """The page of the next case of the queue, behind the last the first; "" when there is no other."""
        keys = self.queue_keys(request)
        if record.pk not in keys or len(keys) == 1:
            return ""
        return self.address_of(keys[(keys.index(record.pk) + 1) % len(keys)], request)


def _chosen(request: HttpRequest, queryset: QuerySet) -> list[int] | None:
    """Keys of the rows; None, with a word to the user, when they are too many."""
    keys = list(queryset.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        messages.error(request, f"一次最多办理 {MOST_AT_ONCE} 条，请先筛选。")
        return None
    return keys


def _label_several(self: AttentionMixin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    return self.label_several(request, queryset)


def _of_several(act: Any, words: str) -> Any:
    def several(self: AttentionMixin, request: HttpRequest, queryset: QuerySet) -> None:
        if (keys := _chosen(request, queryset)) is None:
            return
        try:
            number = act(self.model, keys, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{words}：{number} 条。")

    return several
