"""Nominations: who is put up for a title, with merits, papers, opinions and answers to the vetoes."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.utils import timezone

from awards.models.awards import Award, AwardSource
from awards.models.honours import Honour
from awards.models.papers import STEP_WORDS, AnsweredVeto, CheckedPaper, NominationFile, Opinion, OpinionVerdict
from awards.models.rounds import HANDED_IN, AppliesTo, RequiredOpinion, RequiredPaper, SelectionRound, Trait
from members.models import Cadre, Member, Union
from members.models.codes import Gender, Level
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.text import fold, fold_name
from pingtang_union.workflow.models import Application, ApplicationQuerySet
from pingtang_union.workflow.publishing import wrong_in
from pingtang_union.workflow.table import State, Transition, permissions_of

# 事迹材料 2000字 (notices of the selection for the May Day medal; DOMAIN 3): characters, without white space.
MOST_MERITS = 2000
MOST_SUMMARY = 300

models.TextField.register_lookup(Length)


class NomineeKind(models.TextChoices):
    """What a nominee is: which papers are needed and how the slate counts follow from it."""

    INDUSTRIAL = "industrial", "产业工人"
    FRONT_LINE = "front_line", "其他一线职工"
    SCIENCE_EDUCATION = "science_education", "科教人员"
    CADRE = "cadre", "机关事业单位干部"
    ENTERPRISE_HEAD = "enterprise_head", "企业负责人"
    COLLECTIVE = "collective", "集体或岗位"


WORKERS = (NomineeKind.INDUSTRIAL, NomineeKind.FRONT_LINE, NomineeKind.SCIENCE_EDUCATION)


class Naming(models.TextChoices):
    """What a superior made of a nomination that was sent up."""

    NAMED = "named", "已命名"
    NOT_NAMED = "not_named", "未命名"


def counted(text: str) -> int:
    """Characters of a text as Word counts them: without white space."""
    return len("".join(text.split()))


class NominationQuerySet(ApplicationQuerySet):
    """Questions asked of nominations."""

    def awaiting_naming(self) -> Self:
        """Sent up for a title above the county, and not answered yet."""
        return self.filter(state=State.DECIDED, naming="").exclude(honour__level="county")

    def awaiting_recommendation(self) -> Self:
        """Handed in, and a township or system has to recommend them before the county looks."""
        return self.filter(state=State.SUBMITTED, is_direct=False)

    def running(self) -> Self:
        """Those that count in a slate: handed in and not fallen."""
        return self.filter(state__in=HANDED_IN)

    def with_checklists(self) -> Self:
        """With all that `still_missing` looks at, for pages of many: the number of queries stays the same."""
        namesakes = (
            Nomination.objects.standing()
            .filter(round=OuterRef("round"), union=OuterRef("union"), name_key=OuterRef("name_key"))
            .exclude(pk=OuterRef("pk"))
        )
        return (
            self.select_related("union", "honour", "round")
            .annotate(has_namesake=Exists(namesakes.order_by()))
            .prefetch_related("papers", "files", "veto_answers", "round__papers", "round__vetoes", "round__honours")
        )


class Nomination(Application):
    """One nominee for one title of a round. The nominee is a union, a member, a cadre, or a person or team by name."""

    filling_steps = (("who", "推荐对象"), ("merits", "事迹"), ("papers", "材料"), ("vetoes", "否决情形"))
    step_words = STEP_WORDS
    public_fields = ("name", "position", "summary", "union__name", "round__title", "round__objection_contact")
    round = models.ForeignKey(SelectionRound, models.PROTECT, verbose_name="评选推荐", related_name="nominations")
    honour = models.ForeignKey(Honour, models.PROTECT, verbose_name="推荐的荣誉", related_name="nominations")
    kind = models.CharField("推荐对象类别", max_length=20, choices=NomineeKind)
    nominee_union = models.ForeignKey(
        Union, models.PROTECT, null=True, blank=True, verbose_name="推荐的工会", related_name="+"
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, verbose_name="推荐的会员", related_name="nominations"
    )
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, null=True, blank=True, verbose_name="推荐的干部", related_name="nominations"
    )
    name = models.CharField("姓名或集体名称", max_length=100)
    name_key = models.CharField("查找用名称", max_length=100, editable=False)
    nominee_key = models.CharField("推荐对象标识", max_length=150, editable=False)
    gender = models.CharField("性别", max_length=1, choices=Gender, blank=True)
    position = models.CharField("工作单位和职务（岗位）", max_length=100, blank=True)
    is_migrant = models.BooleanField("农民工", default=False)
    is_non_public = models.BooleanField("所在单位是非公有制", default=False)
    # The merits; the audit trail and the offices' Word templates know them by this name.
    deeds = models.TextField("事迹材料", blank=True, help_text=f"不超过 {MOST_MERITS} 字（空格和换行不计）")
    summary = models.CharField(
        "事迹简介", max_length=600, blank=True, help_text=f"不超过 {MOST_SUMMARY} 字，公示时刊登；不写证件号、电话"
    )
    county_score = models.DecimalField(
        "县级评分", max_digits=5, decimal_places=2, null=True, blank=True, editable=False
    )
    score_note = models.CharField("评分说明", max_length=200, blank=True, editable=False)
    is_direct = models.BooleanField("不经乡镇（系统）推荐", default=False, editable=False)
    naming = models.CharField("上级命名结果", max_length=10, choices=Naming, blank=True, editable=False)
    naming_note = models.CharField("命名情况说明", max_length=200, blank=True, editable=False)

    objects = NominationQuerySet.as_manager()

    class Meta(Application.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "荣誉推荐"
        ordering = ["-pk"]
        permissions = [
            *permissions_of("nomination", "荣誉推荐"),
            ("score_nomination", "评分和登记部门意见"),
            ("name_nomination", "登记上级命名结果"),
        ]
        constraints = [
            *Application.Meta.constraints,
            models.UniqueConstraint(
                fields=["round", "nominee_key"],
                condition=~Q(state=State.ABANDONED),
                name="nomination_nominee_once",
                violation_error_message="这个推荐对象在这次评选中已经有一份推荐，一次评选只能推荐一次。",
            ),
            models.CheckConstraint(
                condition=Q(nominee_union__isnull=True, member__isnull=True)
                | Q(nominee_union__isnull=True, cadre__isnull=True)
                | Q(member__isnull=True, cadre__isnull=True),
                name="nomination_one_nominee",
                violation_error_message="推荐的工会、会员、干部只能选一个。",
            ),
            models.CheckConstraint(
                condition=Q(deeds__length__lte=2 * MOST_MERITS),
                name="nomination_deeds_within_limit",
                violation_error_message=f"事迹材料不能超过 {MOST_MERITS} 字。",
            ),
            models.CheckConstraint(
                condition=Q(county_score__isnull=True) | Q(county_score__gte=0, county_score__lte=100),
                name="nomination_score_in_range",
                violation_error_message="评分要在 0 至 100 之间。",
            ),
            models.CheckConstraint(
                condition=Q(naming="") | Q(state=State.DECIDED),
                name="nomination_named_after_decision",
                violation_error_message="作出上报决定以后才登记命名结果。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.honour}"

    # --- who is nominated ---

    def clean(self) -> None:
        super().clean()
        self._follow_nominee()
        wrong: dict[str, str] = {}
        if not self.name_key:
            wrong["name"] = "请写明姓名或集体名称。"
        if counted(self.deeds) > MOST_MERITS:
            wrong["deeds"] = f"事迹材料最多 {MOST_MERITS} 字，现在是 {counted(self.deeds)} 字，请删减。"
        if counted(self.summary) > MOST_SUMMARY:
            wrong["summary"] = f"事迹简介最多 {MOST_SUMMARY} 字，现在是 {counted(self.summary)} 字，请删减。"
        if self.honour_id and self.kind:
            is_person = self.kind != NomineeKind.COLLECTIVE
            if is_person != self.honour.is_for_person:
                whom = "个人" if self.honour.is_for_person else "集体或岗位"
                wrong["kind"] = f"「{self.honour}」授予{whom}，推荐对象类别不符。"
            if (is_person and self.nominee_union_id) or (not is_person and (self.member_id or self.cadre_id)):
                wrong["kind"] = "推荐对象类别与所选的对象不符：工会是集体，会员和干部是个人。"
        if wrong:
            raise ValidationError(wrong)

    def take_nominee(self) -> None:
        """Name, sex and key follow from the record that the nominee is, when the portal knows it."""
        known = self.nominee_union or self.member or self.cadre
        if known is not None:
            self.name = known.name
        if self.member or self.cadre:
            self.gender = (self.member or self.cadre).gender  # type: ignore[union-attr]  # one of them is there
        if self.member is not None and self.member.is_migrant:
            self.is_migrant = True
        self.name = " ".join(self.name.split())
        self.name_key = (fold_name(self.name) if self.kind != NomineeKind.COLLECTIVE else fold(self.name))[:100]
        self.nominee_key = self._key()

    def _key(self) -> str:
        """What tells the nominee within a round. Member and cadre are one person by the blind index of the number."""
        if self.nominee_union_id:
            return f"union:{self.nominee_union_id}"
        person = self.member or self.cadre
        if person is not None:
            return f"person:{person.id_index}" if person.id_index else f"{person._meta.model_name}:{person.pk}"
        return f"name:{self.union_id}:{self.name_key}"

    def _follow_nominee(self) -> None:
        """Only while it is being filled in: once handed in it says what was handed in, whatever the record says."""
        if self._state.adding or self.is_editable:
            self.take_nominee()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._follow_nominee()
        super().save(*args, **kwargs)

    def traits(self) -> set[str]:
        """What a slate counts the nominee as."""
        traits = {self.kind} & set(Trait.values)
        if self.is_migrant:
            traits.add(Trait.MIGRANT)
        if self.is_non_public:
            traits.add(Trait.NON_PUBLIC)
        return traits

    def is_concerned(self, applies_to: str) -> bool:
        """Whether a requirement for `applies_to` is one for this nominee."""
        if applies_to == AppliesTo.ALL:
            return True
        if self.kind == NomineeKind.COLLECTIVE:
            return applies_to == AppliesTo.COLLECTIVE
        return (
            applies_to == AppliesTo.PERSON
            or applies_to == self.kind
            or (applies_to == AppliesTo.FRONT_LINE and self.kind in WORKERS)
            or (applies_to == AppliesTo.MIGRANT and self.is_migrant)
        )

    # --- what the round asks ---

    def required_papers(self) -> list[RequiredPaper]:
        """Papers of the checklist that this nominee needs."""
        return [paper for paper in self.round.papers.all() if self.is_concerned(paper.applies_to)]

    def required_opinions(self) -> list[RequiredOpinion]:
        """Departments whose opinion of this nominee is asked."""
        return [opinion for opinion in self.round.opinions.all() if self.is_concerned(opinion.applies_to)]

    def checklist(self) -> list[CheckedPaper]:
        """The papers that this nominee needs, then the files that are for none of them."""
        ready = {tick.paper_id for tick in self.papers.all() if tick.is_ready}
        files: dict[int | None, list[NominationFile]] = {}
        for file in self.files.all():
            files.setdefault(file.paper_id, []).append(file)
        lines = [CheckedPaper(paper, paper.pk in ready, files.pop(paper.pk, [])) for paper in self.required_papers()]
        rest = [file for others in files.values() for file in others]
        return [*lines, CheckedPaper(None, True, rest)] if rest else lines

    def answered_vetoes(self) -> list[AnsweredVeto]:
        """Every veto of the round with what the union says of it."""
        answers = {answer.veto_id: answer for answer in self.veto_answers.all()}
        return [AnsweredVeto(veto, answers.get(veto.pk)) for veto in self.round.vetoes.all()]

    def asked_opinions(self) -> list[tuple[RequiredOpinion, Opinion | None]]:
        """Every department that is asked, with what it said."""
        given = {opinion.required_id: opinion for opinion in self.opinions.all()}
        return [(required, given.get(required.pk)) for required in self.required_opinions()]

    def needs_recommendation(self) -> bool:
        """Whether the round asks for it and a township's or system's federation stands between union and county."""
        if not self.is_editable:
            return not self.is_direct  # as it was when it was handed in
        if not self.round.needs_recommendation:
            return False
        steps = range(self.union.steplen, len(self.union.path), self.union.steplen)
        above = [self.union.path[:end] for end in steps]
        return Union.objects.filter(path__in=above, level__in=(Level.TOWNSHIP, Level.SYSTEM)).exists()

    # --- guards ---

    @classmethod
    def awaits(cls, transition: Transition) -> Q:
        """The county's approval comes after the township's word, where one is needed."""
        if transition.name == "approve":
            return Q(state=State.RECOMMENDED) | Q(state=State.SUBMITTED, is_direct=True)
        is_to_recommend = Q(state=State.SUBMITTED, is_direct=False)
        return is_to_recommend if transition.name == "recommend" else super().awaits(transition)

    def missing_for(self, transition: Transition) -> list[str]:
        """Papers, merits, vetoes and dates for handing in; quotas on the way up; opinions for the county's review."""
        guard = {
            "submit": self._missing_to_submit, "recommend": self._missing_to_recommend,
            "approve": self._missing_to_approve, "publicise": self._objecting, "decide": self._missing_to_decide,
        }.get(transition.name)  # fmt: skip
        return guard() if guard else []

    def prepare_submit(self) -> None:
        """Who it is, and whether it goes past the township, is settled with each submission."""
        self.take_nominee()
        self.is_direct = not self.needs_recommendation()

    def _missing_to_decide(self) -> list[str]:
        missing = self._objecting()
        if not self.honour.is_above_county and not self.decision_document:
            missing.append("要填写决定文号")
        return missing

    def _objecting(self) -> list[str]:
        """Departments that are asked and don't agree: they may say so after the review too."""
        asked = {required.pk: required.department for required in self.required_opinions()}
        given = self.opinions.filter(verdict=OpinionVerdict.OBJECTS, required__in=asked)
        return [f"{asked[opinion.required_id]}不同意" for opinion in given]

    def on_decide(self, *, by: Any) -> None:
        """A title of the county is given by the decision itself; one above it is only sent up."""
        if not self.honour.is_above_county:
            today = timezone.localdate()
            number = Award.objects.draw_number(today)
            self.give(on=today.isoformat(), document_number=self.decision_document, certificate_number=number)

    def give(self, *, on: str, document_number: str, certificate_number: str = "") -> Award:
        """Record the award that the nomination led to. Raises DomainError when one like it is on record already."""
        award = Award(
            honour=self.honour, recipient=self.name, union=self.union, recipient_union=self.nominee_union,
            member=self.member, cadre=self.cadre, awarded_on=on, granted_by=self.honour.granted_by,
            document_number=document_number, certificate_number=certificate_number,
            source=AwardSource.NOMINATION, nomination=self,
        )  # fmt: skip
        try:
            award.full_clean()
        except ValidationError as error:
            raise DomainError(f"{self.name}：{'；'.join(error.messages)}") from error
        try:
            with transaction.atomic():
                award.save()
        except IntegrityError as error:  # recorded by someone else at this moment
            raise DomainError(f"{self.name}：这项荣誉或证书编号刚刚有人登记过，请核对获奖记录后再办。") from error
        return award

    def _missing_to_submit(self) -> list[str]:
        today = timezone.localdate()
        missing = self.still_missing()
        is_late = today > self.round.closes_on and not self.was_returned  # the county reviews after that day
        if today < self.round.opens_on:
            missing.append("这次评选的申报尚未开始，不能提交")
        elif is_late or self.round.closed_on:
            missing.append("这次评选的申报已经截止，不能提交")
        return missing + self.round.full_for(self, counts_county=False, of_union_only=self.needs_recommendation())

    def _missing_to_recommend(self) -> list[str]:
        today = timezone.localdate()
        missing = []
        last = None if self.was_returned else self.round.recommend_by
        if self.round.closed_on or (last and today > last):
            missing.append("这次评选的推荐已经截止")
        return missing + self.round.full_for(self, counts_county=False, of_union_only=False)

    def _missing_to_approve(self) -> list[str]:
        missing = []
        for required, opinion in self.asked_opinions():
            if opinion is None:
                missing.append(f"还没有登记{required.department}的意见")
            elif opinion.verdict == OpinionVerdict.OBJECTS:
                missing.append(f"{required.department}不同意")
        return missing + self.round.full_for(self, counts_county=True, of_union_only=False)

    def missing_by_step(self) -> dict[str, list[str]]:
        return {
            "who": self._missing_of_nominee(),
            "merits": self._missing_of_merits(),
            "papers": self._missing_papers(),
            "vetoes": self._missing_answers(),
        }

    def _missing_of_nominee(self) -> list[str]:
        missing = []
        if self.honour_id not in {honour.pk for honour in self.round.honours.all()}:
            missing.append(f"这次评选不评「{self.honour}」")
        if not self.position and self.kind != NomineeKind.COLLECTIVE:
            missing.append("没有填工作单位和职务（岗位）")
        if not self.member_id and not self.cadre_id and self._has_namesake():
            missing.append(f"「{self.name}」在这次评选中已有一份推荐；不是同一人的，请从会员或干部里选")
        return missing

    def _missing_of_merits(self) -> list[str]:
        texts = (("没有写事迹材料", self.deeds), ("没有写事迹简介", self.summary))
        return [words for words, text in texts if not counted(text)] + wrong_in({"事迹简介": self.summary})

    def _missing_papers(self) -> list[str]:
        missing = []
        for line in self.checklist():
            if not line.is_ready:
                missing.append(f"材料「{line.paper}」尚未备齐")
            elif line.paper is not None and line.paper.needs_file and not line.files:
                missing.append(f"材料「{line.paper}」要传扫描件")
        return missing

    def _missing_answers(self) -> list[str]:
        missing = []
        for line in self.answered_vetoes():
            if line.answer is None:
                missing.append(f"没有回答有无「{line.veto}」")
            elif line.answer.occurred:
                missing.append(f"有「{line.veto}」的情形，按规定不能推荐")
        return missing

    def _has_namesake(self) -> bool:
        """Whether the union has put up another one of this name in the round."""
        if hasattr(self, "has_namesake"):  # asked for many at once: with_checklists
            return bool(self.has_namesake)
        namesakes = Nomination.objects.standing().filter(
            round_id=self.round_id, union_id=self.union_id, name_key=self.name_key
        )
        return namesakes.exclude(pk=self.pk).exists()

    # --- what is kept of a submission ---

    def content(self) -> dict[str, str]:
        """Everything the union filled in, in words."""
        content = {
            "推荐的荣誉": str(self.honour),
            "推荐对象": self.name,
            "推荐对象类别": self.get_kind_display(),
            "工作单位和职务（岗位）": self.position,
            "农民工": "是" if self.is_migrant else "否",
            "所在单位是非公有制": "是" if self.is_non_public else "否",
            "事迹简介": self.summary,
            "事迹材料": self.deeds,
        }
        for line in self.checklist():
            files = [f"{file.name}（{file.size} 字节）" for file in line.files]
            if line.paper is None:
                content["其他附件"] = "、".join(files)
            else:
                content[f"材料：{line.paper}"] = "、".join(["已备齐" if line.is_ready else "未备齐", *files])
        for veto in self.answered_vetoes():
            if veto.answer is not None:
                note = f"（{veto.answer.explanation}）" if veto.answer.explanation else ""
                content[f"有无{veto.veto}"] = veto.words + note
        return content
