"""Leaving a post, and entering who attended a course."""

import pytest
from auditlog.models import LogEntry

from members import roles
from members.models import Attendance, Cadre
from members.services import posts
from pingtang_union.core.exceptions import DomainError
from tests.at_once import at_once, needs_postgresql
from tests.factories import AttendanceFactory, CadreFactory, TrainingFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db

# --- Leaving a post ------------------------------------------------------------------------


def test_a_post_ends_with_a_word_in_the_note(officer, grassroots):
    cadre = CadreFactory(union=grassroots, started_on="2018-03", note="女工委员")
    posts.end_post(cadre=cadre, on="2025-06", by=officer, reason=" 调离 ")
    cadre.refresh_from_db()
    assert (cadre.ended_on, cadre.note) == ("2025-06", "女工委员；调离")
    entry = LogEntry.objects.get_for_object(cadre).filter(action=LogEntry.Action.UPDATE).get()
    assert entry.changes == {"ended_on": ["None", "2025-06"], "note": ["女工委员", "女工委员；调离"]}


@pytest.mark.parametrize("on", ["2018", "2018-03", "2018-03-20"])
def test_a_post_may_end_when_it_began_as_exactly_as_known(officer, grassroots, on):
    cadre = CadreFactory(union=grassroots, started_on="2018-03")
    assert posts.end_post(cadre=cadre, on=on, by=officer).ended_on == on


@pytest.mark.parametrize("on", ["2017", "2018-02", "2018-02-28"])
def test_a_post_does_not_end_before_it_began(officer, grassroots, on):
    cadre = CadreFactory(union=grassroots, started_on="2018-03")
    with pytest.raises(DomainError, match=r"^离任时间不能早于任职时间（2018年3月），请核对。$"):
        posts.end_post(cadre=cadre, on=on, by=officer)
    assert Cadre.objects.get().ended_on is None


def test_a_post_does_not_end_ahead(officer, grassroots, time_machine):
    time_machine.move_to("2026-05-12 09:00+08:00")
    cadre = CadreFactory(union=grassroots)
    with pytest.raises(DomainError, match="时间未到"):
        posts.end_post(cadre=cadre, on="2026-05-13", by=officer)
    assert posts.end_post(cadre=cadre, on="2026-05-12", by=officer).ended_on == "2026-05-12"


def test_a_post_ends_once(officer, grassroots):
    cadre = CadreFactory(union=grassroots)
    posts.end_post(cadre=cadre, on="2024-05", by=officer)
    with pytest.raises(DomainError, match=r"已登记在2024年5月离任"):
        posts.end_post(cadre=cadre, on="2025-05", by=officer)
    assert Cadre.objects.get().ended_on == "2024-05"


def test_a_note_that_grows_too_long_is_refused(officer, grassroots):
    cadre = CadreFactory(union=grassroots, note="字" * 195)
    with pytest.raises(DomainError, match="超过 200 个字"):
        posts.end_post(cadre=cadre, on="2024-05", by=officer, reason="换届不再担任")
    assert Cadre.objects.get().ended_on is None


def test_a_post_elsewhere_is_not_ones_own_to_end(officer):
    cadre = CadreFactory()
    with pytest.raises(DomainError, match="管辖范围"):
        posts.end_post(cadre=cadre, on="2024-05", by=officer)
    assert Cadre.objects.get().ended_on is None


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_end_a_post_at_once_and_it_ends_once(officer, grassroots):
    cadre = CadreFactory(union=grassroots)
    results = at_once(
        [lambda year=year: posts.end_post(cadre=cadre, on=str(year), by=officer) for year in range(2010, 2018)]
    )
    assert sum(isinstance(result, DomainError) for result in results) == 7
    [won] = [result for result in results if not isinstance(result, DomainError)]
    assert Cadre.objects.get().ended_on == won.ended_on


# --- Attending -----------------------------------------------------------------------------


def test_people_are_entered_and_who_is_there_stays(officer, grassroots):
    training = TrainingFactory(union=grassroots)
    chair = CadreFactory(union=grassroots, name="莫主席", gender="2")
    known = AttendanceFactory(training=training, union=grassroots, name="罗秀英", result="excellent")
    done = posts.add_attendances(
        training=training,
        union=grassroots,
        by=officer,
        cadres=[chair],
        names=["罗秀英", "韦 明", "韦明"],
        result="passed",
    )
    assert (sorted(done.added), list(done.known)) == (["莫主席", "韦明"], ["罗秀英"])
    rows = Attendance.objects.order_by("name").values_list("name", "cadre", "gender", "result")
    assert sorted(rows) == sorted(
        [("罗秀英", None, "", "excellent"), ("莫主席", chair.pk, "2", "passed"), ("韦明", None, "", "passed")]
    )
    assert known.pk in Attendance.objects.values_list("pk", flat=True)
    made = LogEntry.objects.filter(content_type__model="attendance", action=LogEntry.Action.CREATE)
    assert made.count() == 3  # the factory's, and two by the service


def test_entering_again_adds_nobody(officer, grassroots):
    training = TrainingFactory(union=grassroots)
    for expected in ((["韦明"], []), ([], ["韦明"])):
        done = posts.add_attendances(training=training, union=grassroots, by=officer, names=["韦明"])
        assert (list(done.added), list(done.known)) == expected
    assert Attendance.objects.count() == 1


def test_a_name_that_one_cadre_bears_is_the_cadres(officer, grassroots):
    training = TrainingFactory(union=grassroots)
    one = CadreFactory(union=grassroots, name="韦明")
    CadreFactory(union=grassroots, name="陆华")
    CadreFactory(union=grassroots, name="陆华")
    CadreFactory(union=grassroots, name="岑离任", ended_on="2020")
    CadreFactory(name="别处")
    posts.add_attendances(training=training, union=grassroots, by=officer, names=["韦明", "陆华", "岑离任", "别处"])
    assert dict(Attendance.objects.values_list("name", "cadre")) == {
        "韦明": one.pk, "陆华": None, "岑离任": None, "别处": None,
    }  # fmt: skip


def test_other_unions_courses_and_people_are_refused(officer, grassroots, township):
    own, others = TrainingFactory(union=grassroots), TrainingFactory(union=township)
    with pytest.raises(DomainError, match="培训班不在"):
        posts.add_attendances(training=others, union=grassroots, by=officer, names=["韦明"])
    with pytest.raises(DomainError, match="工会不在"):
        posts.add_attendances(training=own, union=UnionFactory(), by=officer, names=["韦明"])
    assert Attendance.objects.count() == 0


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_enter_the_same_people_at_once_and_each_is_there_once(officer, grassroots):
    training = TrainingFactory(union=grassroots)
    names = [f"学员{letter}" for letter in "甲乙丙丁戊己"]
    others = UserFactory(union=grassroots, roles=(roles.GRASSROOTS,))
    jobs = [
        lambda turn=turn: posts.add_attendances(
            training=training,
            union=grassroots,
            by=officer if turn % 2 else others,
            names=names if turn % 2 else names[::-1],
        )
        for turn in range(8)
    ]
    results = at_once(jobs)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(Attendance.objects.values_list("name", flat=True)) == sorted(names)
    assert sum(len(result.added) for result in results) == len(names)
