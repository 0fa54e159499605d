"""What a union's card should say and doesn't, and the numbers it declares beside those that the roster gives."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from members.models import Union
from members.models.codes import FEDERATIONS, Gender

# In plain words; a federation of unions has no employer of its own.
EXPECTED = {
    "nature": "单位性质",
    "industry": "所属行业",
    "township": "所属乡镇（街道）",
    "is_new_sector": "是不是两新组织",
    "credit_code": "统一社会信用代码",
    "set_up_on": "建会时间",
    "last_elected_on": "最近换届时间",
    "term_years": "届期（批复写明的 3 年或 5 年）",
    "staff_total": "职工人数",
    "staff_women": "女职工人数",
    "members_total": "会员人数",
    "members_women": "女会员人数",
    "members_migrant": "农民工会员人数",
    "chair": "工会主席",
    "phone": "联系电话",
}
FEDERATION_EXPECTED = ("township", "credit_code", "set_up_on", "last_elected_on", "term_years", "chair", "phone")


@dataclass(frozen=True)
class Missing:
    """A field of the card that isn't filled in: its name, and what it is in plain words."""

    name: str
    label: str


@dataclass(frozen=True)
class Compared:
    """A declared number of members beside the one that the roster gives."""

    label: str
    declared: int | None
    counted: int

    @property
    def differs(self) -> bool:
        """Whether both are known and aren't the same."""
        return self.declared is not None and self.declared != self.counted


def missing(union: Union) -> list[Missing]:
    """What the union's card doesn't say."""
    expected = FEDERATION_EXPECTED if union.level in FEDERATIONS else EXPECTED
    return [Missing(name, EXPECTED[name]) for name in expected if getattr(union, name) in (None, "")]


def compared(union: Union, members: QuerySet) -> list[Compared]:
    """Declared numbers of members beside those of `members` (the union's current ones), in one query."""
    counted = members.aggregate(
        total=Count("pk"),
        women=Count("pk", filter=Q(gender=Gender.FEMALE)),
        migrant=Count("pk", filter=Q(is_migrant=True)),
    )
    return [
        Compared("会员人数", union.members_total, counted["total"]),
        Compared("其中：女会员", union.members_women, counted["women"]),
        Compared("其中：农民工会员", union.members_migrant, counted["migrant"]),
    ]
