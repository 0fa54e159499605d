"""What papers on honours say: the story kit of one nomination, the notice of publicity (公示), the decision (决定) and
the report that sends nominations up (报告).

Facts only: wording and layout stand in the Word templates in word/, which an office may change. Whoever calls has
scoped the rows before.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from awards.models import Award, HonourLevel, Nomination, NominationObjection, RecipientKind, SelectionRound
from awards.models.honours import place_of_level
from awards.models.nominations import MOST_SUMMARY, counted
from members.models import Union
from pingtang_union.core.audit import record_export
from pingtang_union.core.dates import day_in_words, display_partial
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import mask_name
from pingtang_union.core.text import fold
from pingtang_union.files.word import Block, blocks, file_name, fill, paragraphs
from pingtang_union.workflow.publishing import refuse
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import State
from pingtang_union.workflow.workdays import deadline

TEMPLATES = Path(__file__).parent / "word"
ABOUT_TO_BE = "reviewed"  # key of the notice of those approved whose publicity hasn't begun
_MOST_TITLES = 3  # a heading with more titles names the first one only
_DIGITS = "一二三四五六七八九"
# A sentence with the quotation marks and brackets that close behind it.
_SENTENCE = re.compile(r".*?(?:[。！？!?…]+[”’」』》）)\"']*|$)", re.DOTALL)


@dataclass(frozen=True)
class Paper:
    """A paper ready to be made: `facts` fill the Word template, `lacks` says what somebody has to see to first."""

    title: str
    template: str
    facts: dict[str, Any]
    rows: int
    conditions: str = ""
    lacks: tuple[str, ...] = ()
    is_public: bool = False

    def word(self) -> bytes:
        """The .docx. Raises DomainError when the template can't be filled in, and where a public paper holds what
        mustn't go out."""
        content = fill(TEMPLATES / self.template, self.facts)
        if self.is_public:
            refuse({self.title.partition("-")[0]: "\n".join(block.in_words for block in blocks(content))})
        return content

    def blocks(self) -> list[Block]:
        """What the .docx says, for a page."""
        return blocks(self.word())

    def take_out(self, *, by: Any) -> tuple[bytes, str]:
        """The .docx and its file's name; that `by` took it goes to the audit trail."""
        content = self.word()
        record_export(
            Nomination, title=f"{self.title}（Word）", by=by, rows=self.rows, conditions=self.conditions, numbers=""
        )
        return content, file_name(self.title)


def numeral(number: int) -> str:
    """1 to 99 in Chinese, as the first rank of headings is numbered (GB/T 9704-2012, 7.3.3)."""
    tens, ones = divmod(number, 10)
    ten = ("" if tens == 1 else _DIGITS[tens - 1]) + "十" if tens else ""
    return ten + (_DIGITS[ones - 1] if ones else "")


# --- Story kit ---------------------------------------------------------------------------------


def introduction(nomination: Nomination) -> str:
    """At most 300 characters on the nominee, white space not counted: what the union wrote, else its merits up to the
    end of a sentence. "" where there are neither."""
    text = "".join(" ".join(line.split()) for line in paragraphs(nomination.summary or nomination.deeds))
    taken = ""
    for sentence in _SENTENCE.findall(text):
        if counted(taken + sentence) > MOST_SUMMARY:
            break
        taken += sentence
    return taken.strip() or _cut(text)


def _cut(text: str) -> str:
    """A text whose first sentence is too long already, broken off with a mark that says so."""
    taken, left = "", MOST_SUMMARY - 1
    for char in text:
        left -= not char.isspace()
        if left < 0:
            return taken.rstrip() + "…"
        taken += char
    return taken


def held_by(nomination: Nomination, awards: QuerySet[Award]) -> QuerySet[Award]:
    """Of `awards` the standing ones of the nominee from before this nomination: by the record that she is, or by name
    in the same union where the award knows a name only."""
    by_name = Q(
        union=nomination.union_id, recipient_key=fold(nomination.name)[:100], honour__kind__in=_kinds(nomination),
        member=None, cadre=None, recipient_union=None,
    )  # fmt: skip
    held = awards.filter(revoked_on=None).filter(_by_record(nomination) | by_name)
    return held.exclude(nomination=nomination.pk).select_related("honour").order_by("-awarded_on", "pk")


def _kinds(nomination: Nomination) -> list[str]:
    is_person = nomination.honour.is_for_person
    return [kind for kind in RecipientKind.values if (kind == RecipientKind.PERSON) == is_person]


def _by_record(nomination: Nomination) -> Q:
    if nomination.nominee_union_id:
        return Q(recipient_union=nomination.nominee_union_id)
    person = nomination.member or nomination.cadre
    if person is None:
        return Q(pk__in=[])
    same = Q(**{person._meta.model_name or "": person.pk})
    if person.id_index:  # member and cadre may be one person
        same |= Q(member__id_index=person.id_index) | Q(cadre__id_index=person.id_index)
    return same


def dossier(nomination: Nomination, *, reader: Any) -> Paper:
    """Everything on one nominee that `reader` may see; no identity number. Departments' opinions are for
    awards.view_opinion."""
    held = held_by(nomination, Award.objects.visible_to(reader))
    shows_opinions = reader.has_perm("awards.view_opinion")
    return Paper(
        title=f"推荐材料-{nomination.name}-{nomination.honour}",
        template="dossier.docx",
        rows=1,
        facts={
            "honour": nomination.honour,
            "facts": list(_facts(nomination)),
            "introduction": introduction(nomination) or "未填写。",
            "deeds": paragraphs(nomination.deeds) or ["未填写。"],
            "held": [_award_in_words(award) for award in held] or ["没有登记。"],
            "papers": list(_papers(nomination)),
            "vetoes": list(_vetoes(nomination)),
            "shows_opinions": shows_opinions,
            "opinions": list(_opinions(nomination)) if shows_opinions else [],
        },
    )


def _facts(nomination: Nomination) -> Iterator[dict[str, str]]:
    traits = [("农民工", nomination.is_migrant), ("所在单位是非公有制", nomination.is_non_public)]
    by, at = nomination.submitted_by, nomination.submitted_at
    handed_in = f"{day_in_words(timezone.localtime(at).date())}，{by.union or ''} {by.full_name}" if by and at else ""
    for label, text in (
        ("推荐的荣誉", str(nomination.honour)),
        ("推荐对象", nomination.name),
        ("类别", nomination.get_kind_display()),
        ("性别", nomination.get_gender_display()),
        ("工作单位和职务（岗位）", nomination.position),
        ("身份", "、".join(label for label, has in traits if has)),
        ("推荐工会", nomination.union.name),
        ("评选推荐", nomination.round.title),
        ("状态", nomination.get_state_display()),
        ("提交", handed_in or "还没有提交"),
    ):
        if text:
            yield {"label": label, "text": text}


def _award_in_words(award: Award) -> str:
    document = f"（{award.document_number}）" if award.document_number else ""
    return f"{display_partial(award.awarded_on)}，{award.honour}{document}"


def _papers(nomination: Nomination) -> Iterator[dict[str, Any]]:
    for line in nomination.checklist():
        if paper := line.paper:
            scan = "已传" if line.files else "没有传" if paper.needs_file else "不要求"
            yield {"title": paper.title, "copies": paper.copies, "tick": "√" if line.is_ready else "", "scan": scan}


def _vetoes(nomination: Nomination) -> Iterator[dict[str, str]]:
    for line in nomination.answered_vetoes():
        note = line.answer.explanation if line.answer else ""
        yield {"title": str(line.veto), "answer": line.words, "note": note}


def _opinions(nomination: Nomination) -> Iterator[dict[str, str]]:
    for required, opinion in nomination.asked_opinions():
        yield {
            "department": required.department,
            "verdict": opinion.get_verdict_display() if opinion else "还没有登记",
            "on": day_in_words(opinion.on) if opinion else "",
            "note": opinion.note if opinion else "",
        }


# --- Lists of nominees by title ------------------------------------------------------------------


def in_order(nominations: Any) -> list[Nomination]:
    """Nominations as papers list them: the highest title first, then by union."""
    rows = nominations.select_related("honour", "union").defer("deeds")
    return list(rows.order_by(place_of_level("honour__level"), "honour__order", "honour", "union__path", "pk"))


def _groups(nominations: Iterable[Nomination], *, is_masked: bool = False) -> list[dict[str, Any]]:
    groups = []
    for place, (honour, members) in enumerate(groupby(nominations, key=lambda nomination: nomination.honour), 1):
        mask = mask_name if is_masked and honour.is_for_person else str
        rows = [
            {
                "number": number,
                "name": mask(nomination.name),
                "position": nomination.position,
                "union": nomination.union.name,
            }
            for number, nomination in enumerate(members, 1)
        ]
        count = f"{len(rows)}{'名' if honour.is_for_person else '个'}"
        noun = "同志" if honour.is_for_person else honour.get_kind_display()
        first = rows[0]["name"]
        one_only = f"{first}{'同志' if honour.is_for_person else ''}"
        whom = one_only if len(rows) == 1 else f"{first}等{count}{noun}"
        groups.append({"numeral": numeral(place), "title": honour.title, "count": count, "whom": whom, "rows": rows})
    return groups


def _titles(groups: Sequence[dict[str, Any]]) -> str:
    titles = [group["title"] for group in groups]
    return "、".join(titles) if len(titles) <= _MOST_TITLES else f"{titles[0]}等荣誉"


def _basis(round_: SelectionRound) -> str:
    return f"根据{round_.call_document}文件要求" if round_.call_document else f"按照{round_.title}安排"


# --- Notice --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """Nominations of a round whose publicity began on one day, or has yet to begin (`first` is None)."""

    first: date | None
    nominations: list[Nomination] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What an address names it by."""
        return self.first.isoformat() if self.first else ABOUT_TO_BE

    @property
    def label(self) -> str:
        """What a page calls it."""
        return f"{day_in_words(self.first)}起公示" if self.first else "审核通过，还没有公示"


def notice_batches(nominations: Any) -> list[Batch]:
    """`nominations` that a notice is about: in publicity, the latest first; then those approved and about to be."""
    rows = in_order(nominations.filter(state__in=(State.PUBLICISED, State.REVIEWED)))
    batches: dict[date | None, Batch] = {}
    for nomination in rows:
        first = nomination.publicised_from if nomination.state == State.PUBLICISED else None
        batches.setdefault(first, Batch(first)).nominations.append(nomination)
    return sorted(batches.values(), key=lambda batch: batch.first or date.min, reverse=True)


def publicity_notice(round_: SelectionRound, batch: Batch, *, is_masked: bool = True) -> Paper:
    """公示 of one batch; names of persons are masked unless the paper asks for them whole.

    Where publicity hasn't begun it is reckoned from today on. Raises DomainError when no rule says how many working
    days it lasts (ledger.models.PublicityRule).
    """
    first = batch.first or timezone.localdate()
    rule = PublicityRule.objects.on(first)
    if rule is None:
        raise DomainError("还没有登记公示期规定，不知道要公示几个工作日，请先在业务管理里登记。")
    ends = [end for nomination in batch.nominations if batch.first and (end := nomination.publicity())]
    days = (
        max((nomination.publicity_days or 0 for nomination in batch.nominations), default=0)
        if ends
        else rule.working_days
    )
    last = max(ends, key=lambda end: end.day) if ends else deadline(first, days)
    groups = _groups(batch.nominations, is_masked=is_masked)
    lacks = [last.notice] if last.notice else []
    if not round_.objection_contact:
        lacks.append("这次评选没有填受理异议的方式，公示稿里空着。请在评选推荐里补上，再打印、张贴。")
    if batch.first is None:
        lacks.append("这些推荐尚未开始公示，下面的日期按今天开始公示计算。开始公示以后请重新打印。")
    names = "姓名已作隐名处理" if is_masked else "姓名完整"
    return Paper(
        title=f"公示稿-{round_}-{batch.label}",
        template="notice.docx",
        is_public=True,
        rows=len(batch.nominations),
        conditions=f"{round_}；{batch.label}；{names}",
        lacks=tuple(lacks),
        facts={
            "federation": settings.FEDERATION_NAME,
            "titles": _titles(groups),
            "basis": _basis(round_),
            "groups": groups,
            "period": f"{day_in_words(first)}至{day_in_words(last.day)}",
            "days": days,
            "rule": rule.document,
            "contact": round_.objection_contact,
            "date": day_in_words(first),
        },
    )


# --- Decision and report ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Sending:
    """Decided nominations of a round that go into one paper: of one document, all of the county or all above it."""

    is_above_county: bool
    number: str
    nominations: list[Nomination]

    @property
    def key(self) -> str:
        """What an address names it by."""
        return f"{'report' if self.is_above_county else 'decision'}:{self.number}"

    @property
    def label(self) -> str:
        """What a page calls it."""
        return f"{'推荐报告' if self.is_above_county else '决定'} {self.number or '（没有文号）'}"

    @cached_property
    def day(self) -> date:
        """When it was decided; of several days the last."""
        return max(
            timezone.localtime(nomination.decided_at).date() for nomination in self.nominations if nomination.decided_at
        )


def decision_batches(nominations: Any) -> list[Sending]:
    """The papers that the decided ones of `nominations` ask for: decisions first, then reports, each by document."""
    sendings: dict[tuple[bool, str], Sending] = {}
    for nomination in in_order(nominations.filter(state=State.DECIDED)):
        kind = (nomination.honour.is_above_county, nomination.decision_document)
        sendings.setdefault(kind, Sending(*kind, [])).nominations.append(nomination)
    return [sendings[kind] for kind in sorted(sendings)]


def decision_paper(round_: SelectionRound, sending: Sending) -> Paper:
    """决定 where the county gives the title itself, 报告 where it recommends for one above."""
    groups = _groups(sending.nominations)
    was_objected = NominationObjection.objects.filter(application__in=sending.nominations).exists()
    periods = sorted({period for nomination in sending.nominations if (period := _period(nomination))})
    superior = _superior(sending) if sending.is_above_county else ""
    lacks = [] if sending.number else ["还没有文号，请在 Word 里填写。"]
    if sending.is_above_county and not superior:
        lacks.append("系统里没有上级工会的名称，主送机关空着，请在 Word 里填写。")
    name = "推荐报告稿" if sending.is_above_county else "决定稿"
    return Paper(
        title=f"{name}-{round_}{'-' + sending.number if sending.number else ''}",
        template="report.docx" if sending.is_above_county else "decision.docx",
        is_public=not sending.is_above_county,
        rows=len(sending.nominations),
        conditions=f"{round_}；{sending.label}",
        lacks=tuple(lacks),
        facts={
            "federation": settings.FEDERATION_NAME,
            "number": sending.number,
            "titles": _titles(groups),
            "basis": _basis(round_),
            "groups": groups,
            "periods": "、".join(f"{day_in_words(first)}至{day_in_words(last)}" for first, last in periods),
            "objections": "公示期间收到的异议已核查了结" if was_objected else "公示期间没有收到异议",
            "superior": superior,
            "date": day_in_words(sending.day),
        },
    )


def _period(nomination: Nomination) -> tuple[date, date] | None:
    """From when to when it was publicised."""
    first, last = nomination.publicised_from, nomination.publicity()
    return (first, last.day) if first and last else None


def _superior(sending: Sending) -> str:
    """To whom a report goes: the union above ours in the tree; else who grants the titles, where that is the next
    level."""
    county = Union.objects.filter(name=settings.FEDERATION_NAME).first()
    parent = Union.objects.filter(path=county.parent_path).first() if county else None
    if parent is not None:
        return parent.name
    granting = {nomination.honour.granted_by for nomination in sending.nominations}
    is_next = all(nomination.honour.level == HonourLevel.PREFECTURE for nomination in sending.nominations)
    return granting.pop() if is_next and len(granting) == 1 else ""
