"""The form of a union's card."""

from typing import Any

from members.forms.people import cleaned
from members.ledgers.unions import COUNTY_MATTERS
from members.models import Union
from pingtang_union.core.cleaning import person_name, phone
from pingtang_union.core.forms import ScopedModelForm

# What the county decides beside COUNTY_MATTERS: a union is dissolved by a document, not by its officer.
_COUNTY = (*COUNTY_MATTERS, "status", "dissolved_on")
_COUNTS = ("staff_total", "staff_women", "staff_migrant", "members_total", "members_women", "members_migrant")


class UnionForm(ScopedModelForm):
    """The card of a union as its officer keeps it; name, kind and end are the county's. The superior and the level
    are the tree's, which the county keeps in the admin."""

    groups = (
        ("工会名称和状态（由县总工会办理）", ("name", "category", "status", "dissolved_on")),
        ("换届", ("last_elected_on", "term_years")),
        ("联系", ("chair", "phone")),
        ("人数（按最近一次统计填报，单位：人）", _COUNTS),
        ("单位情况", ("nature", "industry", "township", "system", "is_new_sector")),
        ("建会和登记", ("set_up_on", "document_number", "credit_code")),
    )

    class Meta:
        model = Union
        fields = (
            *("name", "category", "status", "dissolved_on", "last_elected_on", "term_years", "chair", "phone"),
            *_COUNTS,
            *("nature", "industry", "township", "system", "is_new_sector"),
            *("set_up_on", "document_number", "credit_code", "short_name", "note"),
        )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.user.has_perm("members.add_union"):
            for name in _COUNTY:
                self.fields.pop(name, None)
        for name in _COUNTS:  # the heading says what kind of numbers they are
            self.fields[name].label = str(self.fields[name].label).removesuffix("（填报）")
        for name in ("chair", "phone", "credit_code"):
            self.fields[name].widget.attrs.update(autocomplete="off")
        self.fields["phone"].widget.input_type = "tel"
        self.fields["document_number"].help_text = "如 平工发〔2018〕12号"
        self.fields["credit_code"].help_text = "工会自己的 18 位代码，以 81 或 89 开头"

    def clean_chair(self) -> str:
        """As ledgers read it."""
        return cleaned(person_name, self.cleaned_data["chair"])

    def clean_phone(self) -> str:
        """As ledgers read it."""
        return cleaned(phone, self.cleaned_data["phone"])

    def clean_credit_code(self) -> str | None:
        """Capital letters, no blanks; None where there is none."""
        return (self.cleaned_data["credit_code"] or "").replace(" ", "").upper() or None
