"""Visits to enterprises, and what their unions ask for."""

from django.db import models

from pingtang_union.core.fields import PartialDateField
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.models import Application, Step
from pingtang_union.workflow.table import permissions_of


class Visit(ScopedModel):
    """A visit; its union, place and day tell it."""

    scope_path = "union"

    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="走访的工会", related_name="+")
    place = models.CharField("地点", max_length=50)
    visited_on = PartialDateField("走访时间")
    note = models.CharField("备注", max_length=100, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访记录"
        ordering = ["pk"]

    def __str__(self):
        return self.place


class Petition(Application):
    """What a union asks for after a visit."""

    title = models.CharField("事由", max_length=50)

    class Meta(Application.Meta):
        verbose_name = verbose_name_plural = "诉求"
        ordering = ["pk"]
        permissions = permissions_of("petition", "诉求")

    def __str__(self):
        return self.title


class PetitionStep(Step):
    application = models.ForeignKey(Petition, models.PROTECT, verbose_name="诉求", related_name="steps")

    class Meta(Step.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "诉求办理记录"


class Kind(models.Model):
    """A code list without a way to a union."""

    name = models.CharField("类别", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "诉求类别"
        ordering = ["pk"]

    def __str__(self):
        return self.name
