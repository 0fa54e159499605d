"""What honours give the portal."""

from awards import demo
from awards.filters import FILTERS as FILTERS
from awards.notices import notices as notices
from awards.shown import calls, latest
from awards.todo import came_back as came_back
from awards.todo import desk as desk
from awards.todo import todo as todo
from awards.todo import under_way as under_way
from pingtang_union.core.portal import Group, Page, Slot, lists

PAGES = (
    Page(
        "评选推荐", "megaphone", "awards:round_list", "awards.view_selectionround", menu="all",
        also=("awards:nomination_list",),
    ),
    Page("荣誉", "medal", "awards:award_list", "awards.view_award", menu="all"),
    Page("荣誉阶梯", "chart-no-axes-column-increasing", "awards:ladder", "awards.view_award", menu="officers"),
    Page("星级自评", "star", "awards:star_list", "awards.view_scorecard", menu="officers"),
)  # fmt: skip
_LISTS = lists(
    "awards", honour="award", selectionround="megaphone", nomination="clipboard-check",
    award="medal", scorecard="star", starscheme="list-ordered",
)  # fmt: skip
ADMIN = (Group("荣誉", 40, (*_LISTS, *lists("core", publicityrule="timer"), *lists("proof", numberrule="hash"))),)
PUBLIC = (
    Slot("正在评选", "clipboard-list", "awards/_public_calls.html", calls, 10),
    Slot("最新荣誉", "medal", "awards/_public_honours.html", latest, 30, ("光荣榜", "honour_roll")),
)
UNSCOPED = {"awards.Honour": "the catalogue of titles: public by nature"}
DEMO = {f"评选推荐「{demo.ROUND_TITLE}」": demo.open_round, f"评定标准「{demo.SCHEME_TITLE}」": demo.open_scheme}
