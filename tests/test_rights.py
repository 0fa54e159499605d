"""Direct requests of every account to every address that acts on a batch or an application: who may is said here once
more, and for everybody else nothing changes in the database, whatever the pages offer.

Every address of the portal stands in one of the lists below, so that a new page can't be forgotten.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from awards import services
from awards.models import Nomination, Scorecard
from members import roles
from members.models import Union, User
from pingtang_union.ledger.importing import preview, steps
from pingtang_union.ledger.models import BatchState, HeaderChoice, ImportBatch
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State, transitions_of
from tests.awards import cards
from tests.awards.walk import DOCUMENT, lead, people_for
from tests.factories import (
    ChoiceFactory,
    MemberFactory,
    NominationFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    honour,
)
from tests.members.test_ledgers import roster
from tests.members.test_steps import deliver, number
from tests.page_helpers import filled

pytestmark = pytest.mark.django_db

# --- Every address of the portal -----------------------------------------------------------

BATCH = {
    "ledger_write", "ledger_write_all", "ledger_recheck", "ledger_discard", "ledger_columns", "ledger_decide",
    "ledger_resume", "ledger_undo", "ledger_transfers", "core_headerchoice_change", "core_headerchoice_delete",
}  # fmt: skip
MOVES = {"awards_nomination_move_" + one.name for one in transitions_of(Nomination) if not one.is_by_applicant}
NOMINATION = {
    "awards:nomination_update", "awards:nomination_merits", "awards:nomination_papers", "awards:nomination_vetoes",
    "awards:nomination_move", "awards:nomination_several", "awards_nomination_changelist", "awards_nomination_score",
    "awards_nomination_opinion", "awards_nomination_objection", "awards_nomination_settle",
    "awards_nomination_naming_result", *MOVES,
}  # fmt: skip
SCORECARD = {
    "awards:scorecard_score", "awards:scorecard_evidence", "awards:scorecard_move", "awards:scorecard_file_remove",
    "awards_scorecard_score", "awards_scorecard_move_approve", "awards_scorecard_move_return",
    "awards_scorecard_move_reject", "awards_scorecard_move_confirm", "awards_scorecard_changelist",
}  # fmt: skip
# Of a batch or an application, without changing it: what they give is asked by tests/test_scope.py and the pages' own
# tests. Scorecards know no recommendation, so that its two pages in the admin lead nowhere.
READING = {
    "ledger_batch", "ledger_progress", "ledger_annotated", "awards:nomination_list", "awards:nomination_file",
    "awards:nomination_detail", "awards:nomination_check", "awards:nomination_mend", "awards:nomination_story",
    "awards:nomination_dossier",
    "awards:nomination_poster", "awards:star_list", "awards:scorecard_detail", "awards:scorecard_file",
    "awards_nomination_file", "awards_nomination_objectors", "awards_scorecard_file",
    "awards_scorecard_move_recommend", "awards_scorecard_move_send_back",
}  # fmt: skip
# Bringing in and taking out in the admin: who may is asked by tests/admin/test_import_export.py.
DOORS = {
    f"{model}_{door}"
    for model in (
        "awards_award", "awards_honour", "awards_starscheme", "core_publicityrule", "members_attendance",
        "members_cadre", "members_member", "members_termrule", "members_training", "members_union", "workflow_label",
        "proof_numberrule", "members_township", "relief_grant", "relief_cardissue", "relief_instalment",
        "relief_programme", "relief_group", "campaigns_activity", "campaigns_outcome", "campaigns_activitykind",
        "campaigns_indicator", "campaigns_series", "campaigns_edition", "campaigns_importrule",
    )
    for door in ("import", "process_import", "export")
}  # fmt: skip
# What acts on neither, and what begins one.
ELSEWHERE = {
    "app_list", "relief:grant_list", "relief:cardissue_list", "relief_grant_reveal", "relief_grant_approve",
    "relief_grant_decline",
    "relief:household_relief",
    "members:attendance_add", "members:attendance_remove", "members:attendance_update", "autocomplete",
    "awards:award_detail", "awards:award_list", "awards_award_revoke", "awards_selectionround_copy",
    "awards_starscheme_copy", "awards_starscheme_put_in_use", "awards_starscheme_take_out_of_use",
    "members:cadre_by_number", "members:cadre_create", "members:cadre_detail", "members:cadre_end",
    "members:cadre_list", "members:cadre_reveal", "members:cadre_update", "call_unchanged", "call_remind",
    "call_export", "core_importbatch_queue", "dashboard", "desk", "notice_read",
    "members:event_cancel", "members:event_correct", "figure_rows", "giving", "home",
    "honour_certificate", "honour_holder", "honour_qr", "honour_roll", "index", "jsi18n", "awards:ladder",
    "awards:ladder_title", "ledger_blank", "ledger_bring", "ledger_call", "ledger_export", "ledger_fill",
    "ledger_fill_check", "ledger_filled", "ledger_filled_file", "ledger_prefilled", "ledgers", "login", "logout",
    "members:member_by_number", "members:member_create", "members_cadre_by_number", "members_heldnumber_confirm",
    "members_heldnumber_refuse", "members_heldnumber_reveal", "members_member_by_number", "members:member_act",
    "members:member_detail", "members:member_list", "members:member_reveal", "members:member_transfer_in",
    "members:member_update", "members_cadre_reveal", "members_member_death", "members_member_expel",
    "members_member_leave", "members_member_rejoin", "members_member_restore", "members_member_retain",
    "members_member_reveal", "members_member_transfer", "members_transferrequest_agree",
    "members_transferrequest_refuse", "members_user_reset_password", "awards:nomination_create", "notice",
    "notice_board", "password_change", "password_change_done", "awards:round_decision", "awards:round_decision_word",
    "awards:round_detail", "awards:round_list", "awards:round_notice", "awards:round_notice_word",
    "awards:round_slate", "awards:scorecard_start", "record_checks", "search", "members:training_create",
    "members:training_detail",
    "members:training_list", "members:training_update", "members:transfer_answer", "members:transfer_detail",
    "members:transfer_list", "members:transfer_withdraw", "members:union_detail", "members:union_list",
    "members:training_choose", "members:union_choose",
    "auditlog_logentry_export", "axes_accesslog_export", "axes_accessfailurelog_export", "axes_accessattempt_export",
    "public_file", "workflow_publicfile_file", "workflow_publicfile_look",
    "members:union_update", "styleguide", "verify", "verify_award", "view_on_site", "workbench",
}  # fmt: skip
# What offices keep beside a record, without changing it: who may is asked by tests/admin/test_attention.py.
ELSEWHERE |= {
    f"{model}_{end}"
    for model in ("awards_nomination", "awards_scorecard", "members_transferrequest", "relief_household")
    for end in ("attend", "labels", "assign")
}
# Hardship files: who may is asked by tests/relief/test_rights.py.
_ENDS = (
    "move_approve", "move_decide", "move_publicise", "move_recommend", "move_reject", "move_retract", "move_return",
    "move_send_back", "visit", "economy", "recheck", "out", "cancel", "back", "grant", "objection", "settle",
    "reveal_number", "reveal_account", "file",
)  # fmt: skip
ELSEWHERE |= {f"relief_household_{end}" for end in _ENDS}
ELSEWHERE |= {f"relief_reliefpolicy_{end}" for end in ("issue", "copy", "replay")}
ELSEWHERE |= {"relief_spotdraw_draw", "relief_spotdraw_finding"}
ELSEWHERE |= {
    f"relief_{model}_{end}"
    for model in ("cause", "nationalword", "nationalcolumn", "household")
    for end in ("export", "import", "process_import")
}
# The national system: who may is asked by tests/relief/test_national.py.
ELSEWHERE |= {"relief_nationallist_bring", "relief_nationallist_table", "relief_household_national_table"}
ELSEWHERE |= {f"relief:{name}" for name in ("national_lacking", "remark_answer", "remark_assign", "household_choose",
                                            "household_national")}  # fmt: skip
ELSEWHERE |= {
    f"relief:household_{end}"
    for end in ("list", "create", "file", "detail", "update", "family", "money", "papers", "consent", "mend", "check",
                "move", "visit", "copy", "account")
}  # fmt: skip
ELSEWHERE |= {f"relief:{name}" for name in ("person_number", "person_create", "person_update", "assessment",
                                            "spotcheck_answer")}  # fmt: skip

# Care: who may is asked by tests/relief/test_places.py, test_support.py, test_early.py and test_visits.py.
ELSEWHERE |= {
    f"relief:{name}"
    for name in (
        "points", "merchants", "servicepoint_list", "servicepoint_create", "servicepoint_detail", "servicepoint_update",
        "servicepoint_photo", "agreement", "support_list", "support_detail", "support_receive", "receipt",
        "carevisit_create", "visit_photo",
    )
}  # fmt: skip
ELSEWHERE |= {
    "relief_servicepoint_confirm", "relief_servicepoint_picture", "relief_merchant_confirm",
    "relief_merchant_agreement", "relief_support_release", "relief_earlycase_find", "relief_earlycase_look",
}  # fmt: skip
DOORS |= {
    f"relief_{model}_{door}"
    for model in ("servicepoint", "merchant", "placekind", "supportline")
    for door in ("import", "process_import", "export")
}

# Money: who may do what is asked by tests/relief/test_admin_money.py, test_glass.py and test_slips.py.
ELSEWHERE |= {f"relief:{name}" for name in ("glass", "glass_year", "glass_file", "glass_command")}
ELSEWHERE |= {f"relief:{name}" for name in ("slip", "slip_answer", "slips_print")}
ELSEWHERE |= {f"relief_fund_{name}" for name in ("record", "transfer")} | {"relief_entry_reverse"}
ELSEWHERE |= {"relief_paymentrow_retry", "relief_slip_settle"}
ELSEWHERE |= {
    f"relief_paymentbatch_{name}"
    for name in (
        "open",
        "join",
        "remove",
        "hand_in",
        "drop",
        "approve",
        "send_back",
        "release",
        "file",
        "answer",
        "slips",
    )
}

# Activities: who may is asked by tests/campaigns.
ELSEWHERE |= {f"campaigns_activity_{end}" for end in ("publish", "withdraw", "cancel")}
ELSEWHERE |= {
    f"campaigns:{name}"
    for name in (
        "activity_list", "activity_create", "activity_detail", "activity_update", "activity_report", "activity_cancel",
        "activity_offer", "activity_withdraw", "outcome_add", "villageaid_add", "coverage_add", "photo_add", "photo",
        "outcome_remove", "villageaid_remove", "coverage_remove", "photo_remove", "plan", "edition", "edition_copy",
        "public_calendar", "public_ics", "public_activity", "public_photo",
    )
}  # fmt: skip


def every_name(patterns: Any = None, space: str = "") -> Iterator[str]:
    """Names of all routes, those of apps with the app before them; the admin's without."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{space}{one.name}"
        else:
            yield from every_name(one.url_patterns, f"{one.namespace}:" if one.namespace not in (None, "admin") else "")


def test_every_address_is_in_one_list():
    # The frame's own pages of a record: those of batches and applications write nothing (tests/test_scope.py).
    standard = {
        f"{model._meta.app_label}_{model._meta.model_name}_{verb}"
        for model in admin.site._registry
        for verb in ("changelist", "add", "history", "delete", "change")
    }
    lists = [BATCH, NOMINATION, SCORECARD, READING, DOORS, ELSEWHERE]

    assert set(every_name()) - standard == set().union(*lists) - standard
    assert sum(map(len, lists)) == len(set().union(*lists))


# --- Accounts ------------------------------------------------------------------------------

DESKS = {
    "组织": roles.ORGANISATION, "经济技术与宣教": roles.ECONOMY, "帮扶": roles.RELIEF, "财务": roles.FINANCE,
    "领导": roles.LEADER, "系统管理员": roles.SYSTEM_ADMIN, "安全管理员": roles.SECURITY_ADMIN,
    "审计员": roles.AUDITOR,
}  # fmt: skip
OWN = {"本工会经办人", "本工会另一经办人"}


@pytest.fixture
def accounts(township, grassroots) -> dict[str, User]:
    """One of each kind; the officer of the union first."""
    made = {
        "本工会经办人": UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)),
        "本工会另一经办人": UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)),
        "本工会没有角色的人": UserFactory(union=grassroots),
        "别的工会": UserFactory(union=UnionFactory(parent=township), roles=(roles.GRASSROOTS,)),
        "上级乡镇": UserFactory(union=township, roles=(roles.TOWNSHIP,)),
        "别的乡镇": UserFactory(union=UnionFactory(level="township"), roles=(roles.TOWNSHIP,)),
        "没有单位的人": UserFactory(union=None, roles=(roles.GRASSROOTS,)),
    }
    return made | {name: UserFactory(roles=(role,)) for name, role in DESKS.items()}


@pytest.fixture
def clients(accounts, signed_in) -> dict[str, Client]:
    """A browser of each, and one of nobody."""
    return {name: signed_in(user) for name, user in accounts.items()} | {"没有登录": Client()}


def digest() -> str:
    """What stands in every table of ours and in the queue."""
    labels = ("core", "proof", "pages", "members", "awards")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    found = hashlib.sha256()
    for model in (*models, DBTaskResult):
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "last_login"]
        found.update(repr(list(model._base_manager.order_by("pk").values_list(*names))).encode())
    return found.hexdigest()


class _Back(Exception):
    """Takes a request back."""


def who_changes(
    clients: dict[str, Client], url: str, data: dict[str, Any] | Callable[[], dict[str, Any]], before: str = ""
) -> set[str]:
    """Those whose POST changes anything; each starts from the same rows. Nobody gets an error page. The tables are read
    again only after a request that wrote at all."""
    before, found = before or digest(), set()
    for name, client in clients.items():
        wrote: list[str] = []

        def watch(execute: Any, sql: str, *rest: Any, wrote: list[str] = wrote) -> Any:
            # A session is written with every request, and is nobody's record.
            if sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE") and "django_session" not in sql:
                wrote.append(sql)
            return execute(sql, *rest)

        try:
            with transaction.atomic():
                with connection.execute_wrapper(watch):
                    response = client.post(url, data() if callable(data) else data)
                assert response.status_code in {200, 302, 403, 404}, (name, url)
                if wrote and digest() != before:
                    found.add(name)
                raise _Back
        except _Back:
            pass
    return found


@dataclass
class Request:
    """A POST that would be done, and for whom."""

    name: str
    args: list[Any]
    data: dict[str, Any]
    who: set[str]
    only: Collection[str] = ()


def assert_granted(clients: dict[str, Client], asked: list[Request]) -> None:
    wrong = {}
    before = digest()
    for one in asked:
        space = "admin:" if one.name.startswith(("core_", "awards_")) else ""
        # Whether an office has seen what it answers is asked of those who may answer.
        those = {name: clients[name] for name in one.only} if one.only else clients
        found = who_changes(those, reverse(f"{space}{one.name}", args=one.args), one.data, before)
        if found != one.who:
            wrong[(one.name, *map(str, one.args))] = {"too many": found - one.who, "too few": one.who - found}
    assert wrong == {}


# --- Batches -------------------------------------------------------------------------------

PHONE = ("姓名", "性别", "身份证号", "入会时间", "打哪个电话")
BOTH = {"组织"}  # the desk that keeps members, over the whole county


def batches_of(by: User, union: Union, start: int) -> dict[str, ImportBatch]:
    """One batch of members for each step, brought by `by`."""

    def one(name: str, place: int, headers: Any = PHONE) -> ImportBatch:
        person = (name, "男", number(f"5227271980010{start}{place:03d}"), "2012.04", "19000023695")
        return deliver(by, roster([person], union=union.name, headers=headers))

    there = MemberFactory(name="石转会", id_number=number(f"5227271980010{start}901"), union=UnionFactory())
    known = MemberFactory(
        name="石同名", id_number=number(f"5227271980020{start}902"), born_on=f"1980-02-0{start}", union=union
    )
    namesake = ("石同名", "男", number(f"5227271980020{start}903"), "2012.04", "")
    made = {
        "clean": one("石一", 1), "written": one("石二", 2), "lost": one("石三", 3),
        "transfer": deliver(by, roster([("石转会", "男", there.full_id_number, "2012.04", "")], union=union.name)),
        "namesake": deliver(by, roster([namesake], union=union.name)),
        "unreadable": deliver(by, b"nothing to read"),
    }  # fmt: skip
    assert known.pk
    steps.request_writing(batch=made["written"], by=by, is_partial=False)
    steps.write(made["written"].pk)
    long_ago = timezone.now() - timedelta(hours=1)
    ImportBatch.objects.filter(pk=made["lost"].pk).update(state=BatchState.WRITING, confirmed_by=by, moved_at=long_ago)
    for batch in made.values():
        batch.refresh_from_db()
    assert (made["transfer"].transfer, made["namesake"].undecided) == (1, 1)
    assert (made["written"].state, made["unreadable"].state) == (BatchState.WRITTEN, BatchState.UNREADABLE)
    return made


def requests_of(made: dict[str, ImportBatch], choice: HeaderChoice, who: set[str], own: set[str]) -> list[Request]:
    [column] = [one for one in made["clean"].sheets[0]["columns"] if one["text"] == "打哪个电话"]
    field = f"0|{column['index']}"
    [same] = preview.Rows(made["namesake"], "undecided")
    [moved] = preview.Rows(made["transfer"], "transfer")
    asks = {"row": moved.key, "on": "2026-05", "reason": "已调入本单位工作"}
    staff = who & BOTH
    return [
        Request("ledger_write", [made["clean"].pk], {"seen": made["clean"].outcome}, who),
        Request("ledger_write_all", [], {}, own),
        Request("ledger_recheck", [made["clean"].pk], {}, who),
        Request("ledger_discard", [made["clean"].pk], {}, who),
        # It may hold a hardship file, which no desk but the bringer keeps.
        Request("ledger_discard", [made["unreadable"].pk], {}, who - BOTH | who & own),
        Request("ledger_columns", [made["clean"].pk], {field: "phone"}, who),
        Request("ledger_decide", [made["namesake"].pk], {same.key: str(same.object_id)}, who),
        Request("ledger_resume", [made["lost"].pk], {}, who),
        Request("ledger_undo", [made["written"].pk], {"reason": "传错了文件"}, who),
        Request("ledger_transfers", [made["transfer"].pk], asks, who),
        Request("core_headerchoice_change", [choice.pk], {"column": "employer"}, staff),
        Request("core_headerchoice_delete", [choice.pk], {"post": "yes"}, staff),
    ]


def test_batches_of_a_union(accounts, clients, grassroots):
    officer = accounts["本工会经办人"]
    made = batches_of(officer, grassroots, 1)
    asked = requests_of(made, ChoiceFactory(union=grassroots), {*OWN, "上级乡镇", *BOTH}, {"本工会经办人"})

    assert {one.name for one in asked} == BATCH
    assert_granted(clients, asked)


def test_batches_of_another_desk(accounts, clients, grassroots):
    """The county is one office: its desks see each other's batches, and write none of them without the right."""
    made = batches_of(accounts["组织"], grassroots, 2)

    assert_granted(clients, requests_of(made, ChoiceFactory(union=accounts["组织"].union), BOTH, BOTH))


# --- Applications --------------------------------------------------------------------------


def seen(one: Any, **more: Any) -> dict[str, Any]:
    """What a form of the present revision sends."""
    return {"seen": type(one).objects.get(pk=one.pk).revision, "reason": "说得清楚的原因", **more}


def nominations(accounts: dict[str, User], union: Union) -> dict[str, Nomination]:
    """One in each state that something starts from; the county's people of the table took no part."""
    round_ = RoundFactory()
    RequiredOpinionFactory(round=round_)
    plain = RoundFactory()
    people = {**people_for(NominationFactory(union=union)), "submit": accounts["本工会经办人"]}
    made = {
        state: lead(NominationFactory(union=union, round=plain), State(state), people)
        for state in ("draft", "submitted", "recommended", "reviewed", "publicised")
    }
    made["asked"] = lead(NominationFactory(union=union, round=round_), State.SUBMITTED, people)
    made["over"] = lead(NominationFactory(union=union, round=plain), State.PUBLICISED, people)
    days = {"publicised_from": date(2026, 1, 5), "publicised_until": date(2026, 1, 12)}
    Nomination.objects.filter(pk=made["over"].pk).update(**days)
    medal = RoundFactory(honours=[honour("prefecture.may_day_medal")])
    made["sent up"] = lead(NominationFactory(union=union, round=medal), State.DECIDED, people)
    return made


def test_nominations(accounts, clients, grassroots):
    made = nominations(accounts, grassroots)
    objection = record_objection(
        made["publicised"],
        by=UserFactory(roles=(roles.ECONOMY,)),
        received_on=timezone.localdate(),
        way="call",
        text="不符",
    )
    officer = clients["本工会经办人"]
    review, township = {"经济技术与宣教"}, {"上级乡镇"}
    asked: list[Request] = []
    for name, changes in (
        ("update", {"name": "改了名"}), ("merits", {"deeds": "改了事迹"}), ("papers", {}), ("vetoes", {}),
    ):  # fmt: skip
        url = reverse(f"awards:nomination_{name}", args=[made["draft"].pk])
        asked.append(Request(f"awards:nomination_{name}", [made["draft"].pk], filled(officer.get(url), **changes), OWN))
    table: list[tuple[str, str, set[str]]] = [
        ("draft", "submit", OWN), ("draft", "abandon", OWN), ("submitted", "withdraw", OWN),
        ("recommended", "withdraw", OWN), ("submitted", "recommend", township), ("submitted", "send_back", township),
        ("submitted", "approve", set()), ("recommended", "approve", review), ("submitted", "return", review),
        ("submitted", "reject", review), ("reviewed", "publicise", review), ("publicised", "retract", review),
        ("over", "decide", {*review, *BOTH}),
    ]  # fmt: skip
    for state, name, who in table:
        one = made[state]
        more = {"decision_document": DOCUMENT} if name == "decide" else {}
        asked.append(Request("awards:nomination_move", [one.pk, name], seen(one, **more), who))
        unseen = {key: value for key, value in seen(one, **more).items() if key != "seen"}
        is_ours = who == OWN
        asked.append(Request("awards:nomination_move", [one.pk, name], unseen, who if is_ours else set(), who))
        if not is_ours:
            data = seen(one, **more)
            asked.append(Request(f"awards_nomination_move_{name}", [one.pk], data, who - township))
            picked = {"action": f"several_{name}", "_selected_action": [one.pk], "confirmed": "yes", **data}
            picked["seen"] = f"{one.pk}:{data['seen']}"
            asked.append(Request("awards_nomination_changelist", [], picked, who - township))
    handed_in = made["submitted"]
    for name in ("recommend", "send_back"):
        several = {"move": name, "pick": f"{handed_in.pk}:{handed_in.revision}", "reason": "说得清楚的原因"}
        asked.append(Request("awards:nomination_several", [], several, township))
    today = timezone.localdate().isoformat()
    opinion = {"required": made["asked"].required_opinions()[0].pk, "verdict": "agrees", "on": today}
    objected = {"received_on": today, "way": "call", "text": "事迹与事实不符"}
    settled = {"objection": objection.pk, "state": "dismissed", "finding": "走访核实无误"}
    asked += [
        Request("awards_nomination_score", [handed_in.pk], {"score": "90"}, review),
        Request("awards_nomination_opinion", [made["asked"].pk], opinion, review),
        Request("awards_nomination_objection", [made["publicised"].pk], objected, review),
        Request("awards_nomination_settle", [made["publicised"].pk], settled, review),
        Request("awards_nomination_naming_result", [made["sent up"].pk], {"naming": "not_named"}, review),
    ]

    assert {one.name for one in asked} == NOMINATION
    assert_granted(clients, asked)


def test_scorecards(accounts, clients, grassroots):
    officer, review, desks = accounts["本工会经办人"], {"经济技术与宣教"}, {"经济技术与宣教", *BOTH}
    scheme = cards.make_scheme()
    people = {**cards.people_for(grassroots), "submit": officer}
    draft = cards.lead(State.DRAFT, grassroots, scheme, people)
    item = cards.items_of(scheme)[0]
    kept = CheckedFile("a.pdf", "application/pdf", b"%PDF-")
    services.add_evidence(scorecard=draft, item=item, files=[kept], by=officer)
    handed_in, reviewed = (
        cards.lead(state, UnionFactory(), cards.make_scheme(title=f"评定标准{state}"))
        for state in (State.SUBMITTED, State.REVIEWED)
    )
    Scorecard.objects.filter(pk__in=[handed_in.pk, reviewed.pk]).update(union=grassroots)
    services.save_county_scores(
        scorecard=handed_in, scores=cards.scores_of(handed_in.scheme, 8), by=UserFactory(roles=(roles.ECONOMY,))
    )
    scored = {
        name: filled(clients[who].get(reverse(address, args=[one.pk])))
        for name, who, address, one in (
            ("own", "本工会经办人", "awards:scorecard_score", draft),
            ("county", "经济技术与宣教", "admin:awards_scorecard_score", handed_in),
        )
    }
    scored = {
        name: {key: "7" if key.startswith("score_") else value for key, value in data.items()}
        for name, data in scored.items()
    }
    asked = [
        Request("awards:scorecard_score", [draft.pk], scored["own"], OWN),
        Request("awards:scorecard_file_remove", [draft.files.get().pk], {}, OWN),
        Request("awards:scorecard_move", [draft.pk, "abandon"], seen(draft), OWN),
        Request("awards:scorecard_move", [handed_in.pk, "withdraw"], seen(handed_in), OWN),
        Request("awards_scorecard_score", [handed_in.pk], scored["county"], review),
    ]
    for one, name, who in (
        (handed_in, "approve", review), (handed_in, "return", review), (handed_in, "reject", review),
        (reviewed, "confirm", desks),
    ):  # fmt: skip
        data = seen(one, **({"decision_document": DOCUMENT} if name == "confirm" else {}))
        unseen = {key: value for key, value in data.items() if key != "seen"}
        picked = {"action": f"several_{name}", "_selected_action": [one.pk], "confirmed": "yes", **data}
        asked += [
            Request("awards:scorecard_move", [one.pk, name], data, who),
            Request("awards:scorecard_move", [one.pk, name], unseen, set(), who),
            Request(f"awards_scorecard_move_{name}", [one.pk], data, who),
            Request("awards_scorecard_changelist", [], picked | {"seen": f"{one.pk}:{data['seen']}"}, who),
        ]
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")

    def upload() -> dict[str, Any]:  # a file is read once by each request
        return {"uploads": [SimpleUploadedFile("证明.png", picture.getvalue())]}

    found = who_changes(clients, reverse("awards:scorecard_evidence", args=[draft.pk, item.pk]), upload)

    assert {one.name for one in asked} | {"awards:scorecard_evidence"} == SCORECARD
    assert found == OWN
    assert_granted(clients, asked)
