"""Code lists of relief."""

from django.db.models import TextChoices

from pingtang_union.tones import Toned

# What the national system asks of a household as well: handing in doesn't wait for it.
NATIONAL = ("industry", "works_since", "hukou_place", "national_number")


class FundSource(TextChoices):
    """Where a fund's money comes from."""

    CENTRAL = "central", "中央财政"
    PROVINCE = "province", "省级财政"
    PREFECTURE = "prefecture", "州级财政"
    COUNTY = "county", "县级财政"
    DUES = "dues", "工会经费"
    DONATION = "donation", "社会捐助"


class GrantState(Toned):
    """Where a grant stands. What is failed or withdrawn doesn't count."""

    APPLIED = "applied", "is-info", "待核定"
    APPROVED = "approved", "is-info", "已核定"
    PAID = "paid", "is-ok", "已发放"
    FAILED = "failed", "is-bad", "发放失败"
    WITHDRAWN = "withdrawn", "", "不予发放"


# States in which a person has, or is promised, the grant: of these there is one a person and instalment.
COUNTED = (GrantState.APPROVED, GrantState.PAID)


class GrantSource(TextChoices):
    """Where the record comes from."""

    LEDGER = "ledger", "发放台账"
    FILE = "file", "困难职工档案"
    VISIT = "visit", "走访慰问"
    ENTRY = "entry", "手工登记"


class EntryKind(TextChoices):
    """Why a fund's money moved."""

    INCOME = "income", "拨入"
    TRANSFER = "transfer", "划转"
    EXPENSE = "expense", "其他支出"
    PAYMENT = "payment", "发放"
    RETURN = "return", "退回"
    REVERSAL = "reversal", "冲正"


class PayWay(TextChoices):
    """How a batch reaches people."""

    BANK = "bank", "银行代发"
    HAND = "hand", "现场发放"


class PaymentState(Toned):
    """Where a payment batch stands."""

    MAKING = "making", "", "编制中"
    HANDED_IN = "handed_in", "is-info", "待复核"
    CHECKED = "checked", "is-info", "待放款"
    RELEASED = "released", "is-notice", "已放款"
    SETTLED = "settled", "is-ok", "已办结"
    DROPPED = "dropped", "", "已作废"


class RowResult(Toned):
    """What became of one payment of a batch."""

    WAITING = "waiting", "is-info", "待回盘"
    PAID = "paid", "is-ok", "发放成功"
    FAILED = "failed", "is-bad", "发放失败"


# --- Hardship files: words of the national system ----------------------------------------------


class HardshipCategory(TextChoices):
    """How hard a household's situation is, from the hardest on."""

    DEEP = "deep", "深度困难职工"
    RELATIVE = "relative", "相对困难职工"
    ACCIDENT = "accident", "意外致困职工"
    NONE = "none", "不符合建档标准"


class Spending(TextChoices):
    """Kinds of spending that a policy may recognise."""

    ILLNESS = "illness", "因病支出"
    DISABILITY = "disability", "因残支出"
    SCHOOL = "school", "因学支出"
    HOUSING = "housing", "住房支出"
    OTHER = "other", "其他刚性支出"


class Income(TextChoices):
    """Kinds of income that belong to the household; wages stand beside each person."""

    BUSINESS = "business", "经营净收入"
    PROPERTY = "property", "财产净收入"
    TRANSFER = "transfer", "转移净收入"
    OTHER = "other", "其他收入"


class Relation(TextChoices):
    """Who a person of the household is to the worker."""

    SELF = "self", "本人"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    GRANDPARENT = "grandparent", "祖父母（外祖父母）"
    SIBLING = "sibling", "兄弟姐妹"
    OTHER = "other", "其他"


class Standing(TextChoices):
    """人员身份."""

    WORKING = "working", "在岗"
    LAID_OFF = "laid_off", "下（待）岗"
    UNEMPLOYED = "unemployed", "失（无）业"
    RETIRED = "retired", "退休"
    SICK_LEAVE = "sick_leave", "病休"
    EARLY_RETIRED = "early_retired", "内退"
    MIGRANT = "migrant", "农民工"


class Housing(TextChoices):
    """住房类型."""

    UNIT = "unit", "承租单位公房"
    LOW_RENT = "low_rent", "政府廉租房"
    OWN = "own", "自购房"
    NONE = "none", "无房"
    RENTED = "rented", "租房"
    BUILT = "built", "自建房"
    OTHER = "other", "其他"


class AreaBand(TextChoices):
    """住房面积."""

    UPTO_20 = "20", "20平方米以下"
    UPTO_50 = "50", "20至50平方米"
    UPTO_70 = "70", "50至70平方米"
    ABOVE = "above", "70平方米以上"


class Marital(TextChoices):
    """婚姻状况."""

    MARRIED = "married", "已婚"
    SINGLE = "single", "未婚"
    DIVORCED = "divorced", "离异"
    WIDOWED = "widowed", "丧偶"


class Hukou(TextChoices):
    """户口类型."""

    URBAN = "urban", "非农业"
    RURAL = "rural", "农业"
    CONVERTED = "converted", "农转居"


class ModelWorker(TextChoices):
    """劳模类型."""

    NATIONAL = "national", "全国"
    PROVINCE = "province", "省部级"
    PREFECTURE = "prefecture", "地市级"
    OTHER = "other", "其他"


class Purpose(TextChoices):
    """What a person of the household agrees to."""

    CHECK = "check", "家庭经济状况核对"
    PUBLICITY = "publicity", "公示"


class FileState(Toned):
    """Where a file stands once it was decided."""

    PENDING = "pending", "", "未建档"
    ON_FILE = "on_file", "is-ok", "在档"
    OUT = "out", "", "已脱困"
    CANCELLED = "cancelled", "", "已注销"


class Act(TextChoices):
    """What happens to a file after the decision."""

    RECHECK = "recheck", "年度复核"
    OUT = "out", "脱困"
    CANCEL = "cancel", "注销"
    BACK = "back", "返困"


class CheckVerdict(TextChoices):
    """What the civil affairs office answered about a household's income and property."""

    MATCHES = "matches", "与申报一致"
    DIFFERS = "differs", "与申报不一致"
