"""Forms of relief's records in the admin."""

from typing import Any

from pingtang_union.admin import RecordForm
from relief.models import Grant


class GrantForm(RecordForm):
    """A grant of years past, entered or corrected by hand: the edition follows from the day where it isn't given."""

    class Meta:
        model = Grant
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "edition" in self.fields:
            self.fields["edition"].required = False
            self.fields["edition"].help_text = "不填按发放时间算"
        for name in ("cash", "goods"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Fill in what follows from other fields."""
        data = super().clean() or self.cleaned_data
        for name in ("cash", "goods"):
            if data.get(name) is None and name not in self.errors:
                data[name] = 0
        programme, day = data.get("programme"), data.get("granted_on")
        if programme and day and not data.get("edition"):
            try:
                data["edition"] = programme.edition_on(day)
            except ValueError:
                self.add_error("granted_on", f"{programme}跨年度，请至少写到月，如 2018-01。")
        return data
