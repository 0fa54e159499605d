"""The admin of applications: buttons and actions from the table, the queue, several at once."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from awards.models import Nomination
from members import roles
from pingtang_union.core.workflow import TRANSITIONS, State, perform, record_objection
from tests.awards.walk import DOCUMENT, lead, people_for
from tests.factories import NominationFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:awards_nomination_changelist")


def page_of(one):
    return reverse("admin:awards_nomination_change", args=[one.pk])


def move_of(one, name):
    return reverse(f"admin:awards_nomination_move_{name}", args=[one.pk])


def buttons(response):
    """The moves that the page offers, by name, in order."""
    return [
        one["path"].split("/move-")[1].strip("/")
        for one in response.context["actions_detail"]
        if "path" in one and "/move-" in one["path"]
    ]


def said(response):
    return [str(one) for one in response.context["messages"]]


def rows(response):
    return [one.name for one in response.context["cl"].result_list]


@pytest.fixture
def round_(db):
    return RoundFactory(needs_recommendation=False)


@pytest.fixture
def nomination(round_):
    return NominationFactory(round=round_, name="罗光明")


def test_buttons(nomination, awards_clerk, signed_in):
    lead(nomination, State.SUBMITTED)
    response = signed_in(awards_clerk).get(page_of(nomination))
    assert buttons(response) == ["approve", "return", "reject"]
    response = signed_in(awards_clerk).get(LIST)
    assert rows(response) == ["罗光明"]
    response = signed_in(awards_clerk).post(move_of(nomination, "approve"), {"seen": 2}, follow=True)
    assert said(response) == ["已办理「审核通过」：罗光明：平塘县五一劳动标兵，现在是「县审核通过」。"]
