"""Titles as ledgers write them: which title of the catalogue is meant, and whether level and kind agree with it."""

import re

from rapidfuzz import fuzz, process

from awards.models import Honour, RecipientKind
from pingtang_union.core.cleaning import quoted
from pingtang_union.core.text import fold

_YEAR = re.compile(r"^(?:19|20)\d\d年?度?")
_CALLED = re.compile(r"(?:荣誉)?称号$")
_PLACE = re.compile(r"\w{1,8}[国省州市县区旗]")  # what stands before a title: 黔南州 before 模范职工之家
_NEAR = 50  # of 100: half of the characters in order


class Catalogue:
    """Every title, found by any of its names."""

    def __init__(self) -> None:
        self.titles = {honour.pk: honour for honour in Honour.objects.in_order()}
        self._by_key: dict[str, Honour] = {}
        for honour in self.titles.values():
            for name in honour.names():
                self._by_key.setdefault(fold(name), honour)

    def find(self, written: str, level: str | None) -> tuple[Honour | None, str]:
        """(title that `written` means, "" or what to look at), or (None, why not and what to do). `level`: the row's
        own, as a label; it tells which 模范职工之家 is meant where the place is left out."""
        key = fold(written)
        bare = _CALLED.sub("", _YEAR.sub("", key))
        if found := self._by_key.get(key) or self._by_key.get(bare):
            return found, ""
        if found := self._without_place(bare, level):
            return found, f"「{quoted(written)}」按{level}的「{found}」登记，请核对。"
        near = process.extract(bare, list(self._by_key), scorer=fuzz.ratio, limit=5, score_cutoff=_NEAR)
        names = list(dict.fromkeys(self._by_key[one].title for one, _score, _index in near))[:3]
        ask = f"是不是{'、'.join(f'「{name}」' for name in names)}？" if names else ""
        return None, (
            f"荣誉称号目录里没有「{quoted(written)}」。{ask}请改成目录里的名称；"
            "确实是另一个荣誉的，请县总工会先在业务管理的「荣誉称号」里添加。"
        )

    def _without_place(self, key: str, level: str | None) -> Honour | None:
        """The one title of the level whose name is `key` with a place before it."""
        fitting = {
            honour.pk: honour
            for known, honour in self._by_key.items()
            if key
            and known.endswith(key)
            and _PLACE.fullmatch(known.removesuffix(key))
            and level == honour.get_level_display()
        }
        return next(iter(fitting.values())) if len(fitting) == 1 else None


def contradiction(honour: Honour, level: str | None, kind: str | None) -> tuple[str, str] | None:
    """(column, what is wrong) where a row's level or kind, as labels, isn't the title's; else None.

    Ledgers call posts and teams 集体 as often as 岗位, so that only persons are told from the rest.
    """
    if level is not None and level != honour.get_level_display():
        return (
            "级别",
            f"填的是「{level}」，而「{honour}」是{honour.get_level_display()}荣誉，请核对称号和级别哪个写错了。",
        )
    if kind is not None and (kind == RecipientKind.PERSON.label) != honour.is_for_person:
        whom = "个人" if honour.is_for_person else "集体或岗位"
        return "类型", f"填的是「{kind}」，而「{honour}」授予{whom}，请核对称号和类型哪个写错了。"
    return None
