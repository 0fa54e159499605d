"""What the page of a title on the ladder is asked for."""

from collections.abc import Iterable
from typing import Any

from django import forms

from awards.ladder import Stage
from pingtang_union.core.forms import PortalForm


class ProspectForm(PortalForm, forms.Form):
    """From which township, and what stands between a holder and the title."""

    township = forms.ChoiceField(label="乡镇（街道）", required=False)
    stage = forms.ChoiceField(label="还差什么", required=False)

    def __init__(self, data: Any, *, townships: Iterable[str], stages: Iterable[Stage]):
        super().__init__(data)
        self._offer("township", [(name, name) for name in townships])
        self._offer("stage", [(stage.value, stage.label) for stage in stages])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Choices that leave nothing to choose from aren't asked for, unless an address names one."""
        if len(choices) > 1 or self.data.get(name):
            self.fields[name].choices = [("", "全部"), *choices]  # type: ignore[attr-defined]  # a ChoiceField's
        else:
            del self.fields[name]
