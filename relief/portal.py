"""What relief gives the portal."""

from members import roles
from pingtang_union.core.portal import Group, Page, lists
from relief.filters import FILTERS as FILTERS
from relief.services.glass import publish
from relief.services.money import check_books
from relief.todo import desk as desk

PAGES = (
    Page(
        "帮扶发放", "hand-heart", "relief:grant_list", "relief.view_grant", 60, "officers",
        also=("relief:cardissue_list",),
    ),
)  # fmt: skip
_LISTS = lists(
    "relief", grant="hand-heart", instalment="calendar-range", programme="list-tree", group="tags",
    cardissue="credit-card",
)  # fmt: skip
_MONEY = lists(
    "relief", paymentbatch="banknote", paymentrow="list-checks", slip="receipt-text", fund="wallet",
    entry="book-open-text", bankbalance="landmark",
)  # fmt: skip
ADMIN = (Group("帮扶", 50, (*_LISTS,)), Group("帮扶资金", 52, (*_MONEY,)))
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Programme": "a code list: kinds of relief, names only",
    "relief.Publication": "what is published",
}
_READ = ("relief.view_grant", "relief.view_cardissue")
_BOOKS = tuple(f"relief.view_{name}" for name in ("fund", "entry", "bankbalance", "paymentbatch", "paymentrow", "slip"))
GRANTS = {
    # One of the desk makes a batch, another checks it; finance releases it and keeps the books.
    roles.RELIEF: (
        *(f"relief.{action}_{model}" for model in ("grant", "cardissue", "instalment", "programme", "group")
          for action in ("view", "add", "change")),
        "relief.delete_grant", "relief.delete_cardissue", "relief.delete_instalment",
        "core.add_importbatch", "core.undo_importbatch", "core.view_headerchoice",
        "relief.reveal_grant", "relief.name_grant", "relief.minor_grant", "relief.approve_grant",
        *_BOOKS, "relief.add_paymentbatch", "relief.change_paymentbatch", "relief.check_paymentbatch",
        "relief.settle_slip",
    ),
    roles.FINANCE: (
        *_READ, "relief.view_instalment", "relief.view_programme", "relief.view_group", "relief.name_grant",
        *_BOOKS, "relief.add_fund", "relief.change_fund", "relief.move_fund", "relief.add_bankbalance",
        "relief.change_bankbalance", "relief.release_paymentbatch",
    ),
    roles.TOWNSHIP: (*_READ, "relief.name_grant"),
    roles.GRASSROOTS: (*_READ, "relief.name_grant"),
    roles.LEADER: (*_READ, "relief.view_fund"),
    roles.AUDITOR: (*_READ, *_BOOKS),
}  # fmt: skip
JOBS = {"check the funds": check_books, "publish the funds": publish}
