"""What an office has to do about honours: rounds it has put up nobody in, drafts, what came back, what waits for its
recommendation. As in due.py, each function asks a constant number of questions of rows that the user may see.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from awards.models import Nomination, NominationStep, SelectionRound
from awards.slate import Places, places_by_round, quotas_for
from pingtang_union.core.dates import left
from pingtang_union.core.workflow import EDITABLE, State
from pingtang_union.due import CAME_BACK_WITHIN_DAYS, SHOWN, Item, Step

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


def _still_open(today: date) -> Q:
    return Q(round__opens_on__lte=today, round__closes_on__gte=today, round__closed_on__isnull=True)


def open_items(user: Any, today: date) -> list[Item]:
    """Drafts and returned nominations of the own union in rounds that still take them, those that close first first."""
    rows = Nomination.objects.visible_to(user).filter(_still_open(today), union=user.union_id, state__in=EDITABLE)
    found = rows.with_checklists().order_by("round__closes_on", "pk")[:SHOWN]
    return [_open_item(one, today) for one in found]


def _open_item(one: Nomination, today: date) -> Item:
    words, urgency = left(one.round.closes_on, today)
    missing = len(one.still_missing())
    lacks = f"还差 {missing} 项没有填。" if missing else "填齐了，还没有提交。"
    text = f"{one.round}，{words}。{lacks}"
    check = Step("检查并提交", reverse("nomination_check", args=[one.pk]))
    if one.state == State.RETURNED:
        mend = Step("修改", reverse("nomination_update", args=[one.pk]))
        return Item(str(one), "退回修改", "is-bad", text, [f"原因：{one.reason}"], [mend, check])
    fill = Step("接着填", reverse("nomination_check", args=[one.pk]))
    return Item(str(one), words, urgency, f"{one.round}的推荐草稿。{lacks}", steps=[fill if missing else check])


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
        badge, urgency = left(until, today) if until else ("等您推荐", "is-warn")
        page = f"{reverse('nomination_list')}?show=waiting&round={row['round']}"
        text = f"有 {row['number']} 份推荐等您审核：推荐给县总工会，或退回修改。"
        items.append(Item(row["round__title"], badge, urgency, text, steps=[Step("查看并推荐", page)]))
    return items


def round_items(user: Any, today: date) -> list[Item]:
    """Open rounds in which the user's unions have put up nobody, and have a place."""
    put_up = Nomination.objects.visible_to(user).standing().filter(round=OuterRef("pk"))
    rounds = SelectionRound.objects.visible_to(user).open_on(today)
    waiting = list(
        rounds.exclude(pk__in=Subquery(put_up.order_by().values("round"))).order_by("closes_on", "pk")[:SHOWN]
    )
    places = places_by_round(quotas_for(user.union, waiting)) if waiting else {}
    return [
        _round_item(one, places.get(one.pk, []), user, today)
        for one in waiting
        if all(each.left for each in places.get(one.pk, []))
    ]


def _round_item(one: SelectionRound, places: list[Places], user: Any, today: date) -> Item:
    badge, urgency = left(one.closes_on, today)
    own = next((each for each in places if each.union_id == user.union_id), None)
    has = f"本工会有 {own.left} 个名额。" if own else ""
    steps = [
        Step("推荐", f"{reverse('nomination_create')}?round={one.pk}"),
        Step("看要求", reverse("round_detail", args=[one.pk])),
    ]
    return Item(one.title, badge, urgency, f"评选推荐正在进行，还没有推荐。{has}", steps=steps)


def came_back(user: Any, today: date) -> list[tuple[Any, Item]]:
    """(when, item) of nominations refused, and of those sent back that aren't among what is due, of the last two
    months. One question."""
    since = timezone.now() - timedelta(days=CAME_BACK_WITHIN_DAYS)
    latest = NominationStep.objects.filter(application=OuterRef("application")).order_by("-number")
    due_still = Q(
        target=State.RETURNED,
        application__union=user.union_id,
        application__round__opens_on__lte=today,
        application__round__closes_on__gte=today,
        application__round__closed_on__isnull=True,
    )
    steps = (
        NominationStep.objects.visible_to(user)
        .filter(
            target__in=(State.RETURNED, State.REJECTED), at__gte=since, number=Subquery(latest.values("number")[:1])
        )
        .exclude(due_still)
        .select_related("application__honour", "application__union", "application__round", "by__union")
        .order_by("-at", "-pk")[:SHOWN]
    )
    return [(step.at, _back_item(step, user)) for step in steps]


def _back_item(step: NominationStep, user: Any) -> Item:
    one = step.application
    whose = "" if one.union_id == user.union_id else f"{one.union}，"
    by = f"由{step.by.union}" if step.by.union else ""
    return Item(
        str(one),
        one.get_state_display(),
        "is-bad",
        f"{whose}{one.round}，{timezone.localtime(step.at):%Y-%m-%d} {by}办理。",
        [f"原因：{step.reason}"],
        [Step("查看推荐", reverse("nomination_detail", args=[one.pk]))],
    )
