"""What relief gives the portal."""

from datetime import timedelta

from pingtang_union.core.portal import Group, Kept, Page, lists
from relief import demo
from relief.notices import notices as notices
from relief.services import retention
from relief.todo import came_back as came_back
from relief.todo import desk as desk
from relief.todo import todo as todo
from relief.todo import under_way as under_way

PAGES = (
    Page("困难职工", "house-heart", "relief:household_list", "relief.view_household", menu="all"),
    Page("困难职工建档", "house-plus", "relief:household_create", "relief.submit_household", common=True),
)
ADMIN = (
    Group("帮扶", 49, (
        *lists("relief", household="house-heart", reliefpolicy="scale", spotdraw="dices", cause="list-ordered"),
        *lists("workflow", clockrule="timer"),
    )),
)  # fmt: skip
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Cause": "a code list: causes of hardship, names only",
    "relief.Programme": "a code list: kinds of relief, names only",
}
_FILE = ("household", "householdperson", "householdcause", "consent", "homevisit", "householdfile", "householdstep",
         "assessment", "fileact")  # fmt: skip
_POLICY = ("reliefpolicy", "deduction", "exclusion", "policypaper", "cap", "cause")
_SEE = [f"relief.view_{model}" for model in (*_FILE, *_POLICY)]
_SEE_OUTLINE = [f"relief.view_{model}" for model in ("household", "householdstep", "assessment", "fileact", *_POLICY)]
_FILL = ["relief.add_household", "relief.change_household", "relief.submit_household", "relief.view_spotcheck"]
_KEEP = [f"relief.{verb}_{model}" for verb in ("add", "change") for model in (*_POLICY, "householdobjection")]
_KEEP += [f"relief.delete_{model}" for model in _POLICY if model not in ("reliefpolicy", "cause")]
_KEEP += [f"workflow.{verb}_clockrule" for verb in ("view", "add", "change")]
_WORK = [f"relief.{verb}_household" for verb in ("review", "publicise", "decide", "visit", "check", "reveal", "health",
                                                 "account", "children")]  # fmt: skip
_WORK += ["relief.issue_reliefpolicy", "relief.draw_spotdraw", "relief.view_householdobjection",
          "relief.view_filerecord", *(f"relief.{verb}_{model}" for verb in ("view", "change")
                                      for model in ("spotdraw", "spotcheck"))]  # fmt: skip
GRANTS = {
    "县总工会帮扶": [*_SEE, *_KEEP, *_WORK, "core.view_publicityrule"],
    # Another desk decides, where the first has one person only.
    "县总工会组织": [*_SEE, "relief.decide_household", "relief.view_householdobjection"],
    "乡镇工会": [*_SEE, *_FILL, "relief.recommend_household", "relief.visit_household"],
    "基层工会": [*_SEE, *_FILL, "relief.visit_household"],
    "领导": [*_SEE_OUTLINE, "relief.view_filerecord"],
    "审计员": [*_SEE_OUTLINE, "relief.view_spotdraw", "relief.view_spotcheck", "relief.view_filerecord"],
}
DEMO = {demo.TITLE: demo.policy, "困难职工档案（示例）": demo.files}
KEPT_FOR = (
    # Nobody's file goes by itself: the command anonymise_households lists first what it will do.
    Kept("relief.Household", timedelta(days=retention.KEPT_YEARS * 366), "ten years after it was ended, by a command"),
)
