"""Code lists of relief."""

from django.db.models import TextChoices

from pingtang_union.tones import Toned


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
