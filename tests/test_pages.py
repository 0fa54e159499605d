"""A walk over every page of officers and leaders: another union's officer, every role, and what three rows cost.

Addresses come from the resolver and keys from the model of the view, so that a new page is walked without a line here;
only a page that is a function, or whose key is another model's, says below which one.
"""

import inspect
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from awards.models import Honour, Nomination, NominationFile, Scorecard, ScorecardFile, StarDimension, StarItem
from campaigns.models import Activity, Photo, Series
from members import roles
from members.models import Union, User
from pingtang_union.core import crypto
from pingtang_union.core.views import ScopedMixin
from pingtang_union.ledger.models import ImportBatch, LedgerCall
from pingtang_union.workflow.attention import Notice
from pingtang_union.workflow.table import State
from relief.models import (
    Agreement,
    Assessment,
    CareVisit,
    Household,
    HouseholdFile,
    Merchant,
    NationalList,
    Receipt,
    Support,
    VisitPhoto,
)
from tests.every_row import MARK, db, make_rows, snapshot  # noqa: F401  db: the rows are made once
from tests.factories import HouseholdFactory, NationalRowFactory, UserFactory
from tests.relief.walk import lead

pytestmark = pytest.mark.usefixtures("db")

# Open to everybody; tests/pages/public asks what they tell.
PUBLIC = {
    "home", "login", "logout", "password_change", "notice_board", "notice", "honour_roll", "honour_holder",
    "honour_certificate", "honour_qr", "verify", "verify_award", "public_file", "styleguide",
    "glass", "glass_year", "glass_file", "glass_command", "slip", "slip_answer", "points", "merchants",
    "public_calendar", "public_ics", "public_activity", "public_photo",
}  # fmt: skip
# Whose key the address has where the view doesn't say, and what stands in the other places.
CALLS = ("ledger_call", "call_unchanged", "call_remind", "call_export")
KEYS = {**dict.fromkeys(CALLS, LedgerCall), "awards:ladder_title": Honour, "notice_read": Notice,
        "campaigns:edition": Series, "campaigns:edition_copy": Series}  # fmt: skip
PLACES = {
    "slug": "members",
    "act": "leave",
    "name": "submit",
    "figure_id": "unions.total",
    "step": 1,
    "token": "none",
    "person": 1,
    "year": "2017",
}


def patterns(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that is neither the admin's nor public, with its name."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from patterns(one, f"{one.namespace}:" if one.namespace else space)
        elif one.name and one.name not in PUBLIC | {"record_checks"}:
            yield f"{space}{one.name}", one


def ident(value: Any) -> str:
    return value if isinstance(value, str) else "_".join(value.pattern.converters)


EVERY = list(patterns())
KEYED = [one for one in EVERY if "pk" in one[1].pattern.converters]
every, keyed = (pytest.mark.parametrize(("name", "pattern"), found, ids=ident) for found in (EVERY, KEYED))


@pytest.fixture(scope="module")
def rows(victim, django_db_blocker) -> dict[Any, Any]:
    """One marked row of every model, and the files of applications."""
    kept = {"content": crypto.seal_bytes(b"%PDF-"), "size": 5, "content_type": "application/pdf"}
    kept |= {"name": f"{MARK}.pdf", "added_by": victim[User]}
    with django_db_blocker.unblock():
        item = StarItem.objects.get(dimension=victim[StarDimension])
        on_file = lead(HouseholdFactory(union=victim[Union], name=MARK, payee_name=MARK), State.DECIDED)
        unmatched = NationalRowFactory(brought=victim[NationalList], remark=MARK)
        return victim | {
            StarItem: item,
            Notice: Notice.objects.create(user=victim[User], words=MARK),
            NominationFile: NominationFile.objects.create(application=victim[Nomination], **kept),
            HouseholdFile: HouseholdFile.objects.create(application=victim[Household], **kept),
            Assessment: victim[Household].keep_assessment(victim[User]),
            Photo: Photo.objects.create(activity=victim[Activity], **kept),
            ScorecardFile: ScorecardFile.objects.create(application=victim[Scorecard], item=item, **kept),
            Agreement: Agreement.objects.create(application=victim[Merchant], **kept),
            Receipt: Receipt.objects.create(application=victim[Support], **kept),
            VisitPhoto: VisitPhoto.objects.create(application=victim[CareVisit], **kept),
            # Pages of some rows only.
            "relief:household_national": on_file,
            "relief:remark_assign": unmatched,
        }


def is_scoped(pattern: URLPattern) -> bool:
    """Whether the view says itself who may open it, and whose rows it shows."""
    return issubclass(getattr(pattern.callback, "view_class", type), ScopedMixin)


def address(name: str, pattern: URLPattern, rows: dict[Any, Any]) -> str:
    said = getattr(pattern.callback, "view_initkwargs", {}).get("model")
    said = said or getattr(getattr(pattern.callback, "view_class", None), "model", None)
    model = name if name in rows else KEYS.get(name) or said or ImportBatch
    places = {**PLACES, "item": rows[StarItem].pk, **({"pk": rows[model].pk} if model in rows else {})}
    return reverse(name, kwargs={place: places[place] for place in pattern.pattern.converters})


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    request_finished.disconnect(close_old_connections)  # as the client does: the connection is in the rows' transaction
    response.close()
    request_finished.connect(close_old_connections)
    return content.decode(errors="replace")


def told(client: Client, url: str) -> int:
    response = client.get(url)
    body(response)
    return response.status_code


# --- Another union's officer ---------------------------------------------------------------

# What isn't answered with 404 for a row of others, though the role may open the page, and why. (Where the role may not
# open it at all, the answer is 403, whosever the row is.)
READ_ONLY = {  # nothing can be sent to it
    "awards:award_detail", "awards:nomination_check", "awards:nomination_detail", "awards:nomination_dossier",
    "awards:nomination_file", "awards:nomination_poster", "awards:nomination_story", "awards:round_detail",
    "awards:round_slate", "awards:scorecard_detail", "awards:scorecard_file", "ledger_batch", "ledger_progress",
    "members:cadre_detail", "members:member_detail", "members:training_detail", "members:transfer_detail",
    "members:union_detail", "awards:nomination_mend", "relief:slips_print", "relief:household_detail",
    "relief:household_file", "relief:household_mend", "relief:household_check", "relief:household_copy",
    "relief:assessment", "campaigns:activity_detail", "campaigns:photo", "relief:support_detail", "relief:agreement",
    "relief:receipt", "relief:visit_photo", "relief:servicepoint_detail",
}  # fmt: skip
SENT_ONLY = {  # steps are never taken by opening an address
    "ledger_columns", "ledger_decide", "ledger_discard", "ledger_recheck", "ledger_resume", "ledger_transfers",
    "ledger_write", "call_export", "call_remind", "notice_read",
}  # fmt: skip
OTHERWISE = {
    **{(name, "post"): 405 for name in READ_ONLY},
    **{(name, "get"): 405 for name in SENT_ONLY},
    # A title of the catalogue with one's own awards is told to everybody who may open it.
    ("awards:ladder_title", "get"): 200,
    ("awards:ladder_title", "post"): 405,
    # A brand is everybody's; its page shows one's own activities.
    ("campaigns:edition", "get"): 200,
    ("campaigns:edition", "post"): 405,
    ("campaigns:edition_copy", "get"): 200,
    ("campaigns:edition_copy", "post"): 200,
}
# Pages of members, their acts and transfers, so that none drops out of the walk unseen.
OF_MEMBERS = {
    "members:member_detail", "members:member_update", "members:member_reveal", "members:member_act",
    "members:event_correct", "members:event_cancel", "members:transfer_detail", "members:transfer_answer",
    "members:transfer_withdraw",
}  # fmt: skip
ACTS = ("retain", "restore", "leave", "expel", "death")


def test_the_walk_reaches_every_page_of_a_members_record():
    prefixes = ("members:member_", "members:event_", "members:transfer_")
    assert {name for name, _pattern in KEYED if name.startswith(prefixes)} == OF_MEMBERS


@keyed
def test_another_unions_officer_finds_and_changes_nothing(name, pattern, rows, officer, township_officer, signed_in):
    url = address(name, pattern, rows)
    urls = [url.replace(PLACES["act"], act) for act in ACTS] if name == "members:member_act" else [url]
    facts = {
        "reason": "随便写一个理由", "on": "2026-01-01", "name": "改", "union": officer.union_id, "seen": "1",
        "chair": "改", "row": "0", "post": "yes", "verdict": "agree", "decision": "agree",
    }  # fmt: skip
    clients = [(user, signed_in(user)) for user in (officer, township_officer)]
    before, entries = snapshot(), LogEntry.objects.count()

    for url, (user, client) in product(urls, clients):
        may = all(map(user.has_perm, needed(name, pattern, url, user)))
        for method, response in (("get", client.get(url)), ("post", client.post(url, facts))):
            expected = OTHERWISE.get((name, method), 404) if may else 403
            assert (user.username, method, response.status_code) == (user.username, method, expected)
            assert MARK not in body(response)
    assert (snapshot(), LogEntry.objects.count()) == (before, entries)


@every
def test_nothing_of_another_union_stands_on_any_page(name, pattern, rows, officer, township_officer, signed_in):
    for user in (officer, township_officer):
        assert MARK not in body(signed_in(user).get(address(name, pattern, rows), follow=True))


@keyed
def test_who_sees_the_row_finds_it_there(name, pattern, rows, insider, signed_in):
    """Or the walk above proves nothing."""
    assert told(signed_in(insider), address(name, pattern, rows)) != 404


# --- Roles ---------------------------------------------------------------------------------


@every
def test_strangers_are_led_to_the_sign_in(name, pattern, rows):
    response = Client().get(address(name, pattern, rows))
    is_led = response.status_code == 302 and response.url.startswith("/login/")
    # Pages that are functions refuse, and offer no sign-in.
    assert is_led or (not is_scoped(pattern) and response.status_code in (403, 405))


# Pages that are functions: the permissions of each, said here once more.
SEES, BRINGS, GIVES = "core.view_importbatch", "core.add_importbatch", "core.export_importbatch"
FUNCTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("workbench", "notice_read"), ()),
    "desk": ("staff",),
    **dict.fromkeys(("dashboard", "figure_rows"), ("members.view_dashboard",)),
    "ledger_call": ("core.view_ledgercall", "members.view_union"),
    "call_unchanged": ("core.view_ledgercall", BRINGS, "members.add_member"),
    "call_remind": ("core.view_ledgercall", "members.view_union", "core.add_callreminder"),
    "call_export": ("core.view_ledgercall", "members.view_union", GIVES),
    **dict.fromkeys(("ledgers", "ledger_batch", "ledger_progress", "ledger_annotated"), (SEES,)),
    **dict.fromkeys(
        ("ledger_bring", "ledger_write", "ledger_write_all", "ledger_columns", "ledger_decide", "ledger_recheck",
         "ledger_resume", "ledger_discard"), (BRINGS,),
    ),
    "ledger_undo": ("core.undo_importbatch",),
    "ledger_transfers": ("members.add_transferrequest",),
    **dict.fromkeys(("giving", "ledger_fill", "ledger_fill_check", "ledger_filled", "ledger_filled_file"), (GIVES,)),
    **dict.fromkeys(("ledger_blank", "ledger_export"), (GIVES, "members.view_member")),
    "ledger_prefilled": (GIVES,),  # a POST; what its ledger holds is asked there
}  # fmt: skip


def needed(name: str, pattern: URLPattern, url: str, user: Any) -> tuple[str, ...]:
    if not is_scoped(pattern):
        return FUNCTIONS[name]
    view = pattern.callback.view_class(**pattern.callback.view_initkwargs)
    view.role = inspect.getclosurevars(inspect.unwrap(pattern.callback)).nonlocals.get("role")
    request = RequestFactory().get(url)
    request.user = user
    view.setup(request, **get_resolver().resolve(url).kwargs)
    return view.needed_permissions()


@pytest.mark.parametrize("role", roles.ALL)
def test_each_role_opens_what_its_rights_give(role, rows, signed_in):
    place = {"union": rows[ImportBatch].union} if role in (roles.TOWNSHIP, roles.GRASSROOTS) else {}
    user = UserFactory(roles=(role,), **place)
    client = signed_in(user)

    for name, pattern in EVERY:
        url = address(name, pattern, rows)
        asked = needed(name, pattern, url, user)
        may = user.is_staff if asked == ("staff",) else all(user.has_perm(permission) for permission in asked)
        assert (told(client, url) == 403) == (not may), name


# --- Cost ----------------------------------------------------------------------------------


def test_three_rows_cost_as_many_queries_as_one(rows, insider, signed_in):
    client, urls = signed_in(insider), [address(*one, rows) for one in EVERY]

    def costs() -> dict[str, tuple[int, int]]:
        found = {}
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                status = told(client, url)
            found[url] = (status, len(queries))
        return found

    costs()
    one = costs()
    make_rows("第二个")
    make_rows("第三个")
    three = costs()
    assert {url: (one[url], three[url]) for url in urls if one[url] != three[url]} == {}
