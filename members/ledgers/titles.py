"""What titles and names tell: which union a roster is of, which category its unions, which level a union."""

import re

from members.models.codes import Category, Level
from pingtang_union.core.text import fold, plain
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.declaration import LedgerRefused
from pingtang_union.ledger.reading.table import Table, union_named_in

_UNION_WORDS = (
    "工会全称",
    "基层工会名称",
    "工会组织名称",
    "单位全称",
    "所在单位",
    "工会名称",
    "所在工会",
    "所属工会",
    "基层工会",
    "工会",
    "填报工会",
    "填报单位",
    "单位名称",
    "单位",
)


def union_of_sheet(table: Table, context: Context) -> int | None:
    """The union that the sheet's note, title, name or file name gives; None when none is named.

    Refuses the sheet when one is named that isn't known, or two.
    """
    if any(text.startswith(("工会名称:", "所在工会:")) for text in table.sections):
        raise LedgerRefused("一个工作表里有几个工会的花名册。请分成几个工作表，或加一列「所在工会」。")
    noted = union_named_in(table, _UNION_WORDS)
    named = [noted]
    for text_ in (*table.title_lines, table.sheet.name, context.file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0]):
        named += unions_in_title(text_)
    unions: dict[int, str] = {}
    unknown = ""
    for text_ in named:
        if not text_:
            continue
        union_id, problem = context.unions.find(text_)
        if union_id is not None and union_id not in context.unions.federations:
            unions.setdefault(union_id, text_)
        elif union_id is None and (text_ is noted or fold(text_).endswith(("工会", "工会委员会", "工会联合会"))):
            unknown = unknown or problem
    if unknown and not (unions and not noted):
        # Never another union's roster into the importer's own, because its name isn't known.
        raise LedgerRefused(unknown, awaits_reference=True)
    if not unions and context.by is not None and len(context.unions.names) == 1:
        return next(iter(context.unions.names))
    if len(unions) > 1:
        listed = "、".join(f"「{text_}」" for text_ in unions.values())
        raise LedgerRefused(f"标题和说明里写了不同的工会：{listed}，请改成一致后再导入。")
    return next(iter(unions), None)


_ROSTER = re.compile(
    r"(?:实名制)?(?:职工)?(?:工会)?会员(?:实名制?)?(?:花名册|名册|名单|信息表|登记表|统计表|台账|花名)|花名册|名册"
)
_NOT_A_NAME = re.compile(
    r"^附件\d*[:.、]?|\d{4}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{4}\.\d{1,2}(?:\.\d{1,2})?|"
    r"\((?:盖章|公章|\d+|最终版?|定稿|副本|表\d*)\)|[-—_]*(?:副本|最终版?|定稿)$"
)


def unions_in_title(words: str) -> list[str]:
    """What may be a union in a title, sheet or file name: 平塘县林业局工会委员会会员花名册, 会员花名册-….

    The parts before and behind the word for the roster; the whole where it ends as a union's name does.
    """
    text_ = _NOT_A_NAME.sub("", plain(words))
    if ":" in text_:
        return []  # a note, read as such
    match = _ROSTER.search(text_)
    if match is None:
        return [text_] if text_.endswith(("工会", "工会委员会", "工会联合会")) else []
    before, behind = text_[: match.start()], text_[match.end() :].strip("-—_()[]:. ")
    if "工会会员" in match[0] and not before.endswith("会"):
        before += "工会"  # 林业局工会会员花名册
    return [part for part in (before.strip("-—_()[]:. "), behind) if fold(part)]


def category_of(table: Table, file_name: str) -> str:
    """The category that the sheet's name, title or file name tells alone, or ""."""
    for words in (table.sheet.name, *table.title_lines[:3], file_name):
        key = fold(words)
        categories = {value for value, label in Category.choices if label in key}
        if not categories:
            categories = {value for word, value in (("机关", "organ"), ("企业", "enterprise")) if word in key}
        if len(categories) == 1:
            return categories.pop()
    return ""


_TOWNSHIP_FEDERATION = re.compile(r"(?:镇|乡|街道)(?:办事处)?工会联合会$")


def level_of(name: str) -> str:
    """Level as a union's name tells it: 工会联合会 of a town, of a system; 联合工会; 分会; else grassroots."""
    if _TOWNSHIP_FEDERATION.search(name):
        return Level.TOWNSHIP
    if name.endswith("工会联合会"):
        return Level.SYSTEM
    if "联合工会" in name:
        return Level.JOINT
    if name.endswith(("工会分会", "分工会", "工会小组")):
        return Level.BRANCH
    return Level.GRASSROOTS
