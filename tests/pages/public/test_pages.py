"""What holds for every public page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import (
    AwardFactory,
    HonourFactory,
    RoundFactory,
    UnionFactory,
    honour,
)
from tests.pages.public.seen import UNSEEN, certificate_of, holder_of, notice_of, publicised

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses():
    """Every public page, with rows on it."""
    nomination, award = publicised(), AwardFactory()
    return [
        "/", "/notices/", notice_of(nomination), "/notices/0/", "/honours/", holder_of(award), certificate_of(award),
        "/verify/", reverse("verify_award", args=[award.token]), reverse("verify_award", args=[UNSEEN]),
    ]  # fmt: skip


def test_no_cache_keeps_a_public_page_and_no_script_or_style_stands_in_one(addresses, client):
    for address in addresses:
        response = client.get(address)
        page = response.content.decode()
        assert "no-store" in response.headers["Cache-Control"], address
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';"), address
        assert "unsafe" not in policy, address
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", page), address
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), address
        assert 'name="description" content="' in page, address
        assert 'rel="icon"' in page, address


def test_pages_that_name_people_ask_not_to_be_indexed(addresses, client):
    kept = {"/", "/honours/", "/verify/"}

    for address in addresses:
        is_indexed = "noindex" not in client.get(address).content.decode()
        assert is_indexed is (address in kept), address


def test_public_pages_take_no_posts(addresses, client):
    for address in addresses:
        if address != "/verify/":
            assert client.post(address).status_code == 405, address


@pytest.mark.parametrize("key", ["0", "99999999999999999999999999"])
def test_odd_keys_of_notices_get_the_kind_words(key, client):
    assert client.get(f"/notices/{key}/").status_code == 404


@pytest.mark.parametrize("value", ["abc", "-1", "0", "1e9"])
def test_odd_pages_get_a_page(value, addresses, client):
    for address in addresses:
        assert client.get(address, {"page": value}).status_code == client.get(address).status_code


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get(address)
    return len(seen)


def test_the_number_of_queries_stays_the_same(client):
    union = UnionFactory(township="大塘镇")
    round_ = RoundFactory(honours=[HonourFactory(), honour("county.pacesetter")])
    first = AwardFactory(union=union, recipient_union=union)
    publicised(round=round_)
    asked = ("/", "/notices/", f"/notices/{round_.pk}/", "/honours/", holder_of(first))
    at_one = [queries(client, address) for address in asked]

    for code in ("county.worker_pioneer", "province.worker_pioneer"):
        AwardFactory(union=union, recipient_union=union, honour=honour(code), shows_name=True)
        publicised(round=round_)
        publicised()

    assert at_one == [8, 3, 4, 7, 4]
    assert [queries(client, address) for address in asked] == at_one
