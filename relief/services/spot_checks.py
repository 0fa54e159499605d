"""The yearly spot check: files drawn by lot from each union's, by a kept seed; what was found, what the union says."""

from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of
from pingtang_union.proof.draw import drawn, new_seed, share_of
from pingtang_union.workflow.table import STAGES
from relief.models import Household, ReliefPolicy, SpotCheck, SpotDraw


@transaction.atomic
def draw_files(*, union: Union, by: Any) -> SpotDraw:
    """Draw this year's files: of each union's that stand, the share that the policy in force says. Raises DomainError
    for who may not, without a share, without files, and where the year's are drawn."""
    if not by.has_perm(permission_of(SpotDraw, "draw")):
        raise DomainError("您的账号不能抽取档案。")
    if not Union.objects.visible_to(by).filter(pk=union.pk).exists():
        raise DomainError("不在您的管理范围。")
    today = timezone.localdate()
    policy = ReliefPolicy.objects.over(union).on(today)
    if policy is None or policy.spot_share is None:
        raise DomainError("现行帮扶政策没有规定抽查比例，不能抽取。")
    rows = Household.objects.on_file().filter(union__path__startswith=union.path).order_by("union__path", "pk")
    pairs = rows.values_list("union", "pk")
    population = [[key, [pk for _, pk in group]] for key, group in groupby(pairs, key=lambda pair: pair[0])]
    if not population:
        raise DomainError("没有在档的档案，不用抽取。")
    draw = SpotDraw(
        union=union, year=today.year, share=policy.spot_share, seed=new_seed(), population=population, drawn_by=by,
        drawn_at=timezone.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            draw.save()
    except IntegrityError as error:
        raise DomainError(f"{today.year} 年度已经抽取，不能再抽。") from error
    unions = {pk: key for key, keys in population for pk in keys}
    SpotCheck.objects.bulk_create(SpotCheck(draw=draw, union_id=unions[pk], household_id=pk) for pk in draw_again(draw))
    return draw


def draw_again(draw: SpotDraw) -> list[int]:
    """The files that seed, share and kept list of a draw give: the same whenever it is asked."""
    found: list[int] = []
    for _union, keys in draw.population:
        names = drawn(draw.seed, map(str, keys), share_of(len(keys), draw.share))
        found += map(int, names)
    return found


@transaction.atomic
def record_finding(*, check: SpotCheck, is_in_order: bool, findings: str, by: Any) -> SpotCheck:
    """Note what was found in a drawn file. Raises DomainError for who may not, or had a part in the file."""
    locked = _locked(check, by)
    if not by.has_perm(permission_of(SpotCheck, "change")):
        raise DomainError("您的账号不能登记抽查情况。")
    if _had_a_part(locked.household, by):
        raise DomainError("这份档案是您经办过的，要由别人抽查。")
    if locked.answer:
        raise DomainError("工会已经答复，抽查情况不能再改。")
    findings = " ".join(findings.split())
    if len(findings) < 4:
        raise DomainError("请写明抽查情况（至少 4 个字）。")
    locked.is_in_order, locked.findings = is_in_order, findings
    locked.found_by, locked.found_at = by, timezone.now()
    locked.save()
    return locked


@transaction.atomic
def answer_finding(*, check: SpotCheck, answer: str, by: Any) -> SpotCheck:
    """The union's answer to what was found. Raises DomainError before anything was found."""
    locked = _locked(check, by)
    if not by.has_perm(permission_of(Household, "submit")):
        raise DomainError("您的账号不能答复抽查。")
    if not locked.findings or locked.found_by_id == by.pk:
        raise DomainError("尚未登记抽查情况，或由您本人抽查，不能答复。")
    if locked.answer:
        raise DomainError("已经答复，不能再改。")
    answer = " ".join(answer.split())
    if len(answer) < 4:
        raise DomainError("请写明整改情况（至少 4 个字）。")
    locked.answer, locked.answered_by, locked.answered_at = answer, by, timezone.now()
    locked.save()
    return locked


def _had_a_part(household: Household | None, by: Any) -> bool:
    """Whether `by` handed in, recommended, visited, reviewed or decided the file."""
    if household is None:
        return False
    acted = any(getattr(household, f"{stage}_by_id") == by.pk for stage in STAGES)
    return acted or Household.objects.filter(Household.acted_beside(by), pk=household.pk).exists()


def _locked(check: SpotCheck, by: Any) -> SpotCheck:
    locked = SpotCheck.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=check.pk).first()
    if locked is None:
        raise DomainError("没有这份抽查，或者它不在您的管理范围。")
    return locked
