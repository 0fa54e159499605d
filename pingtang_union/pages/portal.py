"""What the pages themselves give the portal."""

from members import roles
from pingtang_union.core.portal import Group, Slot, lists
from pingtang_union.pages.models import SiteText, TextKind
from pingtang_union.pages.public.files import front_files
from pingtang_union.pages.public.notices import running

PUBLIC = (
    Slot(
        "正在公示",
        "megaphone",
        "public/_notices.html",
        lambda today: running(today)[:5],
        20,
        ("公示栏", "notice_board"),
    ),
    Slot("资料下载", "file-down", "public/_files.html", front_files, 40),
)
ADMIN = (
    Group("网站", 75, (
        *lists("pages", sitetext="panel-top"),
        *lists("workflow", publicfile="paperclip", officephone="phone"),
    )),
)  # fmt: skip
UNSCOPED = {
    "pages.SiteText": "what the office says to everyone",
    "workflow.OfficePhone": "phones that anyone may read",
    "workflow.PublicFile": "files that anyone may have",
}
_KEPT = (
    *(f"workflow.{verb}_officephone" for verb in ("view", "add", "change", "delete")),
    *(f"workflow.{verb}_publicfile" for verb in ("view", "add", "change", "pass")),
)
GRANTS = dict.fromkeys((roles.ORGANISATION, roles.ECONOMY, roles.RELIEF), _KEPT)


def phones() -> list[str]:
    """Those that the office shows at the foot of the front page."""
    return list(SiteText.objects.filter(kind=TextKind.PHONE).values_list("text", flat=True))


def _demo_texts() -> bool:
    """Invented ones, so that the front page shows its parts."""
    made = [
        SiteText.objects.get_or_create(kind=kind, title=title, defaults={"text": text})[1]
        for kind, title, text in (
            ("address", "", "贵州省黔南州平塘县（演示地址）"),
            ("hours", "", "工作日 9:00—12:00，13:00—17:00（演示）"),
            ("guide", "职工入会", "职工向所在单位工会提出入会申请，经基层工会委员会审核同意，即成为工会会员。"),
            ("guide", "会员转会", "会员调动工作的，由调入单位工会在服务平台提出转入申请，原工会或县总工会同意后办结。"),
        )
    ]
    return any(made)


DEMO = {"网站信息": _demo_texts}
