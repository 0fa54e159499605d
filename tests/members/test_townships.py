"""The list of towns and streets: how their names are written, which federation each has, what unions keep."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse

from members.models import Township, Union
from members.models.unions import township_key
from pingtang_union.core.figures import registry, whole_database
from pingtang_union.ledger.importing.command import Importer
from tests.core.test_figures import DAY
from tests.factories import UnionFactory, UserFactory, county
from tests.ledger import dress
from tests.members.test_admin_unions import clerk, posted, township_staff  # noqa: F401  fixtures
from tests.members.test_ledgers import shipped
from tests.members.test_steps import deliver, take_back, write
from tests.page_helpers import filled

pytestmark = pytest.mark.django_db
NOT_LISTED = "「没有的镇」不在本县乡镇（街道）名单里"


def roster(*rows: tuple[str, str]) -> bytes:
    headers = ["工会名称", "工会类别", "上级工会", "所属乡镇"]
    return dress.xlsx({"基层工会组织花名册": [headers, *([name, "机关", "平塘县总工会", town] for name, town in rows)]})


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("平舟镇", "平舟镇"),
        ("平塘县平舟镇", "平舟镇"),
        ("平舟", "平舟镇"),
        ("平塘县塘边", "塘边镇"),
        ("塘邊鎮", "塘边镇"),
        ("金盆街道办事处", "金盆街道"),
        ("平塘县金盆街道办", "金盆街道"),
        ("卡蒲毛南族乡", "卡蒲毛南族乡"),
        ("卡蒲乡", "卡蒲毛南族乡"),
        ("没有的镇", None),
        ("平塘县", None),
        ("", None),
    ],
)
def test_a_township_is_known_by_all_its_spellings(written, name):
    assert Township.objects.spellings().get(township_key(written)) == name


def test_a_spelling_of_two_townships_tells_neither():
    Township.objects.create(county=county(), code="522727999", name="平舟街道")
    known = Township.objects.spellings()
    assert (known.get(township_key("平舟")), known.get(township_key("克度"))) == (None, "克度镇")


def test_the_countys_own_roster_fits_the_list_and_gives_each_its_federation():
    (report,) = Importer().bring(shipped()[:1])
    assert report.is_written
    assert {one.name: one.federation and one.federation.name for one in Township.objects.all()} == {
        name: f"平塘县{name}工会联合会" for name in Township.objects.values_list("name", flat=True)
    }
    told = {part.token: part.number for part in registry()["unions.total"].breakdown("township", whole_database, DAY)}
    assert set(told) == set(Township.objects.values_list("name", flat=True))
    assert (told["平舟镇"], told["金盆街道"], sum(told.values())) == (86, 90, 506)


def test_a_ledger_writes_known_names_alike_and_keeps_the_rest_with_a_warning(county_clerk):
    content = roster(("甲单位工会委员会", "平塘县平舟"), ("乙单位工会委员会", "没有的镇"), ("丙单位工会委员会", ""))
    batch = write(deliver(county_clerk, content, "基层工会组织花名册.xlsx"))
    assert dict(Union.objects.counted().values_list("name", "township")) == {
        "甲单位工会委员会": "平舟镇",
        "乙单位工会委员会": "没有的镇",
        "丙单位工会委员会": "",
    }
    warned = {row.name: str(row.messages) for row in batch.import_rows.all() if NOT_LISTED in str(row.messages)}
    assert list(warned) == ["乙单位工会委员会"]
    again = deliver(county_clerk, content, "基层工会组织花名册.xlsx")
    assert (again.new, again.changed) == (0, 0)


def test_a_federation_set_up_later_is_linked_and_goes_with_its_batch(county_clerk):
    batch = write(deliver(county_clerk, roster(("平塘县通州镇工会联合会", "通州镇")), "基层工会组织花名册.xlsx"))
    township = Township.objects.get(name="通州镇")
    assert township.federation.name == "平塘县通州镇工会联合会"
    take_back(batch, county_clerk)
    township.refresh_from_db()
    assert (township.federation, Union.objects.counted().count()) == (None, 0)
    placed = UnionFactory(name="通州镇工会联合会", level="township")
    UnionFactory(name="通州镇中学工会委员会")
    township.refresh_from_db()
    assert township.federation == placed


def test_an_officers_card_takes_any_spelling_and_warns_of_an_unknown_name(signed_in, officer, grassroots):
    client = signed_in(officer)
    url = reverse("members:union_update", args=[grassroots.pk])
    said = {}
    for written in ("平塘县克度", "没有的镇"):
        response = client.post(url, filled(client.get(url), township=written))
        grassroots.refresh_from_db()
        said[grassroots.township] = [str(message) for message in get_messages(response.wsgi_request)]
    assert [NOT_LISTED in messages[-1] for messages in said.values()] == [False, True]
    assert list(said) == ["克度镇", "没有的镇"]


def test_the_admin_takes_any_spelling_and_warns_of_an_unknown_name(clerk):  # noqa: F811
    said = {}
    for written in ("克度", "没有的镇"):
        response = clerk.post(
            reverse("admin:members_union_add"), posted(parent=county().pk, name=f"{written}工会", township=written)
        )
        union = Union.objects.get(name=f"{written}工会")
        said[union.township] = " ".join(str(message) for message in get_messages(response.wsgi_request))
    assert {township: NOT_LISTED in messages for township, messages in said.items()} == {
        "克度镇": False,
        "没有的镇": True,
    }


def test_the_county_keeps_the_list(clerk, township_staff):  # noqa: F811
    township = Township.objects.get(name="者密镇")
    url = reverse("admin:members_township_change", args=[township.pk])
    response = clerk.post(
        url,
        {"name": "者密镇", "code": "522727107", "other_names": "老者密", "county": county().pk, "source": "县民政局"},
    )
    assert response.status_code == 302
    assert Township.objects.spellings()["老者密"] == "者密镇"
    listed = clerk.get(reverse("admin:members_township_changelist"), {"q": "老者"}).context["cl"].result_list
    assert list(listed) == [township]
    assert clerk.post(reverse("admin:members_township_delete", args=[township.pk]), {"post": "yes"}).status_code == 403
    township.refresh_from_db()
    assert township_staff.get(url).status_code == 200
    assert township_staff.post(url, {"name": "改"}).status_code == 403
    assert township_staff.get(reverse("admin:members_township_add")).status_code == 403


def test_the_migration_rewrites_what_fits_and_nothing_else():
    Township.objects.all().delete()
    unions = {written: UnionFactory() for written in ("平舟", "平塘县克度镇", "卡蒲", "没有的镇", "")}
    for written, union in unions.items():
        Union.objects.filter(pk=union.pk).update(township=written)
    federation = UnionFactory(name="平塘县平舟镇工会联合会", level="township")
    import_module("members.migrations.0009_townships").add_townships(apps, None)
    stored = {written: Union.objects.get(pk=union.pk).township for written, union in unions.items()}
    assert stored == {
        "平舟": "平舟镇",
        "平塘县克度镇": "克度镇",
        "卡蒲": "卡蒲毛南族乡",
        "没有的镇": "没有的镇",
        "": "",
    }
    linked = Township.objects.exclude(federation=None)
    assert (Township.objects.count(), list(linked.values_list("name", "federation"))) == (
        11,
        [("平舟镇", federation.pk)],
    )


def test_the_list_of_a_union_above_is_read_not_written(signed_in):
    below = UnionFactory(name="下面的县总工会", level="county", category="")
    user = UserFactory(is_staff=True, union=below)
    user.user_permissions.set(Permission.objects.all())
    above = Township.objects.first()
    page = reverse("admin:members_township_change", args=[above.pk])
    assert signed_in(user).get(page).status_code == 200
    assert signed_in(user).post(page, {"name": "改名", "code": above.code, "source": "甲"}).status_code == 403
