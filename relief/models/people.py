"""Who belongs to a household, what put it into hardship, and what its people agreed to."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from members.models.codes import Political
from members.models.people import Person
from pingtang_union.core.crypto import blind_index
from pingtang_union.core.dates import shift_years
from pingtang_union.core.fields import Sealed, SealedField, account
from pingtang_union.core.figures import mask_name
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.money import MoneyField
from relief.models.codes import Hukou, Marital, ModelWorker, Purpose, Relation, Standing
from relief.models.policies import Cause

GUARDED_AGE = 14  # 《个人信息保护法》第三十一条: below, a guardian agrees
ADULT_AGE = 18
MOST_OTHER_CAUSES = 3  # 次要致困原因不超过三项 (form of the national system)


def mark(sealed: Any, *whose: Any) -> str:
    """A keyed mark of a guarded text: tells that it changed, and nothing else. Salted with `whose` it is: the
    same word of two people has two marks."""
    plain = sealed.reveal() if isinstance(sealed, Sealed) else sealed
    return f"已登记（{blind_index(' '.join(map(str, (*whose, plain))))[:6]}）" if plain else ""


def missing_of(people: list[Any]) -> list[str]:
    if not any(one.is_worker for one in people):
        return ["没有登记申请人本人"]
    missing = []
    for one in people:
        lacks = [
            label
            for name, label in (
                ("id_number", "证件号码"), ("standing", "人员身份"), ("health", "健康状况"), ("hukou", "户口类型"),
            )
            if not getattr(one, name) and not (name == "standing" and one.is_minor)
        ]  # fmt: skip
        missing += [f"{one.told}没有填写{'、'.join(lacks)}"] if lacks else []
    return missing


class HouseholdPerson(Person):
    """A person of the household, the worker too. While the county has accepted the file, nobody else's holds the person
    (`is_current`): the database sees to it, by the index of the number."""

    scope_path = "household__union"

    household = models.ForeignKey("relief.Household", models.CASCADE, verbose_name="档案", related_name="people")
    relation = models.CharField("与申请人关系", max_length=12, choices=Relation)
    health = SealedField("健康状况", hidden=True, blank=True, help_text="如 健康、恶性肿瘤、肢体二级残疾")
    standing = models.CharField("人员身份", max_length=14, choices=Standing, blank=True)
    marital = models.CharField("婚姻状况", max_length=10, choices=Marital, blank=True)
    hukou = models.CharField("户口类型", max_length=10, choices=Hukou, blank=True)
    political = models.CharField("政治面貌", max_length=2, choices=Political, blank=True)
    model_worker = models.CharField(
        "劳模类型", max_length=10, choices=ModelWorker, blank=True, help_text="不是劳模的不选"
    )
    has_insurance = models.BooleanField("参加医疗保险", default=False)
    income = MoneyField("近12个月工资性收入（元）", default=0)
    school = models.CharField("就读学校", max_length=60, blank=True)
    grade = models.CharField("年级", max_length=20, blank=True)
    is_current = models.BooleanField("在册", default=False, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["household", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["id_index"],
                condition=Q(is_current=True),
                name="householdperson_one_current_file",
                violation_error_message="这个人已在另一份困难职工档案中。",
            ),
            models.UniqueConstraint(
                fields=["household", "id_index"],
                name="householdperson_once",
                violation_error_message="这个人在本户已经登记。",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation=Relation.SELF),
                name="householdperson_one_worker",
                violation_error_message="一户只有一名申请人。",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(id_index__isnull=False),
                name="householdperson_current_has_number",
                violation_error_message="在册的家庭成员要有证件号码。",
            ),
            models.CheckConstraint(
                condition=Q(income__gte=0),
                name="householdperson_income_not_negative",
                violation_error_message="收入不能小于零。",
            ),
        ]

    def __str__(self) -> str:
        return self.told

    @property
    def is_worker(self) -> bool:
        """Whether it is the one whose file it is."""
        return self.relation == Relation.SELF

    @property
    def is_minor(self) -> bool:
        """Whether below eighteen; by an unknown birth a child of the worker is taken for one, and guarded."""
        if not self.born_on:
            return self.relation == Relation.CHILD
        return self.is_below(ADULT_AGE, timezone.localdate())

    def is_below(self, age: int, day: date) -> bool:
        """Whether younger than `age` on `day`."""
        return bool(self.born_on) and shift_years(str(self.born_on), age) > day.isoformat()[: len(str(self.born_on))]

    @property
    def told(self) -> str:
        """How lists of what is missing speak of the person: the relation, and of others than the worker a masked
        name."""
        return "本人" if self.is_worker else f"{self.get_relation_display()}（{mask_name(self.name)}）"

    def mark(self) -> str:
        """Keyed marks of the guarded facts: they tell a change, and nothing else."""
        whose = (self.household_id, self.pk)
        return " ".join(filter(None, (mark(self.id_number, *whose), mark(self.health, *whose))))


class HouseholdCause(ScopedModel):
    """A cause of a household's hardship: place 0 is the main one, three others at most."""

    scope_path = "household__union"

    household = models.ForeignKey(
        "relief.Household", models.CASCADE, verbose_name="档案", related_name="causes", db_index=False
    )
    cause = models.ForeignKey(Cause, models.PROTECT, verbose_name="致困原因", related_name="+")
    place = models.PositiveSmallIntegerField("次序")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案的致困原因"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["household", "place"], name="householdcause_place"),
            models.UniqueConstraint(
                fields=["household", "cause"], name="householdcause_once", violation_error_message="原因不要重复。"
            ),
            models.CheckConstraint(
                condition=Q(place__lte=MOST_OTHER_CAUSES),
                name="householdcause_at_most",
                violation_error_message=f"其他致困原因最多 {MOST_OTHER_CAUSES} 项。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.cause)


class Consent(ScopedModel):
    """A person's agreement to one purpose, signed by the person, or by a guardian."""

    scope_path = "person__household__union"

    person = models.ForeignKey(HouseholdPerson, models.CASCADE, verbose_name="授权人", related_name="consents")
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    signed_on = models.DateField("签署日期")
    signer = models.ForeignKey(HouseholdPerson, models.CASCADE, verbose_name="签署人", related_name="+")
    is_guardian = models.BooleanField("监护人代签", default=False)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    recorded_by = account("登记人", editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=Q(withdrawn_on__isnull=True),
                name="consent_once",
                violation_error_message="这项授权已经登记。",
            ),
            models.CheckConstraint(
                condition=Q(is_guardian=True) & ~Q(signer=F("person")) | Q(is_guardian=False, signer=F("person")),
                name="consent_signed_by_self_or_guardian",
                violation_error_message="授权由本人签署；监护人代签的，签署人应为另一名家庭成员。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("signed_on")),
                name="consent_withdrawn_after_signing",
                violation_error_message="撤回不能早于签署。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}：{self.get_purpose_display()}"
