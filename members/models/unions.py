"""Unions as a tree, their other names, and the law's rule on terms."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Substr
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from members.models.codes import FEDERATIONS, Category, Industry, Level, Nature, UnionStatus
from pingtang_union.core.dates import shift_years
from pingtang_union.core.fields import PartialDateField, not_before, well_formed
from pingtang_union.core.scope import AddressedQuerySet, ScopedModel, ScopedQuerySet
from pingtang_union.core.text import fold, narrow
from pingtang_union.core.validators import validate_credit_code, validate_phone


class UnionQuerySet(ScopedQuerySet, MP_NodeQuerySet):
    """Questions asked of unions."""

    def counted(self) -> "UnionQuerySet":
        """Unions that the statistics count: every one below the county federation."""
        return self.exclude(level__in=(Level.PREFECTURE, Level.COUNTY))

    def registering(self) -> "UnionQuerySet":
        """Unions that keep a roster of members now: no federation of unions, and none that is dissolved."""
        return self.exclude(level__in=FEDERATIONS).exclude(status=UnionStatus.DISSOLVED)

    def standing(self) -> "UnionQuerySet":
        """Those not dissolved."""
        return self.exclude(status=UnionStatus.DISSOLVED)

    def searched(self, words: str) -> "UnionQuerySet":
        """By a part of any name of theirs, or the whole credit code. Unions are few enough to be looked through."""
        key = fold(words)
        if not key:
            return self.none()
        named = Q(name_key__contains=key) | Q(short_name__icontains=words.strip())
        named |= Q(pk__in=Union.objects.filter(other_names__name_key__contains=key).order_by().values("pk"))
        return self.filter(named | Q(credit_code=narrow(words).upper()))

    def dissolved_superior(self) -> "UnionQuerySet":
        """Unions that still exist below one that is dissolved."""
        superiors = Union.objects.filter(path=Substr(models.OuterRef("path"), 1, Length(models.OuterRef("path")) - 4))
        dissolved = superiors.filter(status=UnionStatus.DISSOLVED)
        return self.exclude(status=UnionStatus.DISSOLVED).filter(models.Exists(dissolved))

    def existing_on(self, day: date) -> "UnionQuerySet":
        """Unions set up by `day` and not dissolved by then. Those without a founding date count as existing:
        the record itself says that they exist."""
        iso = day.isoformat()
        return self.exclude(status=UnionStatus.PREPARING).filter(
            Q(set_up_on__isnull=True) | Q(set_up_on__lte=iso), Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=iso)
        )

    def with_parent_name(self, among: "UnionQuerySet | None" = None) -> "UnionQuerySet":
        """Adds `parent_name`, the superior union's name (when it is one of `among`), in the same query."""
        superiors = Union.objects.all() if among is None else among
        parent = superiors.filter(path=Substr(models.OuterRef("path"), 1, Length(models.OuterRef("path")) - 4))
        return self.annotate(parent_name=models.Subquery(parent.values("name")[:1]))

    def term_ends_between(self, first: date, last: date, *, years: int, stated: bool) -> "UnionQuerySet":
        """Unions whose term ends from `first` to `last`, both included.

        stated=True: those whose recorded term is `years`. stated=False: those without a recorded term, if it
        were `years`. An election known to the month or year alone counts until that month or year is over.
        """
        rows = self.filter(term_years=years) if stated else self.filter(term_years__isnull=True)
        start = shift_years(first.isoformat(), -years)
        return rows.filter(
            Q(last_elected_on__gte=start) | Q(last_elected_on__in=(start[:7], start[:4])),
            last_elected_on__lte=shift_years(last.isoformat(), -years),
        )


class UnionManager(MP_NodeManager.from_queryset(UnionQuerySet)):
    """The tree's manager over our questions; treebeard's own would give its plain queryset."""

    def get_queryset(self) -> UnionQuerySet:
        return UnionQuerySet(self.model, using=self._db).order_by("path")


class Union(MP_Node, ScopedModel):
    """A trade union. The county federation is the root and is not counted among the grassroots unions."""

    scope_path = ""
    township_doubt = ""  # what clean() has to say of the township

    name = models.CharField("工会名称", max_length=100)
    name_key = models.CharField("查找用名称", max_length=100, editable=False)
    short_name = models.CharField("简称", max_length=50, blank=True)
    level = models.CharField("工会层级", max_length=12, choices=Level, default=Level.GRASSROOTS)
    category = models.CharField("类别", max_length=10, choices=Category, blank=True)
    nature = models.CharField("单位性质", max_length=10, choices=Nature, blank=True)
    industry = models.CharField("所属行业", max_length=1, choices=Industry, blank=True)
    township = models.CharField("所属乡镇（街道）", max_length=30, blank=True)
    system = models.CharField("所属系统", max_length=30, blank=True, help_text="如 教育、卫生计生、交通、金融")
    is_new_sector = models.BooleanField("两新组织", null=True, blank=True, help_text="新经济组织、新社会组织")
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, null=True, blank=True, validators=[validate_credit_code]
    )
    set_up_on = PartialDateField("建会时间")
    document_number = models.CharField("建会批复文号", max_length=50, blank=True)
    last_elected_on = PartialDateField("最近换届时间")
    term_years = models.PositiveSmallIntegerField(
        "届期（年）", null=True, blank=True, help_text="按批复填 3 或 5；没有依据的不填"
    )
    staff_total = models.PositiveIntegerField("职工人数（填报）", null=True, blank=True)
    staff_women = models.PositiveIntegerField("其中：女职工（填报）", null=True, blank=True)
    staff_migrant = models.PositiveIntegerField("其中：农民工（填报）", null=True, blank=True)
    members_total = models.PositiveIntegerField("会员人数（填报）", null=True, blank=True)
    members_women = models.PositiveIntegerField("其中：女会员（填报）", null=True, blank=True)
    members_migrant = models.PositiveIntegerField("其中：农民工会员（填报）", null=True, blank=True)
    chair = models.CharField("工会主席", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True, validators=[validate_phone])
    status = models.CharField("状态", max_length=10, choices=UnionStatus, default=UnionStatus.ACTIVE)
    dissolved_on = PartialDateField("撤销时间")
    note = models.CharField("备注", max_length=200, blank=True)

    objects = UnionManager()

    class Meta:
        verbose_name = verbose_name_plural = "工会"
        ordering = ["path"]
        permissions = [("view_dashboard", "查看数据看板")]
        indexes = [
            models.Index(fields=["township"], name="union_township"),
            models.Index(fields=["name_key"], name="union_name_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=~Q(status=UnionStatus.DISSOLVED),
                name="union_name_unique",
                violation_error_message="已有同名的工会。",
            ),
            models.UniqueConstraint(
                fields=["credit_code"],
                name="union_credit_code_unique",
                violation_error_message="这个统一社会信用代码已登记在另一个工会名下。",
            ),
            models.CheckConstraint(
                condition=Q(level__in=(Level.PREFECTURE, Level.COUNTY), category="")
                | (~Q(level__in=(Level.PREFECTURE, Level.COUNTY)) & ~Q(category="")),
                name="union_category_below_county",
                violation_error_message="县总工会以下的工会要选类别（机关工会或企业工会），县总工会本身不选。",
            ),
            models.CheckConstraint(
                condition=Q(staff_women__lte=F("staff_total")),
                name="union_staff_women_within_total",
                violation_error_message="女职工人数不能多于职工人数。",
            ),
            models.CheckConstraint(
                condition=Q(staff_migrant__lte=F("staff_total")),
                name="union_staff_migrant_within_total",
                violation_error_message="农民工人数不能多于职工人数。",
            ),
            models.CheckConstraint(
                condition=Q(members_women__lte=F("members_total")),
                name="union_members_women_within_total",
                violation_error_message="女会员人数不能多于会员人数。",
            ),
            models.CheckConstraint(
                condition=Q(members_migrant__lte=F("members_total")),
                name="union_members_migrant_within_total",
                violation_error_message="农民工会员人数不能多于会员人数。",
            ),
            models.CheckConstraint(
                condition=not_before("last_elected_on", "set_up_on"),
                name="union_term_after_founding",
                violation_error_message="换届时间不能早于建会时间。",
            ),
            models.CheckConstraint(
                condition=not_before("dissolved_on", "set_up_on"),
                name="union_dissolved_after_founding",
                violation_error_message="撤销时间不能早于建会时间。",
            ),
            models.CheckConstraint(
                condition=(Q(status=UnionStatus.DISSOLVED) & Q(dissolved_on__isnull=False))
                | (~Q(status=UnionStatus.DISSOLVED) & Q(dissolved_on__isnull=True)),
                name="union_dissolved_has_date",
                violation_error_message="撤销的工会要填撤销时间，未撤销的不填。",
            ),
            models.CheckConstraint(
                condition=Q(term_years__isnull=True) | Q(term_years__in=(3, 5)),
                name="union_term_three_or_five",
                violation_error_message="届期为 3 年或 5 年（《工会法》）。",
            ),
            well_formed("union_dates_well_formed", "set_up_on", "last_elected_on", "dissolved_on"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.name_key = fold(self.name)
        self.credit_code = self.credit_code or None
        self.township, self.township_doubt = township_of(self.township, Township.objects.spellings())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)

    @property
    def term_ends_on(self) -> str | None:
        """End of the present term as a partial date, or None while the election or the term isn't recorded."""
        if not self.last_elected_on or not self.term_years:
            return None
        return shift_years(self.last_elected_on, self.term_years)

    @property
    def parent_path(self) -> str:
        """Path of the superior union; "" for the root."""
        return self.path[: -self.steplen]


class UnionName(ScopedModel):
    """Another name of a union (a former or a common one), by which ledgers may call it."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.CASCADE, verbose_name="工会", related_name="other_names")
    name = models.CharField("别名", max_length=100)
    name_key = models.CharField("查找用名称", max_length=100, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "工会别名"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"], name="unionname_unique", violation_error_message="这个别名已经登记过。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name_key = fold(self.name)
        if not self.name_key:
            raise ValidationError({"name": "别名里要有文字。"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold(self.name)
        super().save(*args, **kwargs)


_TOWNSHIP_ENDING = re.compile(r"(?:街道办事处|街道办|街道|镇|乡)$")


def township_key(name: str) -> str:
    """What all ways to write a township have in common: 平塘县平舟镇, 平舟镇 and 平舟 are one."""
    county = fold(settings.FEDERATION_NAME.removesuffix("总工会"))
    return _TOWNSHIP_ENDING.sub("", fold(name).removeprefix(county))


def township_of(written: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The name that the list has for `written`, else what is written with a warning. known: the list's spellings."""
    name = known.get(township_key(written), written)
    is_listed = not written or not known or name in known.values()
    return name, "" if is_listed else f"「{written}」不在本县乡镇（街道）名单里，按所填内容登记，请核对。"


class TownshipQuerySet(AddressedQuerySet):
    """Questions asked of the list of townships."""

    def spellings(self) -> dict[str, str]:
        """The name of each township by the keys of what it is called; what two are called tells neither."""
        names_by_key: dict[str, set[str]] = {}
        for name, others in self.order_by().values_list("name", "other_names"):
            for written in (name, *others.split()):
                names_by_key.setdefault(township_key(written), set()).add(name)
        return {key: names.pop() for key, names in names_by_key.items() if len(names) == 1}


class Township(ScopedModel):
    """A town or street of a county, with its federation. Unions keep the name as text: what the list doesn't know is
    kept as it was written."""

    scope_path = "county"

    county = models.ForeignKey(Union, models.PROTECT, verbose_name="县总工会", related_name="+")
    code = models.CharField("区划代码", max_length=9, unique=True, help_text="国家统计局统计用区划代码，9 位")
    name = models.CharField("名称", max_length=30, unique=True)
    other_names = models.CharField(
        "其他写法", max_length=100, blank=True, help_text="用空格隔开；带不带县名、镇、乡、街道都认得，不用写"
    )
    federation = models.ForeignKey(
        Union, models.SET_NULL, null=True, blank=True, verbose_name="工会联合会", related_name="+"
    )
    source = models.CharField("依据", max_length=100)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "乡镇（街道）"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class TermRule(models.Model):
    """Lawful lengths of a term, from a date on: policy as a row with its document, not as code."""

    in_force_from = models.DateField("施行日期")
    shortest_years = models.PositiveSmallIntegerField("最短届期（年）")
    longest_years = models.PositiveSmallIntegerField("最长届期（年）")
    document = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "届期规定"
        ordering = ["-in_force_from"]
        constraints = [
            models.UniqueConstraint(fields=["in_force_from"], name="termrule_one_a_day"),
            models.CheckConstraint(
                condition=Q(shortest_years__lte=F("longest_years")),
                name="termrule_shortest_within_longest",
                violation_error_message="最短届期不能长于最长届期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_force_from} 起：{self.shortest_years} 至 {self.longest_years} 年"
