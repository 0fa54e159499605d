"""The demo's call for ledgers, so that officers find something due and the county sees who has answered."""

from datetime import timedelta

from django.utils import timezone

from members.models import Union
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.ledger.context import Context
from pingtang_union.ledger.models import LedgerCall

TITLE = "会员花名册年度核对"
_DAYS = 10


def open_call() -> bool:
    """Open the call, from today on; returns whether it was opened now.

    A call of that title stays as it is, whatever someone did to it. Raises DomainError outside the demo.
    """
    refuse_unless_demo()
    today = timezone.localdate()
    _call, is_new = LedgerCall.objects.get_or_create(
        title=TITLE,
        union=Union.objects.get(pk=Context().home),
        defaults={
            "ledger": "会员花名册",
            "opened_on": today,
            "due_on": today + timedelta(days=_DAYS),
            "note": "有变化的，请上传台账；无变化的，确认后即可。",
        },
    )
    return is_new
