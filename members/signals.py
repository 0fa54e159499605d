"""What happens around sign-in and editing: one session an account, and the audit trail."""

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from members.models import (
    Attendance,
    Cadre,
    Member,
    MembershipEvent,
    TermRule,
    Training,
    TransferRequest,
    Union,
    UnionName,
    User,
)
from pingtang_union.core.audit import audited
from pingtang_union.core.models import HeaderChoice, ImportBatch, LedgerCall

audited(User, exclude_fields=["last_login", "session_key"], mask_fields=["password"], m2m_fields={"groups"})
audited(Group, m2m_fields={"permissions"})
audited(Union, exclude_fields=["path", "depth", "numchild", "name_key"])
for keyed in (Cadre, Member, Training, Attendance, UnionName):
    audited(keyed, exclude_fields=["name_key"])
for model in (MembershipEvent, TransferRequest, TermRule, ImportBatch, LedgerCall):
    audited(model)
audited(HeaderChoice, exclude_fields=["header_key", "chosen_at"])


@receiver(user_logged_in)
def end_other_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """One session an account: the newer sign-in ends the older (等保 2.0, 同一账号不得并发登录)."""
    if not request.session.session_key:
        request.session.save()
    # The older session's next request is turned away, with a word why, by core.middleware.SessionGuardMiddleware.
    user.session_key = request.session.session_key or ""
    User.objects.filter(pk=user.pk).update(session_key=user.session_key)
