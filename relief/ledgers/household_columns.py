"""Columns of 困难职工档案台账: what a household says, and what each of its people."""

import re
from dataclasses import replace
from typing import Any

from members.ledgers.common import (
    BORN_ON,
    DATE_NOTE,
    ETHNICITY,
    GENDER,
    ID_ALIASES,
    ID_TYPE,
    PHONE_NOTE,
    UNION_ALIASES,
)
from members.models.codes import POLITICAL_SYNONYMS, Industry, Nature, Political
from pingtang_union.core.cleaning import (
    NOTHING,
    YES_NO,
    Cell,
    Cleaned,
    Cleaner,
    CleanError,
    as_text,
    code,
    digits,
    is_blank,
    partial_date,
    person_name,
    phone,
    text,
    yes_no,
)
from pingtang_union.core.text import narrow
from pingtang_union.ledger.declaration import Column
from pingtang_union.money import money
from relief.models import Household, HouseholdPerson
from relief.models.codes import AreaBand, Housing, Hukou, Income, Marital, ModelWorker, Relation, Spending, Standing
from relief.services.masking import HIDDEN

_NATURES = {
    Nature.STATE.value: "国企 国有 国有及国有控股企业", Nature.COLLECTIVE.value: "集体",
    Nature.LIMITED.value: "有限责任公司 有限公司", Nature.PRIVATE.value: "私企 私营 民营 民营企业",
    Nature.SHARES.value: "股份有限公司",
}  # fmt: skip
_RELATIONS = {
    Relation.SELF.value: "户主 申请人 申请人本人 职工本人 自己",
    Relation.SPOUSE.value: "妻 夫 妻子 丈夫 爱人 夫妻",
    Relation.CHILD.value: "子 女 儿子 女儿 长子 次子 长女 次女 儿 养子 养女 继子 继女 孩子 小孩",
    Relation.PARENT.value: "父亲 母亲 父 母 父女 母子",
    Relation.GRANDPARENT.value: "祖父母 外祖父母 祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆",
    Relation.SIBLING.value: "哥哥 弟弟 姐姐 妹妹 兄 弟 姐 妹 兄弟 姐妹 兄妹 姐弟",
}
_STANDINGS = {
    Standing.WORKING.value: "在职 在岗职工 在职职工", Standing.LAID_OFF.value: "下岗 待岗 下岗职工",
    Standing.UNEMPLOYED.value: "失业 无业", Standing.RETIRED.value: "退休职工 离退休",
}  # fmt: skip
_MARITALS = {
    Marital.MARRIED.value: "有配偶 初婚 再婚 复婚", Marital.DIVORCED.value: "离婚", Marital.WIDOWED.value: "丧偶未再婚",
}  # fmt: skip
_HUKOUS = {
    Hukou.URBAN.value: "非农 非农业户口 城镇 城镇户口 居民户口", Hukou.RURAL.value: "农业户口 农村 农村户口",
}  # fmt: skip
_HOUSINGS = {
    Housing.LOW_RENT.value: "廉租房 公租房", Housing.OWN.value: "商品房 自有房 自有住房 购房",
    Housing.RENTED.value: "租赁 租住 租赁房", Housing.UNIT.value: "单位公房 公房",
    Housing.BUILT.value: "自建 农村自建房",
}  # fmt: skip
_WORKER = ("职工", "申请人")
_SQUARE_METRES = re.compile(r"(\d{1,4}(?:\.\d+)?)(?:平方米|平方|平米|㎡|m2|平)?", re.IGNORECASE)
_BANDS = ((20, AreaBand.UPTO_20), (50, AreaBand.UPTO_50), (70, AreaBand.UPTO_70))
_INCOME = "年收入 年收入（元） 本人年收入 个人年收入 近12个月工资性收入 工资性收入 工资收入 年工资收入 年工资性收入"
_MONEY = {
    "business": "经营性收入 经营收入", "property": "财产性收入 财产收入", "transfer": "转移性收入 转移收入",
    "illness": "医疗支出 大病支出 看病支出", "disability": "残疾支出", "school": "教育支出 上学支出 就学支出",
    "housing": "房租支出 租房支出", "spending": "其他支出 其他必要支出",
}  # fmt: skip


class _Area:
    """住房面积 by its band, or in square metres."""

    bands = code(AreaBand.choices)
    choices = bands.choices

    def __call__(self, cell: Cell) -> Cleaned:
        if not is_blank(cell) and (found := _SQUARE_METRES.fullmatch(narrow(as_text(cell)).replace(" ", ""))):
            size = float(found[1])
            return Cleaned(next((band for most, band in _BANDS if size <= most), AreaBand.ABOVE).value)
        return self.bands(cell)


class _Insured:
    """医保: 是 and 否, or which insurance it is."""

    choices = YES_NO

    def __call__(self, cell: Cell) -> Cleaned:
        written = "" if is_blank(cell) else as_text(cell)
        if "医" in written or "参保" in written:
            return Cleaned(not any(word in written for word in ("未", "没", "无", "不")))
        return yes_no(cell)


def _unless_hidden(clean: Cleaner) -> Cleaner:
    """What was given out hidden says nothing when it comes back."""
    return lambda cell: NOTHING if cell.__class__ is str and cell.strip() == HIDDEN else clean(cell)


def _number(what: str) -> Cleaner:
    """A number as text; a mask stays one."""

    def clean(cell: Cell) -> Cleaned:
        if is_blank(cell):
            return NOTHING
        number = digits(cell, what).replace(" ", "").replace("-", "")
        if what == "银行账号" and not re.fullmatch(r"[0-9*]{6,30}", number):
            raise CleanError("应为 6 至 30 位的数字，请核对。")
        return Cleaned(number)

    return _unless_hidden(clean)


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _amounts(names: tuple[str, ...]) -> tuple[Column, ...]:
    """Columns of a household's amounts."""
    made = []
    for name in names:
        label = _label(Household, name)
        words = _MONEY.get("spending" if name == "other_spending" else name.split("_")[0], "")
        made.append(
            Column(name, label, money, f"{label.removesuffix('（元）')} {words}" if name != "other_income" else "")
        )
    return tuple(made)


def _of_worker(*columns: Column) -> tuple[Column, ...]:
    """With headers that name the worker: 申请人身份证号; or 困难职工基本情况 above 联系电话."""
    made = []
    for column in columns:
        words = [column.label, *column.aliases.split()]
        known = (
            "" if column.name in ("name", "relation") else " ".join(f"{who}{word}" for word in words for who in _WORKER)
        )
        made.append(replace(column, aliases=f"{column.aliases} {known}"))
    return tuple(made)


HOUSEHOLD = _of_worker(
    Column(
        "name", "申请人", person_name, "申请人姓名 职工姓名 困难职工姓名 困难职工 户主 户主姓名",
        note="困难职工本人的姓名；家庭成员的行可以不填。", is_repetitive=False,
    ),
    Column(
        "union", "所在工会", text(100, squeeze=True), UNION_ALIASES,
        note="写工会全称，与组织花名册一致；只在本人一行填。", is_required=True,
    ),
    Column(
        "phone", "联系电话", phone, "电话 联系方式 手机 手机号码 手机号 移动电话 电话号码 申请人电话",
        note=PHONE_NOTE, is_text=True, is_repetitive=False,
    ),
    Column("address", "家庭住址", text(100), "家庭地址 住址 现住址 居住地址 家庭详细住址", is_repetitive=False),
    Column("housing", "住房类型", code(Housing.choices, _HOUSINGS), "住房性质 住房情况"),
    Column("area_band", "住房面积", _Area(), "建筑面积 住房面积（平方米） 居住面积"),
    Column("employer", "工作单位", text(100), "单位 单位名称 所在单位 工作单位名称"),
    Column("employer_kind", "单位性质", code(Nature.choices, _NATURES), "单位类别 企业性质 单位类型"),
    Column("industry", "所属行业", code(Industry.choices), "行业 行业类别"),
    Column("works_since", "参加工作时间", partial_date(), "工作时间 参加工作年月 参加工作日期", note=DATE_NOTE),
    Column("hukou_place", "户口所在地", text(60), "户籍所在地 户籍地 户口地", note="写到县（市、区）。"),
    Column(
        "national_number", "职工编号", text(30), "全国帮扶系统编号 帮扶系统编号 档案编号",
        is_text=True, is_repetitive=False,
    ),
    Column("is_single_parent", "单亲家庭", yes_no, "单亲 是否单亲 是否单亲家庭"),
    Column(
        "main_cause", "主要致困原因", text(30), "致困原因 主要困难原因 困难原因 致困主要原因",
        note="与业务管理里「致困原因」的名称一致。",
    ),
    Column(
        "other_causes", "其他致困原因", text(200), "次要致困原因 其它致困原因", note="几项之间用顿号隔开，最多三项。"
    ),
    *_amounts(tuple(f"{kind}_income" for kind in Income.values)),
    *_amounts(tuple(f"{kind}_spending" for kind in Spending.values)),
    Column("payee_name", "户名", person_name, "账户名 开户名 收款人 账户姓名 开户姓名", is_repetitive=False),
    Column("bank", "开户行", text(60), "开户银行 银行 开户行名称 开户网点"),
    Column(
        "bank_account", "银行账号", _number("银行账号"), "账号 银行卡号 卡号 银行账户 收款账号",
        note="按文本填写。", is_text=True, is_repetitive=False,
    ),
)  # fmt: skip


PERSON = _of_worker(
    Column("name", "姓名", person_name, "成员姓名 人员姓名 名字", is_required=True, is_repetitive=False),
    Column(
        "relation", "与申请人关系", code(Relation.choices, _RELATIONS),
        "与本人关系 关系 与户主关系 家庭关系 与职工关系 与困难职工关系 称谓 成员关系",
        note="困难职工自己的一行填「本人」。", is_essential=True,
    ),
    GENDER,
    ETHNICITY,
    BORN_ON,
    ID_TYPE,
    Column(
        "id_number", "身份证号", _number("证件号码"), ID_ALIASES,
        note="按文本填写完整号码，最后一位是 X 的也要写上。", is_text=True, is_repetitive=False,
    ),
    Column(
        "health", "健康状况", _unless_hidden(text(200)), "身体状况 健康情况 身体健康状况", note="如 健康、恶性肿瘤。"
    ),
    Column("political", "政治面貌", code(Political.choices, POLITICAL_SYNONYMS), "党派 政治面目"),
    Column("model_worker", "劳模类型", code(ModelWorker.choices), "劳模 劳模级别 劳模称号"),
    Column("standing", "人员身份", code(Standing.choices, _STANDINGS), "身份 就业状况 职工身份 工作状态"),
    Column("marital", "婚姻状况", code(Marital.choices, _MARITALS), "婚姻 婚否 婚姻情况"),
    Column("hukou", "户口类型", code(Hukou.choices, _HUKOUS), "户口 户口性质 户籍类型 户籍性质"),
    Column("has_insurance", "参加医疗保险", _Insured(), "医保 医保状况 医疗保险 是否参加医保 参保情况 医保情况"),
    Column("income", _label(HouseholdPerson, "income"), money, _INCOME),
    Column("school", "就读学校", _unless_hidden(text(60)), "学校 学校名称 就学学校 在读学校", is_repetitive=False),
    Column("grade", "年级", _unless_hidden(text(20)), "就读年级 在读年级"),
)  # fmt: skip
