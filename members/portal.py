"""What the register of unions and people gives the portal."""

from members.filters import FILTERS as FILTERS
from members.services import numbers
from members.todo import came_back as came_back
from members.todo import desk as desk
from members.todo import todo as todo
from members.todo import under_way as under_way
from pingtang_union.core.portal import Entry, Group, Kept, Page, lists

PAGES = (
    Page(
        "下级工会", "network", "members:union_list", "members.view_union", place=10, menu="officers",
        fits=lambda user: user.union.numchild,
    ),
    Page("会员", "users", "members:member_list", "members.view_member", 20, "officers"),
    Page("登记会员", "user-plus", "members:member_create", "members.add_member", 20, common=True),
    Page(
        "转入会员", "user-round-search", "members:member_transfer_in", "members.add_transferrequest", 20, common=True,
    ),
    Page("干部", "id-card", "members:cadre_list", "members.view_cadre", 20, "officers"),
    Page("登记干部", "id-card", "members:cadre_create", "members.add_cadre", 20, common=True),
    Page("培训", "graduation-cap", "members:training_list", "members.view_training", 20, "officers"),
    Page("转会", "arrow-right-left", "members:transfer_list", "members.view_transferrequest", 80, "all"),
    Page(
        "工会资料", "building-2", "members:union_detail", "members.view_union", 95, "officers",
        args=lambda user: [user.union_id],
    ),
    Page(
        "修改工会资料", "square-pen", "members:union_update", "members.change_union", 95, common=True,
        args=lambda user: [user.union_id],
    ),
)  # fmt: skip
ADMIN = (
    Group("组织", 10, (
        *lists("members", union="network", township="map-pinned", termrule="calendar-sync"),
        Entry("核对记录", "list-checks", "record_checks", ("members.view_member",)),
    )),
    Group("干部", 20, (*lists("members", cadre="id-card", training="graduation-cap", attendance="user-check"),)),
    Group("会员", 30, (*lists("members", member="users", membershipevent="scroll-text",
                              transferrequest="arrow-right-left", heldnumber="user-search"),)),
    Group("账号与权限", 80, (*lists("members", user="user-cog"), *lists("auth", group="shield-user"))),
    Group("审计", 91, (*lists("members", numberalarm="bell-ring"),)),
)  # fmt: skip
UNSCOPED = {
    "members.TermRule": "law: the same for every union",
    "auth.Group": "roles: names only, no person's rows",
}
KEPT_FOR = (
    Kept("members.NumberAttempt", numbers.PERIOD, "so long tries are counted together", numbers.purge_attempts),
)
