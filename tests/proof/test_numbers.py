"""Serial numbers: without gaps or doubles, as the office's rule of the day has them."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models import Award, Nomination
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.proof.models import Counter, NumberRule, Series
from pingtang_union.proof.numbers import draw
from pingtang_union.workflow.table import State
from tests.at_once import at_once, needs_postgresql
from tests.awards.walk import lead
from tests.factories import AwardFactory, NominationFactory, RoundFactory, UserFactory, honour

DAY = date(2026, 11, 28)


def drawn(day: date = DAY, **kwargs) -> str:
    with transaction.atomic():
        return draw(Series.CERTIFICATE, day, **kwargs)


def rule(pattern: str, digits: int = 4, day: date = date(2026, 7, 1)) -> NumberRule:
    made = NumberRule(in_force_from=day, pattern=pattern, digits=digits, document="平工发〔2026〕9号")
    made.full_clean()
    made.save()
    return made


@pytest.mark.django_db
def test_numbers_run_on_within_a_year_and_begin_anew_with_the_next():
    assert [drawn(), drawn(), drawn(date(2027, 1, 4)), drawn()] == ["20260001", "20260002", "20270001", "20260003"]


@pytest.mark.django_db
def test_a_new_rule_changes_the_look_and_counts_on():
    first = drawn(date(2026, 5, 1))
    rule("平工荣〔{年度}〕{流水}号", digits=3)

    assert [first, drawn(date(2026, 6, 30)), drawn()] == ["20260001", "20260002", "平工荣〔2026〕003号"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pattern", "digits"),
    [
        ("平工荣{流水}号", 4),
        ("{年度}号", 4),
        ("{年度}{流水}{流水}", 4),
        ("", 4),
        ("{年度}{流水}", 0),
        ("{年度}{流水}", 9),
    ],
)
def test_a_rule_that_would_number_two_alike_is_refused(pattern, digits):
    with pytest.raises(ValidationError):
        rule(pattern, digits)


@pytest.mark.django_db
def test_numbers_from_elsewhere_are_passed_over():
    assert drawn(is_taken={"20260001", "20260002"}.__contains__) == "20260003"


@pytest.mark.django_db
def test_without_a_rule_none_is_drawn():
    with pytest.raises(DomainError, match="编号规则"):
        drawn(date(2013, 12, 31))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_number_of_what_was_taken_back_is_drawn_again():
    with transaction.atomic():
        draw(Series.CERTIFICATE, DAY)
        transaction.set_rollback(True)
    with pytest.raises(RuntimeError):
        draw(Series.CERTIFICATE, DAY)

    assert drawn() == "20260001"


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_forty_at_once_draw_forty_numbers_and_leave_no_gap():
    def job(index: int) -> str | None:
        try:
            with transaction.atomic():
                number = draw(Series.CERTIFICATE, DAY)
                if index % 4 == 0:
                    raise ZeroDivisionError
                return number
        except ZeroDivisionError:
            return None

    results = at_once([lambda index=index: job(index) for index in range(40)])

    assert sorted(filter(None, results)) == [f"2026{serial:04d}" for serial in range(1, 31)]
    assert Counter.objects.get().last == 30


@pytest.mark.django_db
def test_the_decision_draws_the_number_of_the_certificate():
    year = lead(NominationFactory(), State.DECIDED).award.awarded_on[:4]
    AwardFactory(certificate_number=f"{year}0002")

    second = lead(NominationFactory(), State.DECIDED).award

    assert list(Award.objects.order_by("pk").values_list("certificate_number", flat=True)) == [
        f"{year}0001", f"{year}0002", second.certificate_number,
    ]  # fmt: skip
    assert second.certificate_number == f"{year}0003"


@pytest.mark.django_db
def test_a_title_above_the_county_draws_none():
    above = honour("province.may_day_award")
    lead(NominationFactory(round=RoundFactory(honours=[above]), honour=above, kind="collective"), State.DECIDED)

    assert (Nomination.objects.get().state, Counter.objects.count()) == (State.DECIDED, 0)


@pytest.mark.django_db
def test_one_desk_keeps_the_rules_and_none_deletes_them(signed_in):
    made = rule("平工荣〔{年度}〕{流水}号")
    page = f"/admin/proof/numberrule/{made.pk}/change/"
    data = {"series": "certificate", "in_force_from": "2026-07-01", "pattern": "平工荣{年度}-{流水}", "digits": "3",
            "document": "平工发〔2026〕9号"}  # fmt: skip

    for role in (roles.ORGANISATION, roles.RELIEF, roles.FINANCE):
        assert signed_in(UserFactory(roles=(role,))).post(page, data).status_code == 403
    keeper = signed_in(UserFactory(roles=(roles.ECONOMY,)))
    assert keeper.post(f"/admin/proof/numberrule/{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert keeper.post(page, data).status_code == 302
    made.refresh_from_db()
    assert made.pattern == "平工荣{年度}-{流水}"
