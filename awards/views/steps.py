"""What the steps of filling in a nomination share: which there are, what is missing in each, two savers at one."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse

from awards.models import Nomination
from pingtang_union.workflow.pages import ApplicationFillView

MAY_START = ("awards.add_nomination", "awards.submit_nomination")
WHO, MERITS, PAPERS, VETOES, CHECK = "who", "merits", "papers", "vetoes", "check"
# (step, what it is called, its route), in order; the first four are the parts of Nomination.missing_by_step.
STEPS = (
    (WHO, "推荐对象", "awards:nomination_update"),
    (MERITS, "事迹", "awards:nomination_merits"),
    (PAPERS, "材料", "awards:nomination_papers"),
    (VETOES, "否决情形", "awards:nomination_vetoes"),
    (CHECK, "检查并提交", "awards:nomination_check"),
)


@dataclass(frozen=True)
class StepLine:
    """A step as the list of steps shows it; `missing` is None while there is no draft yet."""

    number: int
    label: str
    url: str
    is_current: bool
    missing: list[str] | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing there."""
        return self.missing == []


def way_to(nomination: Nomination) -> list[tuple[str, str]]:
    """The pages above a step."""
    page = reverse("awards:nomination_detail", args=[nomination.pk])
    return [("荣誉推荐", reverse("awards:nomination_list")), (nomination.name, page)]


def steps_of(nomination: Nomination | None, current: str) -> list[StepLine]:
    """All five steps with what is still missing in each."""
    missing = nomination.missing_by_step() if nomination is not None and nomination.pk else {}
    lines = []
    for number, (name, label, route) in enumerate(STEPS, 1):
        url = reverse(route, args=[nomination.pk]) if missing and nomination is not None else ""
        lines.append(StepLine(number, label, url, name == current, missing.get(name)))
    return lines


class NominationStepView(ApplicationFillView):
    """What the steps of a draft share."""

    model = Nomination
    route = "awards:nomination"
    step: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]  # of Nomination.content(), or what they begin with

    def visible(self) -> Any:
        """With the round and what it asks for."""
        return super().visible().select_related("union", "honour", "round", "member", "cadre", "nominee_union")

    def holds(self, label: str) -> bool:
        """As `labels` say."""
        return label.startswith(self.labels)

    def way(self) -> list[tuple[Any, str]]:
        return way_to(self.object)

    @property
    def heading(self) -> str:  # type: ignore[override]  # follows from the step
        """What the step is called."""
        return next(label for name, label, _route in STEPS if name == self.step)

    def get_success_url(self) -> str:
        """The next step, or the nomination's page for who goes on later."""
        if "leave" in self.request.POST:
            return self.back()
        names = [name for name, _label, _route in STEPS]
        return reverse(STEPS[names.index(self.step) + 1][2], args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the list of steps, as it is stored."""
        stored = Nomination.objects.select_related("round", "honour").get(pk=self.object.pk)
        return super().get_context_data(**kwargs) | {
            "nomination": stored,
            "round": stored.round,
            "steps": steps_of(stored, self.step),
        }
