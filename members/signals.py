"""What happens around sign-in and editing: one session an account, and the audit trail."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in
from django.db.models import Model
from django.dispatch import receiver
from django.http import HttpRequest

from members.models import NumberAttempt, Union, User
from pingtang_union.core.audit import audited
from pingtang_union.ledger.models import HeaderChoice, ImportBatch, LedgerCall

OPTIONS: dict[type[Model], dict[str, Any]] = {
    User: {"exclude_fields": ["last_login", "session_key"], "mask_fields": ["password"], "m2m_fields": {"groups"}},
    Group: {"m2m_fields": {"permissions"}},
    Union: {"exclude_fields": ["path", "depth", "numchild", "name_key"]},
    HeaderChoice: {"exclude_fields": ["header_key", "chosen_at"]},
}

models: Iterable[Any] = apps.get_app_config("members").get_models()
for model in (Group, HeaderChoice, ImportBatch, LedgerCall, *models):
    if model is not NumberAttempt:  # what it holds nobody can read
        audited(model, **OPTIONS.get(model, {"exclude_fields": ["name_key"]}))


@receiver(user_logged_in)
def end_other_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """One session an account: the newer sign-in ends the older (等保 2.0, 同一账号不得并发登录)."""
    if not request.session.session_key:
        request.session.save()
    # The older session's next request is turned away, with a word why, by middleware.SessionGuardMiddleware.
    user.session_key = request.session.session_key or ""
    User.objects.filter(pk=user.pk).update(session_key=user.session_key)
