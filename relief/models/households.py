"""Hardship files (困难职工档案): one file of one worker's family, an application of the shared workflow."""

from decimal import Decimal
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from members.models import Member, Union
from members.models.codes import Industry, Level, Nature
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateField, SealedField, account
from pingtang_union.core.figures import mask_name
from pingtang_union.core.text import fold_name
from pingtang_union.money import MoneyField, yuan
from pingtang_union.workflow.models import Application, ApplicationQuerySet, moment_field
from pingtang_union.workflow.table import State, Transition, permissions_of
from relief.models.assessment import Facts, Outcome, assess
from relief.models.codes import (
    NATIONAL,
    AreaBand,
    CheckVerdict,
    FileState,
    HardshipCategory,
    Housing,
    Income,
    Purpose,
    Spending,
)
from relief.models.people import HouseholdPerson, mark, missing_of
from relief.models.policies import Exclusion, ReliefPolicy

_VISITED_BEFORE = ("recommended", "reviewed", "decided")


def _money(label: str) -> MoneyField:
    return MoneyField(f"{label}（元）", default=0)


class HouseholdQuerySet(ApplicationQuerySet):
    """Questions asked of files."""

    def on_file(self) -> Self:
        """Those decided and not ended."""
        return self.filter(file_state=FileState.ON_FILE)

    def accepted(self) -> Self:
        """Those that the county has put into a category, from its review on until they end."""
        return self.filter(Q(file_state=FileState.ON_FILE) | Q(state__in=(State.REVIEWED, State.PUBLICISED)))

    def searched(self, words: str) -> Self:
        """By the beginning of the worker's name, or the whole number of the national system."""
        return self.filter(Q(name_key__startswith=fold_name(words)) | Q(national_number=words.strip()))

    def with_checklists(self) -> Self:
        """With all that `missing_by_step` looks at, so that pages of many ask a constant number of questions."""
        return self.select_related("union").prefetch_related(
            "people__consents", "causes__cause", "files__paper", "exclusions"
        )


class Household(Application):
    """One file: the worker with the family, housing, work, income, causes, account."""

    filling_steps = (
        ("who", "申请人"), ("family", "家庭成员"), ("money", "收入支出"), ("papers", "原因和材料"),
        ("consent", "授权和收款"),
    )  # fmt: skip
    step_words = {
        "who": ("申请人", "住址", "住房", "单位", "工作"),
        "family": ("家庭成员", "成员", "配偶", "子女", "身份证"),
        "money": ("收入", "支出", "工资"),
        "papers": ("材料", "原因", "证明", "票据", "照片", "诊断"),
        "consent": ("授权", "同意", "账户", "账号", "银行"),
    }
    other_stages = ("visited",)
    public_fields = ("union__name",)  # beside the masked name and the category
    words_of = {"recommend": {"label": "初审通过", "intro": "初审通过后入户走访、核对家庭经济状况，再报县总工会审核。"}}

    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, verbose_name="会员", related_name="+", editable=False
    )
    name = models.CharField("申请人", max_length=50)
    name_key = models.CharField("查找用姓名", max_length=50, editable=False)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    address = models.CharField("家庭住址", max_length=100, blank=True)
    housing = models.CharField("住房类型", max_length=10, choices=Housing, blank=True)
    area_band = models.CharField("住房面积", max_length=5, choices=AreaBand, blank=True)
    employer = models.CharField("工作单位", max_length=100, blank=True)
    employer_kind = models.CharField("单位性质", max_length=9, choices=Nature, blank=True)
    industry = models.CharField("所属行业", max_length=1, choices=Industry, blank=True)
    works_since = PartialDateField("参加工作时间")
    hukou_place = models.CharField("户口所在地", max_length=60, blank=True, help_text="写到县（市、区）")
    national_number = models.CharField("职工编号", max_length=30, blank=True, help_text="全国帮扶系统的编号，没有不填")
    is_single_parent = models.BooleanField("单亲家庭", default=False)
    business_income, property_income = _money("经营净收入"), _money("财产净收入")
    transfer_income, other_income = _money("转移净收入"), _money("其他收入")
    illness_spending, disability_spending = _money("因病支出"), _money("因残支出")
    school_spending, housing_spending = _money("因学支出"), _money("住房支出")
    other_spending = _money("其他刚性支出")
    exclusions = models.ManyToManyField(Exclusion, blank=True, verbose_name="不予建档的情形", related_name="+")
    exclusions_checked = models.BooleanField("已逐项核实不予建档的情形", default=False)
    payee_name = models.CharField("户名", max_length=50, blank=True, help_text="须为申请人本人")
    bank = models.CharField("开户行", max_length=60, blank=True, help_text="写到支行或网点")
    bank_account = SealedField("银行账号", blank=True)
    # The home visit and the check by civil affairs, without which nothing is approved.
    visited_by, visited_at = account("入户人", editable=False), moment_field("入户登记时间")
    check_asked_on = models.DateField("提请核对日期", null=True, blank=True, editable=False)
    check_answered_on = models.DateField("核对答复日期", null=True, blank=True, editable=False)
    check_verdict = models.CharField("核对结果", max_length=8, choices=CheckVerdict, blank=True, editable=False)
    check_note = models.CharField("核对情况", max_length=200, blank=True, editable=False)
    is_direct = models.BooleanField("不经乡镇（系统）初审", default=False, editable=False)
    category = models.CharField("困难类别", max_length=10, choices=HardshipCategory, blank=True, editable=False)
    file_state = models.CharField(
        "档案状态", max_length=10, choices=FileState, default=FileState.PENDING, editable=False
    )
    since = models.DateField("状态日期", null=True, blank=True, editable=False)
    rechecked_on = models.DateField("最近复核", null=True, blank=True, editable=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta(Application.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "困难职工档案"
        ordering = ["-pk"]
        permissions = [
            *permissions_of("household", "困难职工档案"),
            ("visit_household", "登记入户走访"),
            ("check_household", "登记核对、复核、脱困和注销"),
            ("reveal_household", "查看档案完整证件号"),
            ("health_household", "查看健康状况"),
            ("account_household", "查看收款账号"),
            ("children_household", "查看未成年人信息"),
        ]
        indexes = [*Application.Meta.indexes, models.Index(fields=["name_key"], name="household_name")]
        constraints = [
            *Application.Meta.constraints,
            *(
                models.CheckConstraint(
                    condition=Q(visited_by__isnull=True)
                    | Q(**{f"{stage}_by__isnull": True})
                    | ~Q(visited_by=F(f"{stage}_by")),
                    name=f"household_visited_not_{stage}",
                    violation_error_message="初审、入户、审核、决定要由不同的人办理。",
                )
                for stage in _VISITED_BEFORE
            ),
            models.CheckConstraint(
                # Where no township looks first, the union that hands in has looked: its person doesn't visit as well.
                condition=Q(is_direct=False)
                | Q(visited_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(visited_by=F("submitted_by")),
                name="household_visited_not_submitted",
                violation_error_message="不经乡镇（系统）初审的，提交人不能再作入户人。",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DECIDED) & ~Q(file_state=FileState.PENDING)
                | ~Q(state=State.DECIDED) & Q(file_state=FileState.PENDING),
                name="household_on_file_when_decided",
                violation_error_message="决定后才建档。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.REVIEWED, State.PUBLICISED, State.DECIDED))
                | Q(category__in=(HardshipCategory.DEEP, HardshipCategory.RELATIVE, HardshipCategory.ACCIDENT)),
                name="household_reviewed_has_category",
                violation_error_message="审核通过的要有困难类别。",
            ),
            models.CheckConstraint(
                condition=Q(payee_name="") | Q(payee_name=F("name")),
                name="household_payee_is_recipient", violation_error_message="户名要与申请人一致，帮扶金只发给本人。",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{kind}_spending__gte": 0 for kind in Spending.values}),
                name="household_spending_not_negative", violation_error_message="支出不能小于零。",
            ),
            models.CheckConstraint(
                condition=Q(check_answered_on__isnull=True)
                | Q(check_asked_on__isnull=False, check_answered_on__gte=F("check_asked_on")) & ~Q(check_verdict=""),
                name="household_check_in_order",
                violation_error_message="核对答复不能早于提请，并要有结果。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """Masked: logs, titles and messages say it to whoever reads them. Pages for who works on files say `name`."""
        return f"{mask_name(self.name)}户"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold_name(self.name)[:50]
        super().save(*args, **kwargs)

    # --- what it holds ---

    def incomes(self) -> dict[str, Decimal]:
        """Income of the household by kind, without wages."""
        return {kind: getattr(self, f"{kind}_income") for kind in Income.values}

    def spending(self) -> dict[str, Decimal]:
        """Spending by kind."""
        return {kind: getattr(self, f"{kind}_spending") for kind in Spending.values}

    def facts(self) -> Facts:
        """In plain values, as `assess` takes it."""
        people = list(self.people.all())
        return Facts(
            people=len(people),
            wages=tuple((str(one.get_relation_display()), one.income) for one in people),
            incomes=self.incomes(),
            spending=self.spending(),
            exclusions=tuple(one.code for one in self.exclusions.all()),
        )

    def assess(self) -> Outcome | None:
        """What the policy in force says of it today; None without a policy or anybody."""
        policy = self.policy()
        return assess(self.facts(), policy.rules()) if policy is not None and self.people.all() else None

    def needs_recommendation(self) -> bool:
        """Whether a township's or system's federation stands between the union and the county."""
        if not self.is_editable:
            return not self.is_direct
        steps = range(self.union.steplen, len(self.union.path), self.union.steplen)
        above = [self.union.path[:end] for end in steps]
        return Union.objects.filter(path__in=above, level__in=(Level.TOWNSHIP, Level.SYSTEM)).exists()

    def policy(self) -> ReliefPolicy | None:
        """The policy in force today for the union."""
        return ReliefPolicy.objects.over(self.union).on(timezone.localdate())

    def needed_papers(self) -> list[Any]:
        """Papers that the policy asks of it."""
        policy = self.policy()
        causes = {line.cause_id for line in self.causes.all()}
        return [one for one in policy.papers.all() if one.cause_id is None or one.cause_id in causes] if policy else []

    # --- guards ---

    @classmethod
    def awaits_first_review(cls) -> Q:
        """Condition on files that a township or system has to look at first."""
        return Q(state=State.SUBMITTED, is_direct=False)

    @classmethod
    def awaits_visit(cls) -> Q:
        """Condition on files looked at first that nobody has visited yet."""
        return Q(visited_by__isnull=True) & cls._looked_at_first()

    @classmethod
    def awaits_check(cls) -> Q:
        """Condition on files looked at first of which civil affairs hasn't answered yet."""
        return Q(check_answered_on__isnull=True) & cls._looked_at_first()

    @classmethod
    def _looked_at_first(cls) -> Q:
        return Q(state=State.RECOMMENDED) | Q(state=State.SUBMITTED, is_direct=True)

    @classmethod
    def awaits(cls, transition: Transition) -> Q:
        """The county's approval comes after the first review, the visit and the answer of the check."""
        if transition.name == "approve":
            seen = Q(visited_by__isnull=False, check_answered_on__isnull=False)
            return seen & cls._looked_at_first()
        return cls.awaits_first_review() if transition.name == "recommend" else super().awaits(transition)

    @classmethod
    def acted_beside(cls, user: Any) -> Q:
        """Whoever has visited, also before the file came back."""
        visits: Any = cls._meta.get_field("visits").related_model
        return super().acted_beside(user) | Q(pk__in=visits.objects.filter(visitor=user).values("application"))

    def missing_for(self, transition: Transition) -> list[str]:
        """What was filled in, for handing in; visit, check and category for the county's review; consents for
        publicity."""
        if transition.name == "submit":
            return self.still_missing()
        if transition.name == "approve":
            return self._missing_to_approve()
        if transition.name in ("publicise", "decide"):
            missing = self._lacking_consent(Purpose.PUBLICITY, [one for one in self.people.all() if one.is_worker])
            if transition.name == "decide" and not self.decision_document:
                missing.append("要填写决定文号")
            return missing
        return []

    def missing_by_step(self) -> dict[str, list[str]]:
        people = list(self.people.all())
        wanted = (
            ("phone", "联系电话"), ("address", "家庭住址"), ("housing", "住房类型"), ("area_band", "住房面积"),
            ("employer", "工作单位"), ("employer_kind", "单位性质"),
        )  # fmt: skip
        paid = (("payee_name", "户名"), ("bank", "开户行"), ("bank_account", "银行账号"))
        causes = [line.place for line in self.causes.all()]
        papers = self.needed_papers()
        have = {file.paper_id for file in self.files.all()}
        return {
            "who": [f"没有填写{label}" for name, label in wanted if not getattr(self, name)],
            "family": missing_of(people),
            "money": [] if self.exclusions_checked else ["没有逐项核实不予建档的情形"],
            "papers": [
                *([] if 0 in causes else ["没有选主要致困原因"]),
                *(f"材料「{paper}」没有上传" for paper in papers if paper.is_needed and paper.pk not in have),
            ],
            "consent": [
                *self._lacking_consent(Purpose.CHECK, people),
                *self._lacking_consent(Purpose.PUBLICITY, [one for one in people if one.is_worker]),
                *(f"没有填写{label}" for name, label in paid if not getattr(self, name)),
            ],
        }

    def lacking_check_consent(self) -> list[str]:
        """People without whose consent nobody may ask for the check."""
        return self._lacking_consent(Purpose.CHECK, list(self.people.all()))

    def _lacking_consent(self, purpose: str, people: list[Any]) -> list[str]:
        """People of whom no standing consent is there."""
        label = Purpose(purpose).label
        return [
            f"{one.told}没有签署{label}授权"
            for one in people
            if not any(given.purpose == purpose and given.withdrawn_on is None for given in one.consents.all())
        ]

    def _missing_to_approve(self) -> list[str]:
        missing = []
        if self.visited_by_id is None:
            missing.append("尚未登记入户走访")
        missing += self.lacking_check_consent()
        if self.check_answered_on is None:
            missing.append("尚未登记家庭经济状况核对结果")
        outcome = self.assess()
        if outcome is None:
            missing.append("尚未发布帮扶政策，不能认定困难类别，请先在业务管理里登记")
        elif outcome.category == HardshipCategory.NONE:
            missing.append(f"按{self.policy()}不能建档：{outcome.reason}")
        return missing + [f"{one.told}已在另一份困难职工档案中（{where}）" for one, where in self.held_elsewhere()]

    def held_elsewhere(self) -> list[tuple[Any, str]]:
        """People of whom another accepted file holds them, and whose it is: for the county only."""
        mine: dict[Any, Any] = {one.id_index: one for one in self.people.all() if one.id_index}
        others = HouseholdPerson.objects.filter(id_index__in=mine, is_current=True).exclude(household=self)
        return [
            (mine[one.id_index], f"{one.household.union}，{one.household}")
            for one in others.select_related("household__union")
        ]

    # --- what transitions do along (workflow.moving) ---

    def prepare_submit(self) -> None:
        """Whether it goes past the township is settled with each submission."""
        self.is_direct = not self.needs_recommendation()

    def prepare_approve(self) -> None:
        """The category of the county's review."""
        outcome = self.assess()
        assert outcome is not None  # noqa: S101  missing_for has looked
        self.category = outcome.category

    def on_approve(self, *, by: Any) -> None:
        """The calculation is kept as it is; from now on no other file holds these people."""
        self.keep_assessment(by)
        self.claim()

    def prepare_return(self) -> None:
        """What was mended is visited and checked anew."""
        self.category = ""
        self.visited_by = self.visited_at = None
        self.check_asked_on = self.check_answered_on = None
        self.check_verdict = self.check_note = ""

    prepare_send_back = prepare_withdraw = prepare_return

    def on_return(self, *, by: Any) -> None:
        self.people.update(is_current=False)

    on_reject = on_return

    def prepare_decide(self) -> None:
        """Decided is on file."""
        self.file_state, self.since = FileState.ON_FILE, timezone.localdate()

    def on_decide(self, *, by: Any) -> None:
        self.open_record()

    def keep_assessment(self, by: Any) -> Any:
        """Keep what the policy in force says today, line by line."""
        facts, policy = self.facts(), self.policy()
        if policy is None:
            raise DomainError("尚未发布帮扶政策，不能认定困难类别，请先在业务管理里登记。")
        outcome = assess(facts, policy.rules())
        return self.assessments.create(
            policy=policy, category=outcome.category, facts=facts.as_json(), outcome=outcome.as_json(), made_by=by
        )

    def claim(self) -> None:
        """Make its people current. Raises DomainError where another file holds one."""
        try:
            with transaction.atomic():
                self.people.update(is_current=True)
        except IntegrityError as error:
            raise DomainError("有家庭成员已在另一份困难职工档案中，请刷新后再看。") from error

    def open_record(self) -> None:
        """The row of statistics of a file that comes to stand."""
        above = Union.objects.filter(path__in=[self.union.path[:end] for end in range(4, len(self.union.path) + 1, 4)])
        holder = above.filter(level=Level.TOWNSHIP).first() or above.get(depth=1)
        main = self.causes.select_related("cause").filter(place=0).first()
        assert self.since is not None  # noqa: S101  whoever opens it has set it
        self.records.create(
            union=holder,
            year=self.since.year,
            township=self.union.township,
            category=self.category,
            cause=str(main or ""),
            people=self.people.count(),
            opened_on=self.since,
        )

    # --- what is kept of a submission ---

    def content(self) -> dict[str, str]:
        """Everything filled in, in words; of guarded things only that they are there, by a keyed mark."""
        shown = ("phone", "address", "housing", "area_band", "employer", "employer_kind", *NATIONAL)
        content = {"申请人": self.name}
        for name in shown:
            field: Any = self._meta.get_field(name)
            value = getattr(self, name)
            content[f"申请人：{field.verbose_name}"] = str(dict(field.choices or ()).get(value, value) or "")
        content["申请人：单亲家庭"] = "是" if self.is_single_parent else "否"
        for person in self.people.all():
            facts = [person.get_standing_display(), person.get_ethnicity_display(), person.get_political_display(),
                     person.get_model_worker_display(), f"年收入{yuan(person.income)}元", person.mark()]  # fmt: skip
            content[f"家庭成员：{person.told}"] = "、".join(fact for fact in facts if fact)
        for name in (*(f"{kind}_income" for kind in Income.values), *(f"{kind}_spending" for kind in Spending.values)):
            content[f"收支：{self._meta.get_field(name).verbose_name}"] = yuan(getattr(self, name))  # type: ignore[union-attr]  # a column
        content["收支：不予建档的情形"] = "、".join(str(one) for one in self.exclusions.all()) or "无"
        content["致困原因"] = "、".join(str(line.cause) for line in self.causes.all())
        for file in self.files.all():
            content[f"材料：{file.paper or '其他'}：{file.pk}"] = f"{file.name}（{file.size} 字节）"
        content["收款：开户行"] = f"{self.payee_name} {self.bank}".strip()
        content["收款：银行账号"] = mark(self.bank_account, self.pk)
        for person in self.people.all():
            for given in person.consents.all():
                if given.withdrawn_on is None:
                    content[f"授权：{person.told}：{given.get_purpose_display()}"] = f"{given.signed_on}"
        return content
