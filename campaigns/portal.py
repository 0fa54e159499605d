"""What campaigns give the portal."""

from campaigns.filters import FILTERS as FILTERS
from campaigns.todo import desk as desk
from campaigns.todo import todo as todo
from campaigns.views.public import coming
from members import roles
from pingtang_union.core.portal import Group, Page, Slot, lists

PAGES = (
    Page(
        "活动", "flag", "campaigns:activity_list", "campaigns.view_activity", 55, "all",
        also=("campaigns:plan",),
    ),
    Page("登记活动", "flag", "campaigns:activity_create", "campaigns.add_activity", 55, common=True),
)  # fmt: skip
ADMIN = (
    Group("活动", 45, (*lists(
        "campaigns", activity="flag", outcome="target", edition="book-open-text", series="sparkles",
        activitykind="list-tree", indicator="list-ordered", importrule="list-filter",
    ),)),
)  # fmt: skip
PUBLIC = (
    Slot(
        "近期活动", "calendar-days", "campaigns/_public_coming.html", coming, 20,
        ("活动日历", "campaigns:public_calendar"),
    ),
)  # fmt: skip
UNSCOPED = {
    "campaigns.ActivityKind": "a code list: kinds of activities, names only",
    "campaigns.Indicator": "a code list: kinds of outcomes, names only",
    "campaigns.Series": "a code list: brands of activities, names only",
    "campaigns.Edition": "a brand's theme and programme of a year: the county's, for every union",
    "campaigns.ImportRule": "how words of a ledger are read: no person's rows",
}
_PARTS = ("outcome", "villageaid", "coverage", "photo")
_READ = tuple(f"campaigns.view_{model}" for model in ("activity", *_PARTS, "edition"))
_WRITE = (
    *(f"campaigns.{verb}_activity" for verb in ("add", "change")),
    *(f"campaigns.{verb}_{model}" for verb in ("add", "change", "delete") for model in _PARTS),
)
_LISTS = ("activitykind", "indicator", "series", "edition", "importrule")
GRANTS = {
    roles.ECONOMY: (
        *_READ, *_WRITE, "campaigns.publish_activity", "campaigns.delete_importrule",
        *(f"campaigns.{verb}_{model}" for verb in ("view", "add", "change") for model in _LISTS),
        "core.add_importbatch", "core.undo_importbatch", "core.view_headerchoice",
    ),
    # Another desk's yes, where the first has one person only.
    roles.ORGANISATION: (*_READ, "campaigns.publish_activity"),
    roles.RELIEF: _READ,
    roles.TOWNSHIP: (*_READ, *_WRITE),
    roles.GRASSROOTS: (*_READ, *_WRITE),
    roles.LEADER: _READ,
    roles.AUDITOR: _READ,
}  # fmt: skip
