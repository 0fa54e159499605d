"""What the office says of itself: written by one desk, shown when it says something."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from members import roles
from pingtang_union.pages.models import SiteText
from tests.factories import UserFactory
from tests.pages.public.seen import text

pytestmark = pytest.mark.django_db
ADD = "/admin/pages/sitetext/add/"


def test_every_text_has_its_place(client):
    for kind, title, words in (
        ("address", "", "平舟镇新舟路"), ("phone", "", "0854-4822000"), ("hours", "", "工作日"),
        ("guide", "职工入会", "填写申请书。"), ("icp", "", "黔ICP备1号"), ("police", "", "黔公网安备2号"),
    ):  # fmt: skip
        SiteText.objects.create(kind=kind, title=title, text=words)
    front, board = text(client.get("/")), text(client.get("/notices/"))

    for words in ("阳光职工·幸福平塘", "平舟镇新舟路", "0854-4822000", "工作日", "职工入会", "填写申请书。"):
        assert words in front
    for words in ("平舟镇新舟路", "黔ICP备1号", "黔公网安备2号"):
        assert words in board


def test_markup_in_a_text_is_shown_and_not_obeyed(client):
    SiteText.objects.create(kind="guide", title="<b>甲</b>", text="<script>乙</script>")
    page = client.get("/").content.decode()

    assert "&lt;script&gt;乙" in page
    assert "<script>乙" not in page


def test_a_text_is_written_by_the_desk_for_publicity_and_leaves_a_trail(signed_in):
    data = {"kind": "phone", "title": "", "text": "0854-4822000", "place": "1"}
    for role in (roles.ORGANISATION, roles.SYSTEM_ADMIN):
        assert signed_in(UserFactory(roles=(role,))).post(ADD, data).status_code == 403
    writer = signed_in(UserFactory(roles=(roles.ECONOMY,)))

    assert writer.post(ADD, data).status_code == 302
    one = SiteText.objects.get(kind="phone")
    assert writer.post(f"/admin/pages/sitetext/{one.pk}/change/", data | {"text": ""}).status_code == 302
    assert writer.post(f"/admin/pages/sitetext/{one.pk}/delete/", {"post": "yes"}).status_code == 403
    before = [entry.changes_dict["text"][0] for entry in LogEntry.objects.get_for_object(one)]
    assert "0854-4822000" in before


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "brand", "text": "又一句"},
        {"kind": "guide", "text": "没有标题"},
        {"kind": "icp", "title": "多余的标题"},
    ],
)
def test_a_place_has_one_text_and_a_guide_its_title(facts):
    with pytest.raises(ValidationError):
        SiteText(**facts).full_clean()
