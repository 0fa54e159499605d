"""Star unions: keeping a scheme, filling in a scorecard, and the county's scores. Moving it is workflow.moving's."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from awards.models import ItemScore, Scorecard, ScorecardFile, StarItem, StarScheme, points
from awards.models.scorecards import Line
from awards.services.rounds import may_keep
from members.models import Union
from members.models.codes import UnionStatus
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.versions import changed_since, not_overwritten, version_of
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.moving import locked_for, locked_for_edit, refuse_invalid
from pingtang_union.workflow.table import State

MOST_FILES = 10  # for one item
_NOT_YOURS = "无此评定标准，或不在您的管理范围。"
# Scorecards under which the marks may still change: nobody has been told a score by them.
NOT_HANDED_IN = (State.DRAFT, State.RETURNED, State.ABANDONED)

Side = Literal["self", "county"]
Scores = Mapping[int, tuple[Decimal | None, str]]  # score and note by the item's key


# --- The scheme ------------------------------------------------------------------------------


def handed_in(scheme: StarScheme) -> int:
    """How many scorecards by the scheme stand handed in or are settled."""
    return Scorecard.objects.filter(scheme=scheme).exclude(state__in=NOT_HANDED_IN).count()


@transaction.atomic
def lock_items(scheme: StarScheme) -> None:
    """Call it before dimensions, items or marks are written: raises DomainError once a union has handed in its
    scorecard, since nobody's marks change under her feet. Holds the scheme's row, as handing in does."""
    locked = StarScheme.objects.select_for_update().get(pk=scheme.pk)
    if number := handed_in(locked):
        raise DomainError(
            f"已有 {number} 个工会按「{locked}」提交了自评，维度、评分项目和分值不能再改。"
            "确实要改，请先把这些自评退回；已经认定的，请复制成新的评定标准。"
        )


@transaction.atomic
def put_in_use(*, scheme: StarScheme, by: Any) -> StarScheme:
    """Let unions score themselves by it. Raises DomainError for who may not, and while something is missing."""
    locked = _kept(scheme, by)
    if missing := locked.missing_to_use():
        raise DomainError(f"「{locked}」还不能启用：{'；'.join(missing)}。")
    locked.is_in_use = True
    locked.save()
    return locked


@transaction.atomic
def take_out_of_use(*, scheme: StarScheme, by: Any) -> StarScheme:
    """Nobody begins or hands in a scorecard by it any more; those handed in go their way."""
    locked = _kept(scheme, by)
    locked.is_in_use = False
    locked.save()
    return locked


def refuse_unusable(scheme: StarScheme) -> None:
    """Raise DomainError when a scheme in use has lost what it needs."""
    if scheme.is_in_use and (missing := scheme.missing_to_use()):
        raise DomainError(
            f"「{scheme}」正在使用，这样改就不能用了：{'；'.join(missing)}。未保存；确需修改的，请先停用。"
        )


@transaction.atomic
def copy_scheme(*, scheme: StarScheme, year: int, by: Any) -> StarScheme:
    """A scheme's dimensions, items and thresholds for another year, not in use yet; the year in its title follows.
    Document and closing date are each year's own. Raises DomainError for who may not, and when the year has one."""
    if not by.has_perm("awards.add_starscheme"):
        raise DomainError("您的账号不能新建评定标准。")
    source = StarScheme.objects.visible_to(by).select_related("union").filter(pk=scheme.pk).first()
    if source is None or not may_keep(source, by):
        raise DomainError(_NOT_YOURS)
    title = source.title.replace(str(source.year), str(year))
    copied = StarScheme(union=source.union, title=title, year=year, note=source.note)
    refuse_invalid(copied)
    copied.save()
    for dimension in source.dimensions.prefetch_related("items"):
        added = copied.dimensions.create(name=dimension.name, order=dimension.order)
        for item in dimension.items.all():
            added.items.create(text=item.text, marks=item.marks, needs_evidence=item.needs_evidence, order=item.order)
    for threshold in source.thresholds.all():
        copied.thresholds.create(stars=threshold.stars, least=threshold.least)
    return copied


def _kept(scheme: StarScheme, by: Any) -> StarScheme:
    locked = StarScheme.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=scheme.pk).first()
    if locked is None or not may_keep(locked, by):
        raise DomainError(_NOT_YOURS)
    if not by.has_perm("awards.change_starscheme"):
        raise DomainError("您的账号不能修改评定标准。")
    return locked


# --- The union's part ------------------------------------------------------------------------


@transaction.atomic
def start_scorecard(*, scheme: StarScheme, union: Union, by: Any) -> Scorecard:
    """A union's empty scorecard, one a scheme. Raises DomainError for who may not, when the scheme isn't open today or
    isn't for this union, and when there is one already."""
    if not by.has_perm(permission_of(Scorecard, "submit")):
        raise DomainError("您的账号不能填写星级自评。")
    visible = StarScheme.objects.visible_to(by).select_related("union").filter(pk=scheme.pk).first()
    if visible is None:
        raise DomainError(_NOT_YOURS)
    if not Union.objects.visible_to(by).filter(pk=union.pk).exists():
        raise DomainError("只能为自己的工会或下级工会自评。")
    if not visible.is_open_on(timezone.localdate()):
        raise DomainError(f"「{visible}」现在不收自评。")
    if not visible.covers(union):
        raise DomainError(f"{union}不在「{visible}」的评定范围内。")
    if union.status == UnionStatus.DISSOLVED:
        raise DomainError(f"{union}已经撤销，不参加评定。")
    scorecard = Scorecard(scheme=visible, union=union, created_by=by)
    try:
        with transaction.atomic():
            scorecard.save()
    except IntegrityError as error:
        raise DomainError(f"{union}已经有一份「{visible}」的自评，请打开那一份填写。") from error
    return scorecard


@transaction.atomic
def save_self_scores(*, scorecard: Scorecard, scores: Scores, by: Any, version: str = "") -> Scorecard:
    """Write the union's own scores of some items, none for what isn't scored yet.

    `version` is what `version_of_scores` gave when the page was shown. Raises DomainError when the scorecard can't be
    changed any more, for a score out of bounds (with where and what), and when someone else wrote meanwhile.
    """
    locked = locked_for_edit(scorecard, by=by)
    _write(locked, scores, "self", version)
    locked.save()
    return locked


@transaction.atomic
def add_evidence(*, scorecard: Scorecard, item: StarItem, files: Collection[CheckedFile], by: Any) -> None:
    """Attach checked files to an item. Raises DomainError when they would be too many, for an item of another scheme,
    and when the scorecard can't be changed any more."""
    locked = locked_for_edit(scorecard, by=by)
    _line(locked, item.pk)
    there = locked.files.filter(item=item).count()
    if there + len(files) > MOST_FILES:
        raise DomainError(f"一个项目最多传 {MOST_FILES} 份佐证材料，现在有 {there} 份，请合并或删去一些。")
    for checked in files:
        file = ScorecardFile(application=locked, item=item, added_by=by)
        file.fill(checked)
        file.save()
    locked.save()


# --- The county's part -----------------------------------------------------------------------


@transaction.atomic
def save_county_scores(*, scorecard: Scorecard, scores: Scores, by: Any, version: str = "") -> Scorecard:
    """Write the county's scores of some items, while the scorecard waits for its review.

    Raises DomainError for who may not or submitted it herself, in any other state, for a score out of bounds (with
    where and what), and when anybody changed scores since the page with `version` was shown.
    """
    locked = locked_for(scorecard, by)
    if barred := barred_from_scoring(locked, by):
        raise DomainError(barred)
    _write(locked, scores, "county", version)
    locked.revision += 1  # who approves has to have seen these scores
    locked.save()
    return locked


def barred_from_scoring(scorecard: Scorecard, by: Any) -> str:
    """Why `by` may not give the county's scores now; "" when nothing is against it."""
    if not by.has_perm(permission_of(Scorecard, "review")):
        return "您的账号不能评分。"
    if scorecard.submitted_by_id == by.pk:
        return "这份自评是您自己提交的，要由别人评分。"
    if scorecard.state != State.SUBMITTED:
        return f"当前状态是「{scorecard.get_state_display()}」，已提交、尚未审核的自评方可评分。"
    return ""


# --- Scores ----------------------------------------------------------------------------------


def wrong_score(score: Decimal | None, marks: Decimal) -> str:
    """What is wrong with a score for an item worth `marks`; "" when nothing is."""
    if score is None:
        return ""
    if not score.is_finite() or not 0 <= score <= marks:
        return f"填了 {score} 分，要在 0 至满分 {points(marks)} 分之间"
    if score != round(score, 1):
        return f"填了 {score} 分，最多一位小数"
    return ""


def version_of_scores(lines: Iterable[Line], side: Side) -> str:
    """A mark of what these items hold, for a hidden field; of the county's page also what the union said."""
    return version_of("scores", _shown(lines, side))


def _shown(lines: Iterable[Line], side: Side) -> dict[str, str]:
    columns = ["self_score", "self_note", *(["county_score", "county_note"] if side == "county" else [])]
    shown = {}
    for line in lines:
        values = [line.score.scorecard_id, *(getattr(line.score, name) for name in columns)]
        shown[str(line.item.pk)] = "|".join(points(it) if isinstance(it, Decimal) else str(it) for it in values)
    return shown


def _line(scorecard: Scorecard, item: int) -> Line:
    for part in scorecard.parts():
        for line in part.lines:
            if line.item.pk == item:
                return line
    raise DomainError("评定标准无此项目，可能已修改。请刷新后填写。")


def _write(scorecard: Scorecard, scores: Scores, side: Side, version: str) -> None:
    lines = {line.item.pk: line for part in scorecard.parts() for line in part.lines}
    if set(scores) - set(lines):
        raise DomainError("评定标准无此项目，可能已修改。请刷新后填写。")
    _refuse_changed([lines[key] for key in scores], side, version)
    wrong = [f"{lines[key].place}{said}" for key, (score, _) in scores.items()
             if (said := wrong_score(score, lines[key].item.marks))]  # fmt: skip
    if wrong:
        raise DomainError("；".join(wrong) + "。")
    for key, (score, note) in scores.items():
        _save(lines[key].score, side, score, " ".join(note.split()))


def _refuse_changed(lines: Collection[Line], side: Side, version: str) -> None:
    changed = changed_since("scores", _shown(lines, side), version)[0] if version else []
    if changed:
        now = (f"{line.place}，现在是{_said(line.score)}" for line in lines if str(line.item.pk) in changed)
        raise DomainError(not_overwritten(now))


def _said(score: ItemScore) -> str:
    own = "未自评" if score.self_score is None else f"自评 {points(score.self_score)} 分"
    return own if score.county_score is None else f"{own}、县评 {points(score.county_score)} 分"


def _save(row: ItemScore, side: Side, score: Decimal | None, note: str) -> None:
    if (getattr(row, f"{side}_score"), getattr(row, f"{side}_note")) == (score, note):
        return
    setattr(row, f"{side}_score", score)
    setattr(row, f"{side}_note", note)
    refuse_invalid(row)
    row.save()
