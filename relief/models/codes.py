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
