"""Who may do what with a hardship file, and what each role sees of it; what pages cost."""

from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import roles
from pingtang_union.workflow.table import State
from relief import services
from relief.models import Household
from tests.awards.test_matrix import assert_table_holds
from tests.factories import HouseholdFactory, HouseholdPersonFactory, MemberFactory, PolicyFactory, UserFactory
from tests.relief.walk import check, lead, on_file, people_for, visit

pytestmark = pytest.mark.usefixtures("enable_db")

# Said here once more, so that a wrong grant fails.
VERBS = {
    roles.ORGANISATION: {"decide"},
    roles.RELIEF: {"review", "publicise", "decide"},
    roles.TOWNSHIP: {"submit", "recommend"},
    roles.GRASSROOTS: {"submit"},
}
SECRETS = ("恶性肿瘤", "金盆小学", "6228480000000000001")


@pytest.mark.parametrize("state", list(State))
def test_exactly_what_the_table_says(state, grassroots):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    household = lead(household, state, people)
    if state == State.RECOMMENDED:
        visit(household, people["visit"])
        household = check(household, people["check"])

    skipped = {("approve", State.SUBMITTED)}
    assert_table_holds(household, VERBS, skipped, days=20 if state == State.PUBLICISED else 2)


@pytest.fixture
def told(grassroots):
    """A file with health, a child, an account."""
    household = on_file(grassroots)
    worker = household.people.get(relation="self")
    worker.health = "恶性肿瘤"
    worker.save()
    HouseholdPersonFactory(household=household, name="韦小妹", born_on="2018-02-03", school="金盆小学", health="健康")
    return household


def reader(role: str, household: Household):
    place = {"union": household.union} if role in roles.BELOW_COUNTY else {}
    return UserFactory(roles=(role,), **place)


@pytest.mark.parametrize("role", roles.ALL)
def test_one_file_as_each_role_sees_it(role, told, signed_in):
    client = signed_in(reader(role, told))
    pages = [reverse("relief:household_detail", args=[told.pk]), reverse("relief:household_list")]
    if role in roles.STAFF:
        pages.append(reverse("admin:relief_household_change", args=[told.pk]))
    answers = [client.get(page) for page in pages]
    seen = "".join(answer.content.decode() for answer in answers if answer.status_code == 200)
    numbers = [one.full_id_number for one in told.people.all()]
    assert not [number for number in numbers if number in seen]

    if role == roles.RELIEF:
        assert [word in seen for word in SECRETS] == [True, True, False]  # the account masked
        assert "韦小妹" in seen
        return
    assert not [word for word in (*SECRETS, "韦小妹") if word in seen]
    works = role in (roles.ORGANISATION, roles.TOWNSHIP, roles.GRASSROOTS)
    reads = works or role in (roles.LEADER, roles.AUDITOR)
    assert (answers[0].status_code == 200) == reads
    assert (f"{told.name}" in seen) == works  # others read a masked name
    assert ("平舟镇东街1号" in seen) == works


@pytest.mark.parametrize("name", ["household_account", "household_copy"])
def test_guarded_pages_are_the_relief_desks(name, told, signed_in):
    url = reverse(f"relief:{name}", args=[told.pk])
    for role in roles.ALL:
        assert (signed_in(reader(role, told)).get(url).status_code == 200) == (role == roles.RELIEF), role


def test_reveals_ask_why_and_are_recorded(told, signed_in):
    client = signed_in(reader(roles.RELIEF, told))
    url = reverse("relief:household_account", args=[told.pk])
    before = LogEntry.objects.count()

    assert "6228480000000000001" not in client.post(url, {"reason": "看"}).content.decode()
    assert LogEntry.objects.count() == before
    assert "6228480000000000001" in client.post(url, {"reason": "核对发放账户"}).content.decode()
    assert LogEntry.objects.count() == before + 1
    worker = told.people.get(relation="self")
    page = client.post(reverse("admin:relief_household_reveal_number", args=[told.pk]),
                       {"person": worker.pk, "reason": "核对建档材料"})  # fmt: skip
    assert worker.full_id_number in page.content.decode()
    assert LogEntry.objects.count() == before + 2


def test_childs_number_is_not_revealed_without_the_childrens_permission(told, signed_in):
    user = UserFactory()
    codes = ("view_household", "view_householdperson", "reveal_household")
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    child, worker = told.people.get(name="韦小妹"), told.people.get(relation="self")
    client = signed_in(user)

    assert client.get(reverse("relief:person_number", args=[child.pk])).status_code == 404
    assert client.get(reverse("relief:person_number", args=[worker.pk])).status_code == 200


def test_publicity_says_masked_name_union_and_category_only(grassroots, client):
    household = lead(HouseholdFactory(union=grassroots, name="韦阿妹"), State.PUBLICISED)

    page = client.get(reverse("notice", args=["relief-files"])).content.decode()
    assert "韦*妹" in page
    assert "深度困难职工" in page
    assert not [word for word in ("韦阿妹", household.phone, household.address) if word in page]


# --- An officer's way on a phone -----------------------------------------------------------------


def test_from_the_roster_to_handed_in(grassroots, officer, signed_in):
    PolicyFactory().exclusions.create(code="car", words="有机动车", article="第七条")
    member = MemberFactory(union=grassroots, name="韦阿妹")
    client = signed_in(officer)

    begun = client.get(reverse("relief:household_create"), {"q": "韦"})
    assert "韦阿妹" in begun.content.decode()
    client.post(reverse("relief:household_create"), {"member": member.pk})
    household = Household.objects.get()
    worker = household.people.get()

    def page(name: str) -> str:
        return reverse(f"relief:{name}", args=[household.pk])

    def post(name: str, **facts: object) -> None:
        version = client.get(page(name)).context["version"]
        answer = client.post(page(name), {"version": version, **facts})
        assert answer.status_code == 302, answer.context["form"].errors

    post("household_update", phone="13800000000", address="东街1号", housing="rented", area_band="50",
         employer="某厂", employer_kind="110")  # fmt: skip
    url = reverse("relief:person_update", args=[household.pk, worker.pk])
    shown = client.get(url)
    given = {name: shown.context["form"][name].value() or "" for name in shown.context["form"].fields}
    answer = client.post(url, given | {"version": shown.context["version"], "health": "恶性肿瘤", "standing": "working",
                                       "hukou": "rural", "income": "9600.50"})  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    assert household.people.get().full_id_number == member.full_id_number  # the mask came back
    money = {f"{kind}_income": "0" for kind in ("business", "property", "transfer", "other")}
    money |= {f"{kind}_spending": "0" for kind in ("illness", "disability", "school", "housing", "other")}
    post("household_money", exclusions_checked="on", **money)
    cause = household.causes.model._meta.get_field("cause").related_model.objects.first()
    post("household_papers", main=cause.pk)
    post("household_consent", payee_name="韦阿妹", bank="农行", bank_account="6228480000000000001",
         **{f"check-{worker.pk}": "2026-01-05", f"publicity-{worker.pk}": "2026-01-05"})  # fmt: skip

    summary = client.get(page("household_check"))
    assert summary.context["is_ready"], summary.context["lacking"]
    assert "800.04" in summary.content.decode()
    moved = client.post(reverse("relief:household_move", args=[household.pk, "submit"]),
                        {"seen": summary.context["household"].revision})  # fmt: skip
    assert moved.status_code == 302
    household.refresh_from_db()
    assert (household.state, household.is_direct) == (State.SUBMITTED, False)
    assert household.people.get().health.reveal() == "恶性肿瘤"


def test_visit_on_the_page(grassroots, signed_in):
    household = HouseholdFactory(union=grassroots)
    people = people_for(household)
    lead(household, State.RECOMMENDED, people)

    answer = signed_in(people["visit"]).post(
        reverse("relief:household_visit", args=[household.pk]),
        {"visited_on": "2026-01-05", "companion": "王同行", "findings": "与申报一致"},
    )

    assert answer.status_code == 302
    household.refresh_from_db()
    assert household.visited_by == people["visit"]


def test_recheck_and_end_in_the_admin(told, signed_in):
    client = signed_in(reader(roles.RELIEF, told))
    url = reverse("admin:relief_household_recheck", args=[told.pk])
    form = client.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields} | {"reason": "年度复核"}

    assert client.post(url, given).status_code == 302
    assert told.acts.get().kind == "recheck"
    end = client.post(reverse("admin:relief_household_out", args=[told.pk]), {"on": given["on"], "reason": "就业增收"})
    assert end.status_code == 302
    told.refresh_from_db()
    assert told.file_state == "out"


# --- What pages cost -----------------------------------------------------------------------------


def cost(client, url: str) -> int:
    client.get(url)  # what is asked once in a process
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    ("role", "url"),
    [
        (roles.GRASSROOTS, "relief:household_list"),
        (roles.GRASSROOTS, "workbench"),
        (roles.RELIEF, "admin:relief_household_changelist"),
        (roles.RELIEF, "desk"),
    ],
)
def test_three_files_ask_as_much_as_one(role, url, grassroots, signed_in):
    on_file(grassroots)
    client = signed_in(UserFactory(roles=(role,), **({"union": grassroots} if role == roles.GRASSROOTS else {})))
    address = reverse(url) + ("?state=" if "changelist" in url else "")
    lead(HouseholdFactory(union=grassroots), State.SUBMITTED)
    lead(HouseholdFactory(union=grassroots), State.RECOMMENDED)
    one = cost(client, address)
    for _ in range(2):
        lead(HouseholdFactory(union=grassroots), State.SUBMITTED)
        lead(HouseholdFactory(union=grassroots), State.RECOMMENDED)
    on_file(grassroots)

    assert cost(client, address) == one


def test_replay_asks_the_same_of_three_files(grassroots, django_assert_num_queries):
    on_file(grassroots)
    clerk = UserFactory(roles=(roles.RELIEF,))
    policy = Household.objects.get().policy()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            services.replay(policy, beside=policy, by=clerk)
        return len(queries)

    asked()
    one = asked()
    for _ in range(2):
        on_file(grassroots, family=(Decimal(3000),))
    assert asked() == one
