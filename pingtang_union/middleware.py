"""Request guards: content security policy, idle sessions, one session an account, first passwords."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control

from pingtang_union.core.masking import holds_number, masked, numbers_in
from pingtang_union.core.permissions import may_see_numbers
from pingtang_union.workflow.publishing import public_text

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


NUMBER_IN_ADDRESS = "为保护个人信息，此处不能按证件号码查找，请使用列表上方的「按证件号查找」。"


class NoNumberInAddressMiddleware:
    """An identity number in an address would stay in the browser's history and in logs: whoever searches so is led to
    the page without it, and told where numbers are searched for."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Lead away before any page reads the address."""
        kept = request.GET.copy()
        for name, values in request.GET.lists():
            if any(holds_number(value) for value in values):
                del kept[name]
        if len(kept) == len(request.GET):
            return self.get_response(request)
        if "term" in request.GET and "term" not in kept:  # a dropdown asks as one types
            return JsonResponse({"results": [], "pagination": {"more": False}})
        if request.user.is_authenticated:
            messages.warning(request, NUMBER_IN_ADDRESS)
        address = f"{request.path}?{kept.urlencode()}" if kept else request.path
        if request.headers.get("HX-Request"):  # htmx would follow by itself and keep the address
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)


class MaskedTextMiddleware:
    """Identity numbers in what people wrote (notes, reasons, names of files and sheets, the audit trail) are masked for
    who may not see numbers: here, where every page and fragment passes, so that no template can forget it. What
    strangers read holds no card and no phone of a person either.

    Numbers that the reader sent along stay: a refused form comes back as it was filled in. Files are masked where their
    cells are made (ledger.giving.cells).
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mask the texts of the answer, not its addresses."""
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in _TEXTS or may_see_numbers(getattr(request, "user", None)):
            return response
        text = response.content.decode(response.charset)
        shown = _SHOWN.get(kind, masked)(text, _sent(request))
        is_stranger = not getattr(getattr(request, "user", None), "is_authenticated", False)
        if kind == "text/html" and request.method == "GET" and is_stranger:
            shown = _outside_addresses(shown, public_text)
        if shown != text:
            response.content = shown.encode(response.charset)
        return response


def _page(text: str, known: set[str]) -> str:
    return _outside_addresses(text, lambda part: masked(part, known))


def _outside_addresses(text: str, change: Callable[[str], str]) -> str:
    parts = _ADDRESSES.split(text)
    parts[::2] = [change(part) for part in parts[::2]]
    return "".join(parts)


def _json(text: str, known: set[str]) -> str:
    """The texts of a JSON answer, which may be written with escapes; its numbers are figures and keys."""

    def within(value: Any) -> Any:
        if isinstance(value, str):
            return masked(value, known)
        if isinstance(value, list):
            return [within(one) for one in value]
        return {masked(key, known): within(one) for key, one in value.items()} if isinstance(value, dict) else value

    try:
        value = json.loads(text)
    except ValueError:
        return masked(text, known)
    return text if (shown := within(value)) == value else json.dumps(shown)


_TEXTS = {"text/html", "application/json", "text/plain"}
_SHOWN = {"text/html": _page, "application/json": _json}
# Attributes that hold addresses or drawings; what others hold may be words, also hx-confirm, hx-prompt and hx-vals.
_ADDRESSES = re.compile(
    r"(\s(?:href|src|action|formaction|hx-(?:get|post|put|patch|delete|push-url|replace-url|target)|d|points)="
    r"""(?:"[^"]*"|'[^']*'))"""
)


def _sent(request: HttpRequest) -> set[str]:
    """The numbers in what the request itself brought."""
    sent = request.POST if hasattr(request, "_post") else QueryDict()  # a body that nobody has read tells nothing
    values = [value for _name, several in sent.lists() for value in several]
    return {number for value in values for number in numbers_in(value)}


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
                messages.warning(request, "该账号已在其他地方登录，本页已退出。如非本人操作，请立即联系系统管理员。")
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
