"""Request guards: content security policy, idle sessions, one session an account, first passwords."""

import re
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

_STRICT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; form-action 'self'"
)
# Unfold's Alpine.js evaluates expressions and writes inline styles: allowed under the admin only.
_ADMIN = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)
_RENEW_AFTER_SECONDS = 60
# No key of ours has as many digits, and no database takes it as one.
_TOO_LONG_A_KEY = re.compile(r"[-+]?\d{19,}")
_SEARCH = {"q", "term"}  # whatever people type; a card's number may be that long

Handler = Callable[[HttpRequest], HttpResponse]


class ClientAddressMiddleware:
    """Settle who is calling before the sign-in guard and the audit trail ask.

    Behind our proxy the caller is the last address that the proxy added; without one, whatever the caller
    says in X-Forwarded-For is dropped, since anyone can write it.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
        if settings.BEHIND_PROXY and forwarded:
            request.META["REMOTE_ADDR"] = forwarded
        return self.get_response(request)


class HostileAddressMiddleware:
    """Refuse (400) addresses that no page of ours makes and no database reads: NUL characters, keys beyond bigint."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or any(self._is_hostile(*pair) for pair in request.GET.lists()):
            raise BadRequest("NUL character or overlong key in the address")
        return self.get_response(request)

    @staticmethod
    def _is_hostile(name: str, values: list[str]) -> bool:
        if any("\0" in text for text in (name, *values)):
            return True
        parts = [] if name in _SEARCH else [part for value in values for part in value.split(",")]
        return any(_TOO_LONG_A_KEY.fullmatch(part.strip()) for part in parts)


class ContentSecurityPolicyMiddleware:
    """Send the strict policy everywhere, the looser one under /admin/."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = _ADMIN if request.path.startswith("/admin/") else _STRICT
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


class NoStoreMiddleware:
    """What a signed-in person sees stays in no cache, nor behind the back button of a shared computer."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        return response


class SessionGuardMiddleware:
    """Renew a live session at most once a minute, end one that a newer sign-in replaced, and hold
    an account with a first password on the page that changes it.

    Renewal moves the idle limit (SESSION_COOKIE_AGE); writing it at every request would queue all
    readers of SQLite behind a long import.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            if user.session_key and user.session_key != request.session.session_key:
                logout(request)
                messages.warning(request, "这个账号刚在别处登录，这里已退出。如果不是您本人，请立即联系系统管理员。")
                return redirect(settings.LOGIN_URL)
            now = int(time.time())
            if now - request.session.get("seen", 0) >= _RENEW_AFTER_SECONDS:
                request.session["seen"] = now
            if user.must_change_password and request.path not in self._open_paths():
                return redirect("password_change")
        return self.get_response(request)

    @staticmethod
    def _open_paths() -> set[str]:
        return {reverse("password_change"), reverse("logout"), reverse("login")}
