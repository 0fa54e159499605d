"""Workbooks gone wrong at random are read or refused, and write nothing."""

import os
import random
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from members.models import Union
from pingtang_union.ledger.models import BatchState
from tests.factories import UnionFactory
from tests.ledger import dress, odd
from tests.ledger.brought import checked, counts


@pytest.fixture
def power(db) -> Union:
    return UnionFactory(name=odd.UNION, category="enterprise")


# --- Mutated workbooks ---------------------------------------------------------------------

SEEDS = {
    "a.xlsx": odd.roster(),
    "a.xls": odd.xls(odd.xls_book()[0]),
    "a.ods": odd.ods_roster(),
    "a.xlsb": odd.xlsb(odd.cells_of(odd.GRID)),
    "a.csv": dress.csv_bytes(odd.GRID, "gb18030"),
}
_PUT_IN = (b"\0", b"<", b"&#0;", b"]]>", b"\xff\xff", b"999999999", b"-1", b"1e400", b"_x0000_", b'"', b"\xe2\x80\xae")
_ATTRIBUTE = re.compile(rb'[\w:]+="[^"]*"')


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Some bytes flipped, deleted, doubled, put in, or two attributes exchanged."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        end = min(at + chance.choice((1, 1, 2, 4, 30, 400)), len(changed))
        how = chance.randrange(6)
        if how == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del changed[at:end]
        elif how == 2:
            changed[at:at] = changed[at:end]
        elif how == 3:
            changed[at:at] = chance.choice(_PUT_IN)
        elif how == 4:
            changed[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
        else:
            found = list(_ATTRIBUTE.finditer(bytes(changed)))
            if len(found) > 1:
                one, other = chance.sample(found, 2)
                changed[one.start() : one.end()] = other[0]
    return bytes(changed)


def odd_file(name: str, seed: int, is_inner: bool) -> bytes:
    """A workbook gone wrong: its bytes, or, zipped anew, one of its parts."""
    chance = random.Random(seed)
    if not is_inner or name in ("a.xls", "a.csv"):
        return mutated(SEEDS[name], chance)
    parts = odd.parts_of(SEEDS[name])
    part = chance.choice(sorted(parts))
    if name == "a.xlsx" and chance.random() < 0.6:
        part = odd.SHEET
    parts[part] = mutated(parts[part], chance)
    return odd.zipped(parts.items())


@settings(
    derandomize=True,
    max_examples=int(os.environ.get("MUTATED_WORKBOOKS", "80")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=st.sampled_from(sorted(SEEDS)), seed=st.integers(0, 2**32), is_inner=st.booleans())
@example(name="a.xlsx", seed=0, is_inner=True)
def test_mutated_workbooks_are_read_or_refused(name, seed, is_inner, county_clerk, power):
    before = counts()
    batch = checked(county_clerk, odd_file(name, seed, is_inner), name)
    assert batch.state in (BatchState.READY, BatchState.UNREADABLE), (seed, batch.error)
    if batch.state == BatchState.UNREADABLE:
        assert re.search("[\u4e00-\u9fff]", batch.error)
    assert counts() == before
