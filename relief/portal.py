"""What relief gives the portal."""

from members import roles
from pingtang_union.core.portal import Group, Page, lists
from relief.filters import FILTERS as FILTERS

PAGES = (
    Page(
        "帮扶发放", "hand-heart", "relief:grant_list", "relief.view_grant", 60, "officers",
        also=("relief:cardissue_list",),
    ),
)  # fmt: skip
ADMIN = (
    Group("帮扶", 50, (*lists("relief", grant="hand-heart", instalment="calendar-range", programme="list-tree",
                              group="tags", cardissue="credit-card"),)),
)  # fmt: skip
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Programme": "a code list: kinds of relief, names only",
}
_READ = ("relief.view_grant", "relief.view_cardissue")
GRANTS = {
    roles.RELIEF: (
        *(f"relief.{action}_{model}" for model in ("grant", "cardissue", "instalment", "programme", "group")
          for action in ("view", "add", "change")),
        "relief.delete_grant", "relief.delete_cardissue", "relief.delete_instalment",
        "core.add_importbatch", "core.undo_importbatch", "core.view_headerchoice",
        "relief.reveal_grant", "relief.name_grant", "relief.minor_grant", "relief.approve_grant",
    ),
    roles.FINANCE: (
        *_READ, "relief.view_instalment", "relief.view_programme", "relief.view_group", "relief.name_grant",
    ),
    roles.TOWNSHIP: (*_READ, "relief.name_grant"),
    roles.GRASSROOTS: (*_READ, "relief.name_grant"),
    roles.LEADER: _READ,
    roles.AUDITOR: _READ,
}  # fmt: skip
