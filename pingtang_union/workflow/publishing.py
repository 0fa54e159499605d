"""Before anything becomes public: nothing goes out that holds an identity number, a card, a phone of a person.

    texts     `refuse({"事迹简介": …})` raises DomainError, `wrong_in` gives the same words as a list, `check_fields`
              speaks beside the fields of a form; an application names its own by `public_texts`
    files     `look_into` finds it in them too; `PublicFile` (public_files.py) waits for a second person's yes to what
              only eyes can read

The office's own phones may be read by anyone: those of 公开电话, those that apps declare (`phones` of their portal.py).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.portal import portals
from pingtang_union.files import limited
from pingtang_union.files.privacy import CARD, IDENTITY, KINDS, MOBILE, PHONE, Finding, findings, hidden

_JOB = "pingtang_union.files.inside:job"
_SECONDS = 20.0
_MOST_SAID = 5  # numbers of one file
_WHY = {
    limited.TooBig: "打开时占用太多内存，无法检查，请分成几份再传。",
    limited.TooSlow: "内容太多，没有检查完，请分成几份再传。",
    limited.Damaged: "无法打开检查，请重新保存后再传。",
    limited.Busy: "还没有检查：同时上传的人较多，请稍后再传。",
    limited.Interrupted: "还没有检查完就中断了，请再传一次。",
}
_MENDED = {
    IDENTITY: "请删去",
    CARD: "请删去",
    MOBILE: "请删去，或改为「公开电话」中登记的办公电话",
    PHONE: "请删去，或改为「公开电话」中登记的办公电话",
}


def validate_office_phone(number: str) -> None:
    """One number, also of a service (400-…), written so that it is known again."""
    if len(findings(f"电话 {number}", kinds=(MOBILE, PHONE))) != 1:
        raise ValidationError("不是电话号码，一行只填一个，写区号，如 0854-4821234。")


class OfficePhone(models.Model):
    """A phone of the office that anyone may read."""

    number = models.CharField(
        "电话号码", max_length=20, validators=[validate_office_phone], help_text="办公电话，写区号，如 0854-4821234"
    )
    label = models.CharField("用途", max_length=50, help_text="如 帮扶中心咨询电话、受理异议")

    objects: ClassVar = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "公开电话"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="officephone_once", violation_error_message="这个电话已经登记过。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.number}"

    def clean(self) -> None:
        self.number = self.number.strip()


def listed_phones() -> list[str]:
    """The office's phones, in digits alone."""
    written = [*OfficePhone.objects.values_list("number", flat=True)]
    written += [text for app in portals() for text in app.phones()]
    return [finding.number for text in written for finding in findings(f"电话 {text}", kinds=(MOBILE, PHONE))]


# --- Texts ---------------------------------------------------------------------------------------


def unlisted(text: str, kinds: Collection[str] = KINDS) -> list[Finding]:
    """What is found in a text, the office's phones left out; the list of these is asked for only where it matters."""
    found = findings(text, kinds=kinds)
    if any(finding.kind in (MOBILE, PHONE) for finding in found):
        return findings(text, listed_phones(), kinds)
    return found


def public_text(text: str, listed: Callable[[], list[str]] = listed_phones) -> str:
    """A text for strangers with whatever must not go out made illegible: the last net behind the doors. listed: of many
    texts, how the office's phones are asked for once."""
    return hidden(text, listed()) if findings(text) else text


def _words(label: str, finding: Finding) -> str:
    return f"{label}里有{finding.kind}（{finding.shown}），不能公开，{_MENDED[finding.kind]}"


def wrong_in(texts: Mapping[str, str], kinds: Collection[str] = KINDS) -> list[str]:
    """What keeps `texts` (by what a page calls them) from becoming public, in words; [] where nothing does."""
    return [_words(label, finding) for label, text in texts.items() for finding in unlisted(text, kinds)]


def refuse(texts: Mapping[str, str]) -> None:
    """Raise DomainError where `texts` mustn't become public."""
    if wrong := wrong_in(texts):
        raise DomainError("；".join(wrong) + "。")


def check_fields(record: models.Model, *names: str, kinds: Collection[str] = KINDS) -> None:
    """For the `clean` of a model whose fields strangers read: raise ValidationError beside those that mustn't."""
    wrong = {}
    for name in names:
        field: Any = record._meta.get_field(name)
        if words := wrong_in({str(field.verbose_name): str(getattr(record, name) or "")}, kinds):
            wrong[name] = [f"{one}。" for one in words]
    if wrong:
        raise ValidationError(wrong)


# --- Files ---------------------------------------------------------------------------------------


def look_into(name: str, content: bytes, listed: Collection[str] | None = None) -> list[str]:
    """The places of a file that no program reads, for a second person to look at; [] for a file of texts alone. Raises
    DomainError, which names the file, where it holds what mustn't go out or can't be looked into."""
    listed = listed_phones() if listed is None else [*listed]
    wrong: dict[str, None] = {}
    unread: dict[str, None] = {}

    def hear(kind: str, value: Any) -> None:
        if kind == "found":
            place, what, shown = value
            wrong[f"{place}里有{what}（{shown}），{_MENDED[what]}"] = None
        else:
            unread[value] = None

    try:
        limited.run(_JOB, content, listed, hear=hear, seconds=_SECONDS)
    except limited.Refused as refusal:
        raise DomainError(f"「{name}」{refusal}") from refusal
    except limited.NotDone as error:
        raise DomainError(f"「{name}」{_WHY[type(error)]}") from error
    refuse({f"文件名「{name}」": name})
    if wrong:
        more = f"等 {len(wrong)} 处" if len(wrong) > _MOST_SAID else ""
        raise DomainError(f"「{name}」不能公开：{'；'.join([*wrong][:_MOST_SAID])}{more}。")
    return [*unread]
