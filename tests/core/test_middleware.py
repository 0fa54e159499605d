"""Who is calling: the audit trail and the lockout must not believe the caller."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from pingtang_union.middleware import ClientAddressMiddleware


def address(settings, *, behind_proxy: bool, forwarded: str) -> str:
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    assert "HTTP_X_FORWARDED_FOR" not in request.META
    return request.META["REMOTE_ADDR"]


def test_without_a_proxy_the_callers_word_is_dropped(settings):
    assert address(settings, behind_proxy=False, forwarded="10.0.0.9") == "127.0.0.1"


def test_behind_the_proxy_its_own_word_counts_and_not_the_callers(settings):
    assert address(settings, behind_proxy=True, forwarded="6.6.6.6, 10.0.0.9") == "10.0.0.9"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/admin/", "/admin/members/union/", "/dashboard/", "/workbench/", "/password/"])
def test_no_cache_keeps_what_a_signed_in_person_sees(path, insider, signed_in):
    kept = signed_in(insider).get(path).headers["Cache-Control"]

    assert ("no-store" in kept, "private" in kept) == (True, True)


@pytest.mark.django_db
def test_static_files_may_be_kept(insider, signed_in):
    response = signed_in(insider).get("/static/css/base.css")
    response.close()

    assert response.status_code == 200
    assert "no-store" not in response.headers.get("Cache-Control", "")
