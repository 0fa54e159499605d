"""What relief gives the portal."""

from pingtang_union.core.portal import Group, lists

ADMIN = (
    Group("帮扶", 50, (*lists("relief", grant="hand-heart", instalment="calendar-range", programme="list-tree",
                              group="tags", fund="wallet", cardissue="credit-card"),)),
)  # fmt: skip
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Cause": "a code list: causes of hardship, names only",
    "relief.Programme": "a code list: kinds of relief, names only",
}
