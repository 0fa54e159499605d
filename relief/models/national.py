"""What the national hardship system (全国困难职工帮扶系统) calls things, and lists of its that were brought. It stays
the system of record; we prepare, check, speak its words, and compare."""

import json
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from members.models import Union
from pingtang_union.core.fields import PartialDateField, SealedField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.tones import Toned
from pingtang_union.workflow.models import moment_field
from relief.models.grants import Grant
from relief.models.households import Household


class Source(models.TextChoices):
    """What of ours fills a column there. Of a row of a family member it is the member's, else the worker's."""

    NATIONAL_NUMBER = "national_number", "职工编号"
    CATEGORY = "category", "困难类别"
    NAME = "name", "姓名"
    RELATION = "relation", "与申请人关系"
    WORKER_ID = "worker_id", "申请人证件号码"
    ETHNICITY = "ethnicity", "民族"
    GENDER = "gender", "性别"
    POLITICAL = "political", "政治面貌"
    ID_NUMBER = "id_number", "证件号码"
    BORN_ON = "born_on", "出生日期"
    HEALTH = "health", "健康状况"
    STANDING = "standing", "人员身份"
    MODEL_WORKER = "model_worker", "劳模类型"
    HOUSING = "housing", "住房类型"
    AREA_BAND = "area_band", "住房面积"
    PHONE = "phone", "联系电话"
    WORKS_SINCE = "works_since", "参加工作时间"
    INDUSTRY = "industry", "所属行业"
    EMPLOYER = "employer", "工作单位"
    EMPLOYER_KIND = "employer_kind", "单位性质"
    MARITAL = "marital", "婚姻状况"
    HUKOU = "hukou", "户口类型"
    ADDRESS = "address", "家庭住址"
    MONTH_INCOME = "month_income", "月平均收入"
    OTHER_INCOME = "other_income", "家庭其他非薪资年收入"
    YEAR_INCOME = "year_income", "家庭年度总收入"
    PEOPLE = "people", "家庭人口"
    HUKOU_PLACE = "hukou_place", "户口所在地"
    INSURANCE = "insurance", "参加医疗保险"
    CAUSE = "cause", "主要致困原因"
    MADE_BY = "made_by", "建档人"
    SCHOOL = "school", "就读学校"
    UNION = "union", "所在工会（只读）"
    CHANGED_ON = "changed_on", "对方最后修改日期（只读）"
    REMARK = "remark", "上级意见（只读）"


# Of a brought row: our source, the column there, what the list says, what the file says.
Told = tuple[str, str, str, str]
THEIRS = (Source.UNION, Source.CHANGED_ON, Source.REMARK)  # only there: read, never written or compared
LISTS = (
    Source.CATEGORY, Source.RELATION, Source.ETHNICITY, Source.GENDER, Source.POLITICAL, Source.HEALTH, Source.STANDING,
    Source.MODEL_WORKER, Source.HOUSING, Source.AREA_BAND, Source.INDUSTRY, Source.EMPLOYER_KIND, Source.MARITAL,
    Source.HUKOU, Source.INSURANCE, Source.CAUSE,
)  # fmt: skip


class NationalWord(models.Model):
    """A word of a closed list there and our code for it. Several of their words may be one code of ours: one of them
    is written."""

    list = models.CharField("词表", max_length=20, choices=[(one.value, one.label) for one in LISTS])
    code = models.CharField("本平台的代码", max_length=60, blank=True, help_text="没有填写时也要对应的，不填代码")
    word = models.CharField("全国系统的说法", max_length=60)
    is_written = models.BooleanField("导出时写这个说法", default=True)
    source = models.CharField("出处", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "全国系统词表"
        ordering = ["list", "code", "-is_written", "word"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "code", "word"], name="nationalword_once", violation_error_message="已有这条对照。"
            ),
            models.UniqueConstraint(
                fields=["list", "code"],
                condition=Q(is_written=True),
                name="nationalword_one_written",
                violation_error_message="同一代码只能有一个导出时写的说法。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_list_display()}：{self.word}"


class RowKind(models.TextChoices):
    """What a row there tells of."""

    HOUSEHOLD = "household", "职工一户一行"
    PERSON = "person", "家庭成员一人一行"


class NationalColumn(models.Model):
    """A column of the tables there, and what of ours fills it."""

    kind = models.CharField("用于", max_length=10, choices=RowKind)
    header = models.CharField("全国系统的列名", max_length=30)
    other_headers = models.CharField("其他列名", max_length=200, blank=True, help_text="用空格隔开")
    source = models.CharField("本平台的内容", max_length=20, choices=Source)
    is_compulsory = models.BooleanField("必填", default=False)
    order = models.PositiveSmallIntegerField("次序", default=10)
    note = models.CharField("出处", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "全国系统列名"
        ordering = ["kind", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", name], name=f"nationalcolumn_one_{name}", violation_error_message=f"{label}已有。"
            )
            for name, label in (("header", "列名"), ("source", "内容的列"))
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.header


class ListKind(models.TextChoices):
    """What a brought list is for."""

    MIRROR = "mirror", "名单对照"
    REMARKS = "remarks", "上级退回意见"


class NationalList(ScopedModel):
    """A list of the national system that was brought: what it says of our files stands in its rows."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="登记单位", related_name="+")
    kind = models.CharField("种类", max_length=8, choices=ListKind)
    title = models.CharField("文件名", max_length=100)
    until = models.DateField("答复期限", null=True, blank=True)
    brought_by, brought_at = account("登记人", null=False, editable=False), moment_field("登记时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "全国系统名单"
        ordering = ["-pk"]
        permissions = [("export_nationallist", "导出全国系统报送表")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.title}"


class RowVerdict(Toned):
    """What came of a row."""

    SAME = "same", "is-ok", "一致"
    DIFFERS = "differs", "is-warn", "有差异"
    REMARK = "remark", "is-info", "已转工会"
    UNKNOWN = "unknown", "is-bad", "没有对应的档案"


class NationalRowQuerySet(ScopedQuerySet):
    """Questions asked of rows of brought lists."""

    def open_remarks(self) -> Self:
        """The superior's remarks that a union has still to answer."""
        return self.filter(verdict=RowVerdict.REMARK, answered_at__isnull=True, household__isnull=False)

    def unchanged_for_a_year(self) -> Self:
        """一年未改: last changed more than a year ago."""
        before = (timezone.localdate() - timedelta(days=366)).isoformat()
        return self.filter(household__isnull=False, is_person=False, changed_on__lte=before)

    def never_helped(self) -> Self:
        """未帮扶过: households to which nothing was promised or paid."""
        given = Grant.objects.counted().filter(household=OuterRef("household"))
        return self.filter(~Exists(given), household__isnull=False, is_person=False)


class NationalRow(ScopedModel):
    """A row of a brought list: the file that it is, what differs, the superior's remark and the union's answer. What
    the list said is sealed."""

    scope_path = "union"

    brought = models.ForeignKey(NationalList, models.CASCADE, verbose_name="名单", related_name="rows", db_index=False)
    number = models.PositiveIntegerField("序号")
    place = models.CharField("在名单中的位置", max_length=60)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="+")
    household = models.ForeignKey(
        Household, models.CASCADE, null=True, blank=True, verbose_name="困难职工档案", related_name="national_rows"
    )
    is_person = models.BooleanField("家庭成员", default=False)
    way = models.CharField("对应方式", max_length=30, blank=True)
    verdict = models.CharField("结果", max_length=8, choices=RowVerdict)
    said = SealedField("名单内容", hidden=True, blank=True)
    differs = models.JSONField("有差异的列", default=list, blank=True)  # headers, or who of the family is missing there
    changed_on = PartialDateField("最后修改日期")
    remark = models.CharField("上级意见", max_length=500, blank=True)
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_by, answered_at = account("答复人"), moment_field("答复时间")

    objects = NationalRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "全国系统名单明细"
        ordering = ["-brought", "number"]
        constraints = [
            models.UniqueConstraint(fields=["brought", "number"], name="nationalrow_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | Q(answered_by__isnull=False, answered_at__isnull=False, household__isnull=False) & ~Q(answer=""),
                name="nationalrow_answer_has_person",
                violation_error_message="答复要写明内容和答复人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brought.title}{self.place}"

    def keep(self, told: list[Told]) -> None:
        """Seal what it said."""
        self.said = json.dumps(told, ensure_ascii=False) if told else None

    def told(self) -> list[Told]:
        """What it said, or where both differ."""
        return json.loads(self.said.reveal()) if self.said else []  # type: ignore[union-attr]  # a Sealed of a stored row
