"""What relief gives the portal."""

from datetime import timedelta

from members import roles
from pingtang_union.core.portal import Group, Kept, Page, Slot, lists
from relief import demo, services
from relief.filters import FILTERS as FILTERS
from relief.models import places
from relief.notices import notices as notices
from relief.services import retention
from relief.services.glass import publish
from relief.services.money import check_books
from relief.services.national_lists import forget_said
from relief.services.shown import front_points
from relief.todo import came_back as came_back
from relief.todo import desk as desk
from relief.todo import todo as todo
from relief.todo import under_way as under_way

PAGES = (
    Page("困难职工", "house-heart", "relief:household_list", "relief.view_household", menu="officers"),
    Page("困难职工建档", "house-plus", "relief:household_create", "relief.submit_household", common=True),
    Page(
        "帮扶发放", "hand-heart", "relief:grant_list", "relief.view_grant", 60, "officers",
        also=("relief:cardissue_list",),
    ),
    Page("登记走访慰问", "footprints", "relief:carevisit_create", "relief.apply_grant", common=True),
    Page("服务站点", "map-pin", "relief:servicepoint_list", "relief.view_servicepoint", 62, "officers"),
    Page("阵地支持", "monitor", "relief:support_list", "relief.view_support", 64, "officers"),
)  # fmt: skip
_LISTS = lists(
    "relief", grant="hand-heart", instalment="calendar-range", programme="list-tree", group="tags",
    cardissue="credit-card", carevisit="footprints",
)  # fmt: skip
_MONEY = lists(
    "relief", paymentbatch="banknote", paymentrow="list-checks", slip="receipt-text", fund="wallet",
    entry="book-open-text", bankbalance="landmark",
)  # fmt: skip
_NATIONAL = lists(
    "relief",
    nationallist="arrow-left-right",
    nationalrow="list-checks",
    nationalword="book-a",
    nationalcolumn="columns-3",
)
_FILES = lists("relief", household="house-heart", reliefpolicy="scale", spotdraw="dices", cause="list-ordered",
               earlycase="eye", carerule="ruler")  # fmt: skip
_CARE = lists("relief", servicepoint="map-pin", placekind="tags", merchant="store", support="monitor",
              supportline="package")  # fmt: skip
ADMIN = (
    Group("帮扶", 50, (*_FILES, *lists("workflow", clockrule="timer"), *_LISTS, *_NATIONAL)),
    Group("帮扶资金", 52, (*_MONEY,)),
    Group("服务阵地", 54, (*_CARE,)),
)
UNSCOPED = {
    "relief.Group": "a code list: kinds of people, names only",
    "relief.Cause": "a code list: causes of hardship, names only",
    "relief.NationalWord": "a code list: words of the national system",
    "relief.NationalColumn": "a code list: columns of the national system",
    "relief.Programme": "a code list: kinds of relief, names only",
    "relief.Publication": "what is published",
    "relief.PlaceKind": "a code list: kinds of service points, names only",
    "relief.CareRule": "rules in words: rows of nobody",
}
_READ = ("relief.view_grant", "relief.view_cardissue")
_BOOKS = tuple(f"relief.view_{name}" for name in ("fund", "entry", "bankbalance", "paymentbatch", "paymentrow", "slip"))
_FILE = ("household", "householdperson", "householdcause", "consent", "homevisit", "householdfile", "householdstep",
         "assessment", "fileact")  # fmt: skip
_POLICY = ("reliefpolicy", "deduction", "exclusion", "policypaper", "cap", "cause", "nationalword",
           "nationalcolumn")  # fmt: skip
_SEE = [f"relief.view_{model}" for model in (*_FILE, *_POLICY)]
_SEE_OUTLINE = [f"relief.view_{model}" for model in ("household", "householdstep", "assessment", "fileact", *_POLICY)]
_FILL = ["relief.add_household", "relief.change_household", "relief.submit_household", "relief.view_spotcheck",
         "relief.view_nationalrow"]  # fmt: skip
_KEEP = [f"relief.{verb}_{model}" for verb in ("add", "change") for model in (*_POLICY, "householdobjection")]
_KEEP += [f"relief.delete_{model}" for model in _POLICY if model not in ("reliefpolicy", "cause")]
_KEEP += [f"workflow.{verb}_clockrule" for verb in ("view", "add", "change")]
_WORK = [f"relief.{verb}_household" for verb in ("review", "publicise", "decide", "visit", "check", "reveal", "health",
                                                 "account", "children")]  # fmt: skip
_WORK += ["relief.issue_reliefpolicy", "relief.draw_spotdraw", "relief.view_householdobjection",
          "relief.view_filerecord", "relief.view_nationallist", "relief.view_nationalrow", "relief.add_nationallist",
          "relief.export_nationallist", *(f"relief.{verb}_{model}" for verb in ("view", "change")
                                      for model in ("spotdraw", "spotcheck"))]  # fmt: skip
_PLACES = [f"relief.{verb}_{model}" for verb in ("view", "add", "change") for model in ("servicepoint", "merchant")]
_PLACES += ["relief.view_placekind", "relief.view_agreement"]
_CONFIRM = ["relief.confirm_servicepoint", "relief.confirm_merchant"]
_SUPPORT = ["relief.view_support", "relief.view_supportline", "relief.view_receipt"]
_OFFICE = ["relief.view_servicepoint", "relief.add_servicepoint", "relief.change_servicepoint", "relief.view_placekind",
           *_SUPPORT, "relief.receive_support"]  # fmt: skip
_CARE_DESK = [
    *_PLACES, *_CONFIRM, *_SUPPORT, "relief.view_carevisit", "relief.view_visitphoto", "relief.view_earlycase",
    "relief.look_earlycase", "relief.delete_supportline",
    *(f"relief.{verb}_{model}" for verb in ("add", "change") for model in ("placekind", "support", "supportline")),
    *(f"relief.{verb}_carerule" for verb in ("view", "add", "change")),
]  # fmt: skip
GRANTS = {
    # One of the desk makes a batch, another checks it; finance releases it and keeps the books.
    roles.RELIEF: (
        *(f"relief.{action}_{model}" for model in ("grant", "cardissue", "instalment", "programme", "group")
          for action in ("view", "add", "change")),
        "relief.delete_grant", "relief.delete_cardissue", "relief.delete_instalment",
        "core.add_importbatch", "core.undo_importbatch", "core.view_headerchoice",
        "relief.reveal_grant", "relief.name_grant", "relief.minor_grant", "relief.apply_grant",
        "relief.approve_grant",
        *_SEE, *_KEEP, *_WORK, "core.view_publicityrule",
        *_BOOKS, "relief.add_paymentbatch", "relief.change_paymentbatch", "relief.check_paymentbatch",
        "relief.settle_slip", *_CARE_DESK,
    ),
    # Another desk decides, where the first has one person only.
    roles.ORGANISATION: (
        *_SEE, "relief.decide_household", "relief.view_householdobjection", "relief.view_servicepoint",
        "relief.view_merchant", "relief.view_placekind", "relief.view_agreement", *_CONFIRM,
    ),
    roles.FINANCE: (
        *_READ, "relief.view_instalment", "relief.view_programme", "relief.view_group", "relief.name_grant",
        *_BOOKS, "relief.add_fund", "relief.change_fund", "relief.move_fund", "relief.add_bankbalance",
        "relief.change_bankbalance", "relief.release_paymentbatch",
        *_SUPPORT,
    ),
    roles.TOWNSHIP: (
        *_READ, "relief.name_grant", *_SEE, *_FILL, "relief.recommend_household", "relief.visit_household",
        "relief.apply_grant", *_OFFICE,
    ),
    roles.GRASSROOTS: (
        *_READ, "relief.name_grant", *_SEE, *_FILL, "relief.visit_household", "relief.apply_grant", *_OFFICE,
    ),
    roles.LEADER: (*_READ, "relief.view_fund", *_SEE_OUTLINE, "relief.view_filerecord"),
    roles.AUDITOR: (
        *_READ, *_BOOKS, *_SEE_OUTLINE, "relief.view_spotdraw", "relief.view_spotcheck", "relief.view_filerecord",
        *_SUPPORT,
    ),
}  # fmt: skip
JOBS = {"check the funds": check_books, "publish the funds": publish, "list early cases": services.find_early}
DEMO = {
    demo.TITLE: demo.policy, "困难职工档案（示例）": demo.files, "服务站点、普惠商户和关注规则（示例）": demo.care,
}  # fmt: skip
PUBLIC = (
    Slot("身边的工会服务", "map-pin", "relief/_public_points.html", front_points, 35, ("服务站点", "relief:points")),
)
FILE_PLACES = {places.PHOTOS: "服务站点照片"}
LIST_FILTERS = {"members.Union": ("relief.admin.filters.HelpedUnionFilter",)}
KEPT_FOR = (
    # Nobody's file goes by itself: the command anonymise_households lists first what it will do.
    Kept("relief.NationalList", timedelta(days=366), "what a list said, until the next year's", forget_said),
    Kept("relief.Household", timedelta(days=retention.KEPT_YEARS * 366), "ten years after it was ended, by a command"),
)
