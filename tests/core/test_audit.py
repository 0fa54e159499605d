"""The audit trail: who, when, from where, before and after; no guarded value in it; nobody changes it."""

import json

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.urls import reverse

from pingtang_union.core.audit import hide, mask_number, record_change, record_reveal
from pingtang_union.core.exceptions import DomainError
from tests.factories import CadreFactory, MemberFactory, UnionFactory, UserFactory, id_number

LOGS = [LogEntry, AccessAttempt, AccessLog, AccessFailureLog]


def entries(obj) -> list[LogEntry]:
    return list(LogEntry.objects.get_for_object(obj).order_by("pk"))


def form_data(response) -> dict[str, str]:
    """What a browser would send back from an object page."""
    form = response.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for one in response.context["inline_admin_formsets"]:
        data |= {f"{one.formset.prefix}-{key}": value for key, value in one.formset.management_form.initial.items()}
    return {key: "" if value is None else value for key, value in data.items()}


def test_an_edit_says_who_where_before_and_after(county_clerk, signed_in):
    cadre = CadreFactory(name="石云", phone="13800000001")
    client = signed_in(county_clerk)
    url = reverse("admin:members_cadre_change", args=[cadre.pk])

    response = client.post(url, {**form_data(client.get(url)), "phone": "13800000002"}, REMOTE_ADDR="10.1.2.3")

    assert response.status_code == 302
    entry = entries(cadre)[-1]
    assert (entry.actor, entry.remote_addr, entry.action) == (county_clerk, "10.1.2.3", LogEntry.Action.UPDATE)
    assert entry.changes == {"phone": ["13800000001", "13800000002"]}


@pytest.mark.parametrize("factory", [MemberFactory, CadreFactory])
def test_log_never_holds_a_full_number(factory, db):
    first, second = id_number(), id_number()
    row = factory(id_number=first)
    row.id_number = second
    row.save()

    logged = json.dumps([entry.changes for entry in entries(row)])
    assert first not in logged
    assert second not in logged
    assert row.id_index not in logged
    assert entries(row)[-1].changes == {"id_number": [mask_number(first), mask_number(second)]}


def test_log_holds_nothing_of_a_password(db):
    user = UserFactory()
    user.set_password("Another-1234")
    user.save()

    assert entries(user)[-1].changes == {"password": ["***", "***"]}


@pytest.mark.parametrize(
    ("value", "hidden", "masked"),
    [("", "", ""), ("None", "", ""), ("pbkdf2$x", "***", "******$x"),
     ("522727198001010015", "***", "522727**********15"), ("522727********0015", "***", "522727**********15")],
)  # fmt: skip
def test_hide_and_mask(value, hidden, masked):
    assert (hide(value), mask_number(value)) == (hidden, masked)


@pytest.mark.parametrize("reason", ["", "   ", "看看", "一 二"])
def test_reveal_wants_a_reason(reason, db):
    member = MemberFactory()
    before = len(entries(member))

    with pytest.raises(DomainError, match="请写明查看的理由"):
        record_reveal(member, field_label="证件号码", reason=reason)
    assert len(entries(member)) == before


def test_change_without_a_column_is_recorded(db):
    union = UnionFactory()

    record_change(union, field_label="上级工会", before="甲", after="乙")

    assert entries(union)[-1].changes == {"上级工会": ["甲", "乙"]}


@pytest.mark.parametrize("model", LOGS)
def test_no_page_changes_a_log(model, insider, signed_in, rf):
    insider.is_superuser = True
    insider.save()
    client = signed_in(insider)
    MemberFactory()
    AccessAttempt.objects.create(username="x", failures_since_start=1, get_data="", post_data="")
    AccessFailureLog.objects.create(username="x")
    obj = model.objects.first()
    site_admin = admin.site._registry[model]
    request = rf.get("/")
    request.user = insider
    before = list(model.objects.order_by("pk").values())
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    assert not site_admin.has_add_permission(request)
    assert not site_admin.has_change_permission(request, obj)
    assert not site_admin.has_delete_permission(request, obj)
    assert site_admin.get_actions(request) == {}
    answers = [
        client.post(reverse(f"{base}_add"), {}).status_code,
        client.post(reverse(f"{base}_change", args=[obj.pk]), {"object_repr": "x"}).status_code,
        client.post(reverse(f"{base}_delete", args=[obj.pk]), {"post": "yes"}).status_code,
    ]
    client.post(
        reverse(f"{base}_changelist"),
        {"action": "delete_selected", "_selected_action": [obj.pk], "post": "yes", "index": 0},
    )
    assert answers == [403, 403, 403]
    assert list(model.objects.order_by("pk").values()) == before


def test_auditor_reads_the_log_in_chinese(auditor, county_clerk, signed_in):
    cadre = CadreFactory(name="石云", post="主席")
    client = signed_in(county_clerk)
    url = reverse("admin:members_cadre_change", args=[cadre.pk])
    client.post(url, {**form_data(client.get(url)), "post": "副主席", "duty": "part"}, REMOTE_ADDR="10.1.2.3")
    reader = signed_in(auditor)

    shown = reader.get(reverse("admin:auditlog_logentry_changelist")).content.decode()
    page = reader.get(reverse("admin:auditlog_logentry_change", args=[entries(cadre)[-1].pk])).content.decode()

    assert [text in shown for text in ("组织经办人（clerk）", "10.1.2.3", "修改", "工会职务（岗位）")] == [True] * 4
    assert [text in page for text in ("副主席", "兼职", "（空）", "专（兼）职")] == [True] * 4


def test_log_is_the_auditors_alone(auditor, county_clerk, system_admin, security_admin, signed_in):
    url = reverse("admin:auditlog_logentry_changelist")
    people = (auditor, county_clerk, system_admin, security_admin)

    assert [signed_in(user).get(url).status_code for user in people] == [200, 403, 403, 403]


@pytest.mark.parametrize(
    ("term", "found"), [("10.1.2.3", 1), ("10.1.2.4", 0), ("clerk", 1), ("组织经", 1), ("石云", 1)]
)
def test_log_search(term, found, auditor, county_clerk, signed_in):
    cadre = CadreFactory(name="石云")
    LogEntry.objects.all().delete()
    LogEntry.objects.log_create(cadre, force_log=True, action=1, changes={}, actor=county_clerk, remote_addr="10.1.2.3")

    response = signed_in(auditor).get(reverse("admin:auditlog_logentry_changelist"), {"q": term})

    assert response.context["cl"].result_count == found


def test_history_of_an_object_shows_its_trail(county_clerk, signed_in):
    member = MemberFactory(name="石云")
    record_reveal(member, field_label="证件号码", reason="核对建档材料")

    page = signed_in(county_clerk).get(reverse("admin:members_member_history", args=[member.pk])).content.decode()

    assert [text in page for text in ("理由：核对建档材料", "查看完整内容", "新增", "入会时间")] == [True] * 4
    assert member.full_id_number not in page
