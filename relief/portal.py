"""What relief gives the portal."""

from members import roles
from pingtang_union.core.portal import Group, lists
from relief.services.glass import publish
from relief.services.money import check_books
from relief.todo import desk as desk

_MONEY = lists(
    "relief", paymentbatch="banknote", paymentrow="list-checks", slip="receipt-text", fund="wallet",
    entry="book-open-text", bankbalance="landmark",
)  # fmt: skip
ADMIN = (Group("帮扶资金", 52, (*_MONEY,)),)
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Programme": "a code list: kinds of relief, names only",
    "relief.Publication": "what is published",
}
_BOOKS = tuple(f"relief.view_{name}" for name in ("fund", "entry", "bankbalance", "paymentbatch", "paymentrow", "slip"))
GRANTS = {
    # One of the desk makes a batch, another checks it; finance releases it and keeps the books.
    roles.RELIEF: (*_BOOKS, "relief.add_paymentbatch", "relief.change_paymentbatch", "relief.check_paymentbatch",
                   "relief.settle_slip", "relief.view_grant", "relief.change_grant", "relief.approve_grant"),
    roles.FINANCE: (*_BOOKS, "relief.add_fund", "relief.change_fund", "relief.move_fund", "relief.add_bankbalance",
                    "relief.change_bankbalance", "relief.release_paymentbatch", "relief.view_grant"),
    roles.LEADER: ("relief.view_fund",),
    roles.AUDITOR: _BOOKS,
}  # fmt: skip
JOBS = {"check the funds": check_books, "publish the funds": publish}
