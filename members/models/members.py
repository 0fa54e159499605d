"""Members and the dated events of their membership. Events are added, never overwritten."""

from typing import Self

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Left

from members.models.codes import (
    CURRENT,
    STATUS_AFTER,
    Contract,
    Education,
    Employment,
    EventKind,
    Household,
    MemberStatus,
    NewForm,
    Political,
    Skill,
)
from members.models.people import Person
from members.models.unions import Union
from pingtang_union.core.fields import PartialDateField, account, not_before, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.validators import validate_mobile


class MemberQuerySet(ScopedQuerySet):
    """Questions asked of members."""

    def current(self) -> Self:
        """Members now, active or retained."""
        return self.filter(status__in=CURRENT)

    def against_events(self) -> Self:
        """Members whose status or union isn't what their standing events amount to (services.fold_events)."""
        latest = MembershipEvent.objects.standing().filter(member=OuterRef("pk")).in_order().reverse()
        placing = latest.filter(kind__in=(EventKind.JOIN, EventKind.TRANSFER_IN, EventKind.RESTORE))
        fits = Q()
        for kind, status in STATUS_AFTER.items():
            fits |= Q(last_kind=kind, status=status)
        rows = self.alias(
            last_kind=Coalesce(Subquery(latest.values("kind")[:1]), Value("")),
            placed_in=Subquery(placing.values("union")[:1]),
        )
        return rows.filter(~fits | Q(placed_in__isnull=False) & ~Q(placed_in=models.F("union")))


class Member(Person):
    """A person on the real-name roster, one row for life.

    `union`, `status` and `joined_on` follow from the events; only members.services and the member ledger
    write them.
    """

    scope_path = "union"

    # The index on (union, status) serves the foreign key too.
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="members", db_index=False)
    status = models.CharField("会籍状态", max_length=10, choices=MemberStatus, default=MemberStatus.ACTIVE)
    joined_on = PartialDateField("入会时间")
    card_number = models.CharField("会员卡号", max_length=30, blank=True)
    education = models.CharField("学历", max_length=2, choices=Education, blank=True)
    political = models.CharField("政治面貌", max_length=2, choices=Political, blank=True)
    contract = models.CharField("用工形式", max_length=12, choices=Contract, blank=True)
    is_migrant = models.BooleanField("农民工", null=True, blank=True)
    employment = models.CharField("就业情况", max_length=12, choices=Employment, blank=True)
    new_form = models.CharField("新就业形态", max_length=10, choices=NewForm, blank=True)
    skill = models.CharField("技能等级", max_length=1, choices=Skill, blank=True)
    household = models.CharField("户籍类型", max_length=10, choices=Household, blank=True)
    household_place = models.CharField("户籍所在地", max_length=100, blank=True)
    native_place = models.CharField("籍贯", max_length=50, blank=True)
    employer = models.CharField("工作单位", max_length=100, blank=True)
    team = models.CharField("工会小组", max_length=50, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会员"
        ordering = ["pk"]
        permissions = [("reveal_member", "查看会员完整证件号")]
        indexes = [
            # Search by the beginning of a name; and namesakes born on one day, whom an import shows side by side.
            models.Index(fields=["name_key", "born_on"], name="member_name_born"),
            models.Index(fields=["union", "status"], name="member_union_status"),
            models.Index(fields=["phone"], name="member_phone"),
            models.Index(fields=["card_number"], condition=~Q(card_number=""), name="member_card_number"),
        ]
        constraints = [
            # Stronger than one current membership a number: who leaves and joins again keeps the row and its history.
            models.UniqueConstraint(
                fields=["id_index"],
                name="member_one_row_a_number",
                violation_error_code="unique",
                violation_error_message="这个证件号已有会员记录：在会的请办理转会，离会的请办理重新入会，不要重复登记。",
            ),
            models.CheckConstraint(
                condition=Q(id_index__isnull=False, id_number__isnull=False),
                name="member_has_id_number",
                violation_error_message="会员实名登记，证件号码必填。",
            ),
            well_formed("member_dates_well_formed", "joined_on", "born_on"),
            models.CheckConstraint(
                condition=not_before("joined_on", "born_on"),
                name="member_joined_after_birth",
                violation_error_message="入会时间不能早于出生日期。",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.phone:
            validate_mobile(self.phone)


class MembershipEventQuerySet(ScopedQuerySet):
    """Questions asked of membership events."""

    def standing(self) -> Self:
        """Events that no later event corrects."""
        return self.filter(corrected_by__isnull=True)

    def in_order(self) -> Self:
        """In the order in which they happened.

        An event known to the month comes after those of a day of that month: it was recorded later. One
        without a date comes first, and of one day the one recorded first.
        """
        moment = Case(When(on__isnull=True, then=Value("0000")), default=Left(Concat("on", Value("-99-99")), 10))
        return self.annotate(moment=moment).order_by("moment", "pk")


class MembershipEvent(ScopedModel):
    """One act: who, what, in which union, on which day, why. A wrong one is corrected by a new one."""

    scope_path = "union"

    # The index on (member, on) serves the foreign key too.
    member = models.ForeignKey(Member, models.PROTECT, verbose_name="会员", related_name="events", db_index=False)
    kind = models.CharField("事项", max_length=12, choices=EventKind)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="工会", related_name="+")
    on = PartialDateField("日期")
    reason = models.CharField("原因", max_length=200, blank=True)
    # Unique below: a constraint over the few corrections costs less than an index over every event.
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="更正的事项",
        related_name="corrected_by",
        db_index=False,
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = account("登记人")
    # Set where a ledger wrote the event: undoing the batch takes it back.
    batch = models.ForeignKey(
        "core.ImportBatch",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="导入批次",
        related_name="+",
        db_index=False,
    )

    objects = MembershipEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会籍事项"
        ordering = ["pk"]
        indexes = [models.Index(fields=["member", "on"], name="event_member_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(corrects__isnull=False),
                name="event_corrected_once",
                violation_error_message="这件事项已经更正过。",
            ),
            well_formed("event_date_well_formed", "on"),
            models.CheckConstraint(
                condition=~Q(kind__in=(EventKind.LEAVE, EventKind.EXPEL)) | ~Q(reason=""),
                name="event_leave_has_reason",
                violation_error_message="退会、除名要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on or ''}".strip()
