"""What goes with a nomination: its papers and scans, its answers to the vetoes, the departments' opinions, its steps,
objections to it."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from awards.models.rounds import RequiredOpinion, RequiredPaper, RoundVeto
from pingtang_union.core.fields import account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.attachments import Attachment
from pingtang_union.workflow.models import Step
from pingtang_union.workflow.objections import Objection

# Words by which an office that sends back speaks of a step of the form.
STEP_WORDS = {
    "who": ("推荐对象", "姓名", "职务", "身份", "人选"),
    "merits": ("事迹", "简介"),
    "papers": ("材料", "附件", "照片", "证明", "盖章", "扫描件"),
    "vetoes": ("否决", "社会保险", "工资", "集体合同"),
}


class NominationFile(Attachment):
    """A scan that goes with a nomination, for one paper of the checklist or for none."""

    application = models.ForeignKey("awards.Nomination", models.CASCADE, verbose_name="荣誉推荐", related_name="files")
    paper = models.ForeignKey(
        RequiredPaper, models.PROTECT, null=True, blank=True, verbose_name="材料", related_name="files"
    )

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "推荐附件"


class NominationPaper(ScopedModel):
    """A line of the checklist, ticked off."""

    scope_path = "nomination__union"

    nomination = models.ForeignKey(
        "awards.Nomination", models.CASCADE, verbose_name="荣誉推荐", related_name="papers", db_index=False
    )
    paper = models.ForeignKey(RequiredPaper, models.PROTECT, verbose_name="材料", related_name="ticks")
    is_ready = models.BooleanField("已备齐", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "材料备齐情况"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["nomination", "paper"], name="nominationpaper_once")]

    def __str__(self) -> str:
        return str(self.paper)


class VetoAnswer(ScopedModel):
    """What the union says of one veto: whether it occurred."""

    scope_path = "nomination__union"

    nomination = models.ForeignKey(
        "awards.Nomination", models.CASCADE, verbose_name="荣誉推荐", related_name="veto_answers", db_index=False
    )
    veto = models.ForeignKey(RoundVeto, models.PROTECT, verbose_name="否决情形", related_name="answers")
    occurred = models.BooleanField("有这种情形")
    explanation = models.CharField("说明", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "否决情形答复"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["nomination", "veto"], name="vetoanswer_once")]

    def __str__(self) -> str:
        return f"{self.veto}：{'有' if self.occurred else '无'}"


class OpinionVerdict(models.TextChoices):
    """What a department said."""

    AGREES = "agrees", "同意"
    OBJECTS = "objects", "不同意"


class Opinion(ScopedModel):
    """A department's opinion of a nominee, recorded by the county."""

    scope_path = "nomination__union"

    nomination = models.ForeignKey(
        "awards.Nomination", models.PROTECT, verbose_name="荣誉推荐", related_name="opinions", db_index=False
    )
    required = models.ForeignKey(RequiredOpinion, models.PROTECT, verbose_name="部门", related_name="given")
    verdict = models.CharField("意见", max_length=10, choices=OpinionVerdict)
    on = models.DateField("答复日期")
    note = models.CharField("说明", max_length=300, blank=True)
    recorded_by = account("登记人", null=False, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门意见"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "required"],
                name="opinion_once",
                violation_error_message="这个部门的意见已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(verdict=OpinionVerdict.AGREES) | ~Q(note=""),
                name="opinion_objection_has_note",
                violation_error_message="不同意要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.required}：{self.get_verdict_display()}"


class NominationStep(Step):
    """A transition of a nomination that happened."""

    application = models.ForeignKey("awards.Nomination", models.PROTECT, verbose_name="荣誉推荐", related_name="steps")

    class Meta(Step.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "推荐办理记录"


class NominationObjection(Objection):
    """An objection to a nomination in publicity."""

    application = models.ForeignKey(
        "awards.Nomination", models.PROTECT, verbose_name="荣誉推荐", related_name="objections"
    )

    class Meta(Objection.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "公示异议"


# --- A nomination beside what its round asks ---------------------------------------------------


@dataclass(frozen=True)
class CheckedPaper:
    """A paper with what the union has of it; `paper` is None for files that are for none."""

    paper: RequiredPaper | None
    is_ready: bool
    files: list[NominationFile]


@dataclass(frozen=True)
class AnsweredVeto:
    """A veto with what the union says of it; None before it has."""

    veto: RoundVeto
    answer: VetoAnswer | None

    @property
    def words(self) -> str:
        if self.answer is None:
            return "没有答复"
        return "有" if self.answer.occurred else "无"
