"""Union cadres and employed social workers."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from members.models.codes import CadreKind, Duty, Grade, Rank
from members.models.people import Person
from members.models.unions import Union
from pingtang_union.core.fields import PartialDateField, not_before, well_formed
from pingtang_union.core.scope import ScopedQuerySet


class CadreQuerySet(ScopedQuerySet):
    """Questions asked of cadres."""

    def in_post_on(self, day: date) -> Self:
        """Cadres who had begun by `day` and not ended by then; an unrecorded beginning counts as begun."""
        iso = day.isoformat()
        return self.filter(
            Q(started_on__isnull=True) | Q(started_on__lte=iso), Q(ended_on__isnull=True) | Q(ended_on__gt=iso)
        )


class Cadre(Person):
    """A person in a union post. A person who leaves one keeps the row, with its end; a new post is a new row."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="cadres")
    kind = models.CharField("人员类别", max_length=15, choices=CadreKind, default=CadreKind.CADRE)
    post = models.CharField("工会职务（岗位）", max_length=50, blank=True)
    rank = models.CharField("行政职级", max_length=15, choices=Rank, blank=True)
    grade = models.CharField("公务员职级（2019年起）", max_length=12, choices=Grade, blank=True)
    duty = models.CharField("专（兼）职", max_length=10, choices=Duty, blank=True)
    started_on = PartialDateField("任职（聘用）时间")
    ended_on = PartialDateField("离任时间")

    objects = CadreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工会干部"
        ordering = ["pk"]
        permissions = [("reveal_cadre", "查看干部完整证件号")]
        indexes = [
            models.Index(fields=["name_key"], name="cadre_name_key"),
            models.Index(fields=["id_index"], name="cadre_id_index"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_index"],
                condition=Q(ended_on__isnull=True),
                name="cadre_one_current_row",
                violation_error_code="unique",
                violation_error_message="这个证件号已有一条在任记录；请先填原任职的离任时间。",
            ),
            models.CheckConstraint(
                condition=not_before("ended_on", "started_on"),
                name="cadre_end_after_start",
                violation_error_message="离任时间不能早于任职时间。",
            ),
            well_formed("cadre_dates_well_formed", "started_on", "ended_on", "born_on"),
            models.CheckConstraint(
                condition=not_before("started_on", "born_on"),
                name="cadre_start_after_birth",
                violation_error_message="任职时间不能早于出生日期。",
            ),
        ]
