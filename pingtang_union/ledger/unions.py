"""How a union is found by any of its names."""

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from rapidfuzz import fuzz, process

from pingtang_union.core.text import fold

FEDERATIONS = {"prefecture", "county"}
_SUFFIX = re.compile(r"(?<!总)(?:基层)?工会(?:委员会)?$")


def plain_name(key: str, prefixes: Iterable[str]) -> str:
    """A folded name without the county before it and 工会委员会 behind it: 平塘县林业局工会委员会 is 林业局."""
    for prefix in prefixes:
        if key.startswith(prefix) and len(key) - len(prefix) >= 2:
            key = key[len(prefix) :]
            break
    return _SUFFIX.sub("", key) or key


def workplace(name: str) -> str:
    """Whose union it is, by its name: 平塘县人民医院工会委员会 is 平塘县人民医院's. A federation is itself."""
    return _SUFFIX.sub("", name) or name


class UnionFinder:
    """Finds a union by its whole name, short name, other names, without the county, or in traditional
    characters. A name that fits two unions is never taken for one of them."""

    def __init__(self, queryset: Any):
        """`queryset`: the unions that may be found (already scoped)."""
        self.names: dict[int, str] = {}
        self.paths: dict[int, str] = {}
        self.federations: set[int] = set()  # of a county and above: no grassroots unions, and with no roster
        self.is_limited = False  # a county there is, and it isn't among those that may be found
        self._exact: dict[str, set[int]] = {}
        self._plain: dict[str, set[int]] = {}
        self._dissolved: dict[str, set[int]] = {}
        rows = list(queryset.values_list("pk", "name", "short_name", "path", "level", "status"))
        # An officer who can't see the county federation still writes names with and without the county.
        federations = queryset.model.objects.filter(level="county").values_list("name", flat=True)
        counties = {fold(name) for name in federations}
        self._prefixes = sorted(
            {form for county in counties for form in _county_forms(county)} | {"县", "我县", "本县"},
            key=len,
            reverse=True,
        )
        self.is_limited = bool(counties) and not any(row[4] in FEDERATIONS for row in rows)
        others: dict[int, list[str]] = {}
        for union_id, name in apps.get_model("members", "UnionName").objects.values_list("union_id", "name"):
            others.setdefault(union_id, []).append(name)
        for pk, name, short, path, level, status in rows:
            self.paths[pk] = path
            self.names[pk] = name
            if level in FEDERATIONS:
                self.federations.add(pk)
            for text in (name, short, *others.get(pk, ())):
                if status != "dissolved":
                    self.add_name(pk, text)
                elif text:
                    self._dissolved.setdefault(self.key(text), set()).add(pk)

    def add(self, pk: int, name: str, path: str, short_name: str = "") -> None:
        """Make a union known that was just written."""
        self.names[pk], self.paths[pk] = name, path
        for text in (name, short_name):
            self.add_name(pk, text)

    def add_name(self, pk: int, text: str) -> None:
        """Make a union known by one more name."""
        if key := fold(text):
            self._exact.setdefault(key, set()).add(pk)
            self._plain.setdefault(plain_name(key, self._prefixes), set()).add(pk)

    def candidates(self, text: str) -> set[int]:
        """Unions that `text` may mean: by a whole name, else by the name without county and ending."""
        key = fold(text)
        return self._exact.get(key) or self._plain.get(plain_name(key, self._prefixes), set())

    def once(self, text: str) -> set[int]:
        """Unions that `text` may mean, those that were dissolved where no present one fits: for records that outlive
        their union."""
        return self.candidates(text) or self._dissolved.get(self.key(text), set())

    def is_named(self, pk: int, text: str) -> bool:
        """Whether `text` is one of a present union's names as it is written, but for characters."""
        return pk in self._exact.get(fold(text), ())

    def key(self, text: str) -> str:
        """A key that two ways of writing one union's name share."""
        return plain_name(fold(text), self._prefixes)

    def find(self, text: str) -> tuple[int | None, str]:
        """(id, "") of the one union meant, or (None, why not and what to do)."""
        candidates = self.candidates(text)
        if len(candidates) == 1:
            return next(iter(candidates)), ""
        if candidates:
            listed = "、".join(sorted(self.names[pk] for pk in candidates))
            return None, f"「{text}」可能是几个工会：{listed}，请写全称。"
        near = process.extract(self.key(text), list(self._plain), scorer=fuzz.ratio, limit=3, score_cutoff=60)
        names = list(dict.fromkeys(self.names[pk] for key, _score, _index in near for pk in sorted(self._plain[key])))[
            :3
        ]
        ask = f"是不是{'、'.join(f'「{name}」' for name in names)}？" if names else ""
        if self.is_limited:  # whether there is such a union elsewhere is not said
            return None, f"您管的工会里没有「{text}」。{ask}请核对名称；别的工会的台账，请由那个工会或县总工会上传。"
        return None, f"没有找到名为「{text}」的工会。{ask}请写与组织花名册一致的名称，或先导入组织花名册。"


def _county_forms(county: str) -> set[str]:
    """Ways a county stands before a name: 平塘县总工会 gives 平塘县 and 平塘."""
    place = county.removesuffix("总工会")
    short = re.sub(r"(?:自治县|县|市|区|旗)$", "", place)
    return {form for form in (place, short) if len(form) >= 2}
