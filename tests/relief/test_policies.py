"""Policies: issued once, never changed; a draft tried beside the one in force; every decision made again."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from members import roles
from pingtang_union.core.exceptions import DomainError
from relief import services
from relief.models import Assessment, Cap, Programme, ReliefPolicy
from relief.models.assessment import Outcome
from relief.services.replay import again
from tests.factories import PolicyFactory, UnionFactory, UserFactory
from tests.relief.walk import on_file

pytestmark = pytest.mark.usefixtures("enable_db")


@pytest.fixture
def clerk():
    return UserFactory(roles=(roles.RELIEF,))


@pytest.fixture
def files(grassroots):
    """400, 700 (not below the line), 1,000 and 1,050.00 a head."""
    PolicyFactory()
    return [on_file(grassroots, family=(Decimal(wages), Decimal(0))) for wages in (9600, 16800, 24000, 25200)]


def test_draft_in_force_by_its_day(clerk, grassroots):
    PolicyFactory(in_force_from=date(2019, 1, 1), title="旧")
    PolicyFactory(in_force_from=date(2020, 1, 1), title="新")
    PolicyFactory(in_force_from=date(2021, 1, 1), title="草案", issued_at=None, issued_by=None)
    PolicyFactory(union=UnionFactory(), in_force_from=date(2022, 1, 1), title="别处")
    over = ReliefPolicy.objects.over(grassroots)

    assert over.on(date(2018, 12, 31)) is None
    assert over.on(date(2019, 12, 31)).title == "旧"
    assert over.on(date(2026, 1, 1)).title == "新"


def test_every_decision_is_made_again_by_its_policy(files, clerk):
    """Whatever the file says meanwhile, and whatever is in force by now."""
    files[0].people.update(income=Decimal(99999))
    PolicyFactory(in_force_from=date(2021, 1, 1), line=Decimal(100), issued_by=clerk)

    assert [again(one) for one in Assessment.objects.all()] == [
        Outcome.from_json(one.outcome) for one in Assessment.objects.all()
    ]
    in_force = files[0].assessments.get().policy
    assert services.replay(in_force, beside=in_force, by=clerk).changes == []


def test_draft_beside_the_one_in_force(files, clerk):
    in_force = files[0].assessments.get().policy
    draft = services.copy_policy(policy=in_force, by=clerk)
    draft.deep_takes_equal = True
    draft.relative_multiple = Decimal("1.20")
    draft.accident_share = None
    draft.save()
    for policy, most in ((in_force, 1000), (draft, 1500)):
        Cap.objects.create(
            policy=policy, programme=Programme.objects.first(), category="deep", source="dues", most=most, article="一"
        )

    replayed = services.replay(draft, beside=in_force, by=clerk)

    assert [(one.household, one.before, one.after.category) for one in replayed.changes] == [
        (files[1], "relative", "deep"),
        (files[2], "relative", "none"),
        (files[3], "relative", "none"),
    ]
    assert replayed.counts == [("深度困难职工", 1, 2), ("相对困难职工", 3, 0), ("不符合建档标准", 0, 2)]
    assert replayed.total == (Decimal(1000), Decimal(3000))
    assert files[1].assessments.count() == 1  # trying changes nothing


def test_issued_is_never_changed(clerk, signed_in):
    policy = PolicyFactory()
    client = signed_in(clerk)
    url = reverse("admin:relief_reliefpolicy_change", args=[policy.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"title": "改"}).status_code == 403
    with pytest.raises(DomainError, match="已经发布"):
        services.issue_policy(policy=policy, by=clerk)


def test_issuing_asks_for_document_and_day(clerk):
    policy = PolicyFactory()
    draft = services.copy_policy(policy=policy, by=clerk)
    with pytest.raises(DomainError, match="文号"):
        services.issue_policy(policy=draft, by=clerk)
    draft.document_number, draft.in_force_from = "平工发〔2026〕9号", policy.in_force_from
    draft.save()
    with pytest.raises(DomainError, match="这一天起施行"):
        services.issue_policy(policy=draft, by=clerk)
    draft.in_force_from = date(2026, 5, 1)
    draft.save()

    issued = services.issue_policy(policy=draft, by=clerk)
    assert issued.issued_by == clerk
    assert [one.kind for one in issued.deductions.all()] == ["illness", "school"]


def test_officers_neither_copy_nor_issue(officer):
    policy = PolicyFactory()
    for act in (services.copy_policy, services.issue_policy):
        with pytest.raises(DomainError, match="您的账号不能"):
            act(policy=policy, by=officer)


def test_example_is_marked_wherever_it_shows():
    assert "（示例）" in str(PolicyFactory(is_example=True))


def test_page_of_replay(files, clerk, signed_in, django_assert_max_num_queries):
    draft = services.copy_policy(policy=files[0].assessments.get().policy, by=clerk)
    draft.line = Decimal(100)
    draft.save()

    page = signed_in(clerk).get(reverse("admin:relief_reliefpolicy_replay", args=[draft.pk]))

    assert f"共 {len(files)} 份，{len(files)} 份类别有变化" in page.content.decode()
