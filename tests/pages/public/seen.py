"""Rows for tests of public pages, their addresses, and what a page says."""

import re
from typing import Any

from django.urls import reverse

from awards.models import Award, Nomination
from awards.services import revoke_award
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import NominationFactory, UserFactory

UNSEEN = "0" * 16  # a token that no award has


def text(response: Any) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def publicised(**kwargs: Any) -> Nomination:
    """A nomination in publicity from now on."""
    return lead(NominationFactory(**kwargs), State.PUBLICISED)


def revoked(award: Award) -> Award:
    """The award, taken back."""
    by = UserFactory(roles=(roles.ECONOMY,))
    document = "平工发〔2026〕9号"
    return revoke_award(award=award, on="2026-03-01", reason="弄虚作假骗取荣誉", document_number=document, by=by)


def names(response: Any) -> list[str]:
    """The recipients on a page, in order."""
    return [one.name for one in response.context["awards"]]


def notice_of(nomination: Nomination) -> str:
    """Address of the notice of its round."""
    return reverse("notice", args=[nomination.round_id])


def holder_of(award: Award) -> str:
    """Address of its holder's page."""
    return reverse("honour_holder", args=[award.token])


def certificate_of(award: Award) -> str:
    """Address of its certificate."""
    return reverse("honour_certificate", args=[award.token])
