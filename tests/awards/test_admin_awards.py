"""County staff's pages over awards: recorded, corrected, revoked, never deleted."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from awards.models import Award
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    AwardFactory,
    CadreFactory,
    MemberFactory,
    NominationFactory,
    RoundFactory,
    UserFactory,
    honour,
)

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:awards_award_changelist"), reverse("admin:awards_award_add")
WHY = {"on": "2026-05", "reason": "弄虚作假骗取荣誉", "document_number": "平工发〔2026〕20号"}


def page(row, action="change"):
    return reverse(f"admin:awards_award_{action}", args=[row.pk])


def errors(response):
    return dict(response.context["adminform"].form.errors)


def facts(union, **more):
    given = {"honour": honour("county.pacesetter").pk, "recipient": "石秀英", "union": union.pk, "awarded_on": "2018.4"}
    return given | more


@pytest.fixture
def clerk(signed_in, awards_clerk):
    """The reviewing desk's browser."""
    return signed_in(awards_clerk)


# --- Adding and correcting -------------------------------------------------------------------


def test_an_award_is_entered_by_hand(clerk, grassroots):
    member = MemberFactory(union=grassroots, name="石秀英")
    assert clerk.post(ADD, facts(grassroots, member=member.pk)).status_code == 302
    award = Award.objects.get()
    assert (award.awarded_on, award.member, award.source, award.shows_name) == ("2018-04", member, "entry", False)
    assert clerk.get(ADD).status_code == 200
    assert errors(clerk.post(ADD, facts(grassroots))) == {"__all__": ["同一天授予的同一个荣誉已经登记过。"]}


def test_wrong_facts_are_told_beside_their_fields(clerk, grassroots):
    member, cadre = MemberFactory(union=grassroots), CadreFactory(union=grassroots)
    both = clerk.post(ADD, facts(grassroots, member=member.pk, cadre=cadre.pk))
    assert errors(both) == {"cadre": ["获奖工会、会员、干部只能选一个。"]}
    unit = clerk.post(ADD, facts(grassroots, recipient_union=grassroots.pk))
    assert errors(unit) == {"recipient_union": ["「平塘县五一劳动标兵」授予个人，不能选工会。"]}
    post = honour("county.pacesetter_post")
    person = clerk.post(ADD, facts(grassroots, honour=post.pk, member=member.pk))
    assert errors(person) == {"member": [f"「{post}」授予集体或岗位，不能选会员或干部。"]}
    assert list(errors(clerk.post(ADD, facts(grassroots, awarded_on="四月")))) == ["awarded_on"]
    assert list(errors(clerk.post(ADD, facts(grassroots, document_number="随便")))) == ["document_number"]
    assert errors(clerk.post(ADD, facts(grassroots, recipient="——"))) == {"recipient": ["名称里要有文字。"]}
    assert "授予时间必填" in str(errors(clerk.post(ADD, facts(grassroots, awarded_on=""))))
    assert not Award.objects.exists()


def test_the_dropdowns_take_only_ones_own(outsider, grassroots, signed_in):
    member = MemberFactory(union=grassroots)
    response = signed_in(outsider).post(ADD, facts(grassroots, member=member.pk))
    assert {"union", "member"} <= set(errors(response))
    assert not Award.objects.exists()


def test_an_award_of_a_decision_keeps_what_the_decision_said(clerk):
    one = lead(NominationFactory(round=RoundFactory(needs_recommendation=False)), State.DECIDED)
    form = clerk.get(page(one.award)).context["adminform"].form
    assert set(form.fields) == {
        "awarded_on", "granted_by", "document_number", "certificate_number", "workplace", "shows_name", "note",
    }  # fmt: skip
    clerk.post(page(one.award), {"awarded_on": "2026-05", "certificate_number": "0012", "recipient": "别人"})
    award = Award.objects.get()
    assert (award.recipient, award.certificate_number) == (one.name, "0012")


def test_readers_change_nothing(signed_in):
    award = AwardFactory()
    client = signed_in(UserFactory(roles=(roles.RELIEF,)))
    assert client.get(page(award)).context["adminform"].form.fields == {}
    assert {client.post(url, WHY).status_code for url in (page(award), page(award, "revoke"), ADD)} == {403}


def test_awards_are_never_deleted(insider, signed_in):
    award = AwardFactory()
    assert signed_in(insider).post(page(award, "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in str(signed_in(insider).get(LIST).context["action_form"])


# --- Revoking --------------------------------------------------------------------------------


def test_an_award_is_revoked_and_stays(clerk, awards_clerk):
    award = AwardFactory()
    assert [one["title"] for one in clerk.get(page(award)).context["actions_detail"]] == ["撤销荣誉"]
    response = clerk.post(page(award, "revoke"), WHY, follow=True)
    assert [str(one) for one in response.context["messages"]] == [f"已撤销：{award}。记录保留，光荣榜上不再列出。"]
    award.refresh_from_db()
    assert (award.revoked_on, award.revoke_reason, award.revoke_document, award.revoked_by) == (
        "2026-05", WHY["reason"], WHY["document_number"], awards_clerk,
    )  # fmt: skip
    assert response.context["actions_detail"] == []
    assert response.context["adminform"].form.fields == {}
    assert clerk.post(page(award), facts(award.union)).status_code == 403
    assert LogEntry.objects.get_for_object(award).filter(actor=awards_clerk, changes__has_key="revoked_on").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": "短"}, "撤销荣誉要写明时间、原因（至少 4 个字）和文号。"),
        ({"on": "2016"}, "撤销时间不能早于授予时间。"),
        ({"document_number": "十二号"}, None),
    ],
)
def test_a_revocation_that_makes_no_sense_is_refused(wrong, said, clerk):
    award = AwardFactory()
    response = clerk.post(page(award, "revoke"), WHY | wrong)
    [told] = response.context["form"].non_field_errors()
    assert told == said or (said is None and "文号" in told)
    award.refresh_from_db()
    assert award.is_standing


def test_a_second_revocation_is_refused(clerk):
    award = AwardFactory()
    clerk.post(page(award, "revoke"), WHY)
    again = clerk.post(page(award, "revoke"), WHY | {"on": "2026-06"})
    assert again.context["form"].non_field_errors() == ["这项荣誉已经撤销过。"]


def test_another_county_revokes_nothing(outsider, signed_in):
    award = AwardFactory()
    assert signed_in(outsider).post(page(award, "revoke"), WHY).status_code == 404
    award.refresh_from_db()
    assert award.is_standing


# --- The list --------------------------------------------------------------------------------


def test_the_list_is_filtered(clerk, township, grassroots):
    AwardFactory(recipient="甲", union=grassroots)
    AwardFactory(
        recipient="乙", honour=honour("national.may_day_medal"), awarded_on="2015", document_number="总工发〔2015〕31号"
    )
    gone = AwardFactory(recipient="丙", awarded_on="2016-05")
    clerk.post(page(gone, "revoke"), WHY)

    def names(**query):
        return {one.recipient for one in clerk.get(LIST, query).context["cl"].result_list}

    assert names() == {"甲", "乙", "丙"}
    assert names(level="national") == {"乙"}
    assert names(honour=honour("county.pacesetter").pk) == {"甲", "丙"}
    assert names(year="2015") == {"乙"}
    assert names(revoked="yes") == {"丙"}
    assert names(revoked="no") == {"甲", "乙"}
    assert names(union__id__exact=township.pk) == {"甲"}
    assert names(source__exact="ledger") == set()
    assert names(q="甲") == {"甲"}
    assert names(q="总工发〔2015〕31号") == {"乙"}
    assert names(level="x") == names(year="0") == names(honour="x") == names(revoked="x") == set()


def test_the_list_goes_out_as_the_ledger(clerk):
    AwardFactory(recipient="甲")
    AwardFactory(recipient="乙", awarded_on="2015")
    url = reverse("admin:awards_award_export")
    shown = clerk.get(url, {"year": "2015"}).context["facts"]
    assert dict(shown) == {"台账": "荣誉台账", "条数": "1 条", "条件": "授予年份：2015 年"}


def test_years_offered_are_the_viewers(clerk, outsider):
    AwardFactory(awarded_on="2001", union=outsider.union)
    AwardFactory(awarded_on="2017-04")
    specs = {one.title: one for one in clerk.get(LIST).context["cl"].filter_specs}
    assert specs["授予年份"].lookup_choices == [("2017", "2017 年")]
