"""What the steps of filling in a nomination share."""

from typing import Any

from django.urls import reverse

from awards.models import Nomination
from pingtang_union.workflow.filling import StepView

MAY_START = ("awards.add_nomination", "awards.submit_nomination")


class NominationStepView(StepView):
    """A step of a nomination."""

    model = Nomination
    related = ("union", "honour", "round", "member", "cadre", "nominee_union")
    route = "awards:nomination"

    def told(self, nomination: Any) -> tuple[str, str]:
        return nomination.name, nomination.honour.title

    def way(self) -> list[tuple[Any, str]]:
        return [("荣誉推荐", reverse("awards:nomination_list")), (self.object.name, self.back())]
