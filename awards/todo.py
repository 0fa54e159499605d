"""What an office has to do about honours: rounds it has put up nobody in, drafts, what came back, what waits for its
recommendation. Each function asks a constant number of questions of rows that the user may see.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from awards.models import Nomination, Scorecard, SelectionRound
from awards.slate import Places, places_by_round, quotas_for
from pingtang_union.core.dates import left
from pingtang_union.core.permissions import may
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow import todo as applications
from pingtang_union.workflow import waiting
from pingtang_union.workflow.table import EDITABLE, State
from pingtang_union.workflow.timeline import asked_of

MAY_NOMINATE = ("awards.add_nomination", "awards.submit_nomination")


def todo(user: Any, today: date) -> list[Item]:
    """What is due: returned and begun nominations of the own union, those to recommend, rounds with places left."""
    items: list[Item] = []
    if user.has_perms(MAY_NOMINATE):
        items += open_items(user, today)
    if user.has_perm("awards.recommend_nomination"):
        items += recommend_items(user, today)
    if user.has_perms(MAY_NOMINATE):
        items += round_items(user, today)
    return items


def desk(user: Any, today: date) -> list[waiting.Waiting]:
    """What waits for the county of nominations and of star unions' scorecards."""
    return [*waiting.desk(Nomination, user), *waiting.desk(Scorecard, user)]


def _still_open(today: date) -> Q:
    return Q(round__opens_on__lte=today, round__closes_on__gte=today, round__closed_on__isnull=True)


def open_items(user: Any, today: date) -> list[Item]:
    """Drafts and returned nominations of the own union in rounds that still take them, those that close first first."""
    rows = Nomination.objects.visible_to(user).filter(_still_open(today), union=user.union_id, state__in=EDITABLE)
    nominations = rows.with_checklists().order_by("round__closes_on", "pk")[:SHOWN]
    asked = asked_of(nominations)
    return [_open_item(nomination, today, asked.get(nomination.pk, [])) for nomination in nominations]


def _open_item(nomination: Nomination, today: date, asked: list[str]) -> Item:
    words, urgency = left(nomination.round.closes_on, today)
    missing = len(nomination.still_missing())
    lacks = f"还有 {missing} 项未填。" if missing else "已填齐，尚未提交。"
    text = f"{nomination.round}，{words}。{lacks}"
    check = Step("检查并提交", reverse("awards:nomination_check", args=[nomination.pk]))
    if nomination.state == State.RETURNED:
        mend = Step("修改", reverse("awards:nomination_mend", args=[nomination.pk]))
        return Item(str(nomination), "退回修改", "is-bad", text, asked, [mend, check])
    fill = Step("继续填写", reverse("awards:nomination_check", args=[nomination.pk]))
    return Item(
        str(nomination), words, urgency, f"{nomination.round}的推荐草稿。{lacks}", steps=[fill if missing else check]
    )


def recommend_items(user: Any, today: date) -> list[Item]:
    """Rounds in which nominations wait for the user's recommendation, with how many."""
    rows = Nomination.objects.visible_to(user).awaiting_recommendation().filter(round__closed_on__isnull=True)
    rounds = (
        rows.exclude(submitted_by=user)
        .order_by(F("round__recommend_by").asc(nulls_last=True), "round")
        .values("round", "round__title", "round__recommend_by")
        .annotate(number=Count("pk"))[:SHOWN]
    )
    items = []
    for row in rounds:
        until = row["round__recommend_by"]
        badge, urgency = left(until, today) if until else ("待您推荐", "is-warn")
        page = f"{reverse('awards:nomination_list')}?show=waiting&round={row['round']}"
        text = f"有 {row['number']} 份推荐待您审核。"
        items.append(Item(row["round__title"], badge, urgency, text, steps=[Step("查看并推荐", page)]))
    return items


def round_items(user: Any, today: date) -> list[Item]:
    """Open rounds in which the user's unions have put up nobody, and have a place."""
    put_up = Nomination.objects.visible_to(user).standing().filter(round=OuterRef("pk"))
    rounds = SelectionRound.objects.visible_to(user).open_on(today)
    unanswered = list(
        rounds.exclude(pk__in=Subquery(put_up.order_by().values("round"))).order_by("closes_on", "pk")[:SHOWN]
    )
    places = places_by_round(quotas_for(user.union, unanswered)) if unanswered else {}
    return [
        _round_item(round_, places.get(round_.pk, []), user, today)
        for round_ in unanswered
        if all(each.left for each in places.get(round_.pk, []))
    ]


def _round_item(round_: SelectionRound, places: list[Places], user: Any, today: date) -> Item:
    badge, urgency = left(round_.closes_on, today)
    own = next((each for each in places if each.union_id == user.union_id), None)
    has = f"本工会有 {own.left} 个名额。" if own else ""
    steps = [
        Step("推荐", f"{reverse('awards:nomination_create')}?round={round_.pk}"),
        Step("查看要求", reverse("awards:round_detail", args=[round_.pk])),
    ]
    return Item(round_.title, badge, urgency, f"评选推荐正在进行，本单位尚未推荐。{has}", steps=steps)


def came_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    """(when, item) of nominations refused since then, and of those sent back that aren't among what is due."""
    if not may(user, "view", Nomination):
        return []
    today = timezone.localdate()
    due = Q(
        application__union=user.union_id,
        application__round__opens_on__lte=today,
        application__round__closes_on__gte=today,
        application__round__closed_on__isnull=True,
    )

    def told(nomination: Nomination) -> str:
        return f"{'' if nomination.union_id == user.union_id else f'{nomination.union}，'}{nomination.round}"

    return applications.came_back(
        Nomination, user, since, route="awards:nomination_detail", due=due, told=told, named=("honour", "round")
    )


def under_way(user: Any) -> list[Item]:
    """Nominations and scorecards that the own union handed in or the user passed on, and that others now have."""
    return [
        item
        for model, route, named in (
            (Nomination, "awards:nomination_detail", ("honour", "round")),
            (Scorecard, "awards:scorecard_detail", ("scheme",)),
        )
        if may(user, "view", model)
        for item in applications.under_way(model, user, route=route, named=named)
    ]
