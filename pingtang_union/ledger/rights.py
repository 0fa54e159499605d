"""Who may act on a batch: asked by the services that act, by the worker again, and by the pages before they offer it.

Whoever acts needs the permission of the step, and on the model of each ledger concerned what the step does there: a
writing adds and changes, and an undoing takes back both. Every union whose rows the batch holds has to be among the
actor's. A preview is planned and written in the scope of whoever brought it, so that this account has to be able to do
the same at the moment. A refusal names no union: it may be one that the actor doesn't see.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from django.apps import apps

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import scope_q
from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.models import BatchKind, ImportBatch, Verdict

VERBS = {Verdict.NEW: "add", Verdict.CHANGED: "change"}
# What a step needs on the records of each ledger, by the ledger's title. No verbs: any one of them, since nobody knows
# yet what the rows will do.
Needed = Mapping[str, Collection[str]]
_BRING, _UNDO, _ASK = "core.add_importbatch", "core.undo_importbatch", "members.add_transferrequest"
# What each step is called in a refusal, and the permission that it needs of its own.
STEPS: Mapping[str, tuple[str, str]] = {
    "write": ("导入", _BRING),
    "recheck": ("重新检查", _BRING),
    "columns": ("改列的对应关系", _BRING),
    "decide": ("辨认是不是同一个人", _BRING),
    "discard": ("放弃", _BRING),
    "resume": ("继续处理", _BRING),
    "undo": ("撤销", _UNDO),
    "transfers": ("提出转会申请", _ASK),
}
# What sets going again what was planned in the scope of whoever brought it, or writes it.
_IN_THE_UPLOADERS_SCOPE = frozenset(("write", "recheck", "columns", "decide"))
_CHANGES_THE_PLAN = frozenset(("columns", "decide", "transfers"))  # what the rows did so far says little of it
_OF_ONES_OWN = frozenset(("discard", "recheck", "resume"))  # whoever brought a file may look anew and give it up


class Rights:
    """What one account may do with batches. One query for all batches of a page: the unions outside its scope."""

    def __init__(self, user: Any):
        self.user = user

    @cached_property
    def _hidden(self) -> frozenset[int]:
        unions = apps.get_model("members", "Union").objects
        return frozenset(unions.exclude(scope_q(self.user, "")).order_by().values_list("pk", flat=True))

    def sees_rows_of(self, batch: ImportBatch) -> bool:
        """Whether every union that the batch concerns is among the account's."""
        return self._hidden.isdisjoint({batch.union_id, *unions_of(batch)})

    def _reaches(self, step: str, batch: ImportBatch) -> bool:
        """Whether `step` touches no row outside the account's scope. Who brought a file may look anew and give it up
        whatever stands in it. Whose batch took a record out of a union that she doesn't see may put it back there: it
        restores what was. Nobody else may who doesn't see that union."""
        if step in _OF_ONES_OWN and batch.by_id == self.user.pk:
            return batch.union_id not in self._hidden
        if not self.sees_rows_of(batch):
            return False
        is_own = self.user.pk in (batch.by_id, batch.confirmed_by_id)
        return step != "undo" or is_own or self._hidden.isdisjoint(_left_by(batch))

    def may_keep(self, title: str) -> bool:
        """Whether the account writes records of the ledger called `title` at all."""
        return _may(self.user, {title: ()})

    def may(self, step: str, batch: ImportBatch) -> bool:
        """Whether nothing is against it."""
        return not self.why_not(step, batch)

    def why_not(
        self, step: str, batch: ImportBatch, *, titles: Iterable[str] | None = None, asks_uploader: bool = True
    ) -> str:
        """Why the account may not do `step`, in words; "" when it may. `titles`: the ledgers that it touches, by
        default all of the batch. `asks_uploader`: lists leave that to the page of the batch. The command line, which
        has no account, may everything."""
        if self.user is None:
            return ""
        word, permission = STEPS[step]
        if step == "resume" and batch.kind == BatchKind.UNDO:
            permission = _UNDO
        if not self.user.is_active or not self.user.has_perm(permission):
            return f"您的账号不能{word}台账。" if permission != _ASK else f"您的账号不能{word}。"
        if not self._reaches(step, batch):
            return f"这份台账不全归您管，不能{word}。请联系县总工会办理。"
        needed = needed_for(step, batch, titles)
        is_own = batch.by_id is not None and batch.by_id == self.user.pk
        if not (is_own and step in _OF_ONES_OWN) and not _may(self.user, needed):
            return f"这份台账里有您的账号不能登记或修改的内容，不能{word}。请由负责这种台账的人办理。"
        if asks_uploader and step in _IN_THE_UPLOADERS_SCOPE:
            return uploader_lacks(batch, needed if step == "write" else {}, by=self.user if is_own else batch.by)
        return ""

    def require(self, step: str, batch: ImportBatch, *, titles: Iterable[str] | None = None) -> None:
        """Raise DomainError with why not."""
        if refusal := self.why_not(step, batch, titles=titles):
            raise DomainError(refusal)


def uploader_lacks(batch: ImportBatch, needed: Needed, *, by: Any) -> str:
    """Why a preview can't be planned or written any more as `by`, who brought it; "" when it can."""
    if by is None:
        return ""
    if not by.is_active:
        return "上传这份台账的账号已停用，不能再用。请重新上传文件。"
    if by.union_id != batch.union_id:
        return "上传这份台账的人已不在原来的单位，不能再用。请重新上传文件。"
    if not by.has_perm(_BRING) or not _may(by, needed):
        return "上传这份台账的账号已经没有这项权限，不能再用。请由有权限的人重新上传文件。"
    return ""


def _may(user: Any, needed: Needed) -> bool:
    models = {ledger.title: ledger.owner for ledger in ledgers()}
    for title, verbs in needed.items():
        model = models.get(title)
        if model is None:  # a ledger that is no more: nobody knows what its rows mean
            return False
        asked = verbs or VERBS.values()
        has = [may(user, verb, model) for verb in asked]
        if not (all(has) if verbs else any(has)):
            return False
    return True


# --- What a batch concerns -----------------------------------------------------------------


def needed_for(step: str, batch: ImportBatch, titles: Iterable[str] | None = None) -> Needed:
    """What `step` needs: of a batch that was checked or written what its rows do, of one that nobody could read any
    verb on every ledger that it may be, which are those that whoever brought it keeps."""
    if batch.undoes is not None:
        return needed_for("undo", batch.undoes)
    if titles is not None:
        return dict.fromkeys(titles, ())
    concerned = {title: concern["verbs"] for title, concern in batch.concerns.items()}
    if step not in _CHANGES_THE_PLAN and any(concerned.values()):
        return {title: verbs for title, verbs in concerned.items() if verbs}
    read = [sheet["ledger"] for sheet in batch.sheets or [] if sheet["is_read"]]
    nearest = [sheet["ledger"] for sheet in batch.sheets or []]
    return dict.fromkeys([*concerned, *read] or nearest or _kept_by(batch.by), ())


def _kept_by(user: Any) -> list[str]:
    """Titles of the ledgers that an account keeps, of all where it is unknown or keeps none."""
    every = [ledger.title for ledger in ledgers()]
    return [title for title in every if user is not None and _may(user, {title: ()})] or every


def unions_of(batch: ImportBatch) -> set[int]:
    """The unions whose rows the batch holds or wrote, as far as rows are of one."""
    concerned = batch.undoes.concerns if batch.undoes is not None else batch.concerns
    return {union_id for concern in concerned.values() for union_id in concern["unions"]}


def _left_by(batch: ImportBatch) -> set[int]:
    """Unions that rows left and that whoever brought them doesn't see."""
    return {union_id for concern in batch.concerns.values() for union_id in concern.get("left", ())}


def without_unmade(concerns: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of a preview: without the unions that it made and took back, whose numbers others will get."""
    unions = apps.get_model("members", "Union").objects
    stored = set(unions.order_by().values_list("pk", flat=True))
    return {
        title: {**concern, "unions": [pk for pk in concern["unions"] if pk in stored]}
        for title, concern in concerns.items()
    }
