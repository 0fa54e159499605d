#!/usr/bin/env python3
"""Recompute a published file of funds (玻璃资金公开数据), with nothing but Python: `python3 seal.py funds.json [HEAD]`.

It needs no portal, no network and no package. It recomputes every row's hash, every block's head from its rows and the
head before it, every balance to the cent, and the totals of each year, and says what doesn't agree. HEAD is the head of
the chain as a report or a notice printed it: whoever rebuilt the whole chain can't have rebuilt the paper.

The portal seals with the functions of this very file.

    row      SM3 of the published columns and of the commitment, each as its own line
    rest     what isn't published is held by a commitment: SM3 of a random salt and of those columns
    block    SM3 of the head before it, its number and its rows' hashes, each as its own line
"""

import hashlib
import json
import sys
from collections import defaultdict

FIRST = "0" * 64  # the head before the first block


def sm3(content: bytes) -> str:
    """The hash of GB/T 32905-2016, in hex."""
    try:
        return hashlib.new("sm3", content).hexdigest()
    except ValueError:  # an OpenSSL without it
        return sm3_by_hand(content)


def sm3_by_hand(content: bytes) -> str:
    """The same, step by step as the standard has it."""

    def turn(word: int, by: int) -> int:
        by %= 32
        return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = content + b"\x80" + bytes(-(len(content) + 9) % 64) + (8 * len(content)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        words = [int.from_bytes(padded[at : at + 4], "big") for at in range(start, start + 64, 4)]
        for at in range(16, 68):
            mixed = words[at - 16] ^ words[at - 9] ^ turn(words[at - 3], 15)
            words.append(mixed ^ turn(mixed, 15) ^ turn(mixed, 23) ^ turn(words[at - 13], 7) ^ words[at - 6])
        a, b, c, d, e, f, g, h = state
        for at in range(64):
            key = turn((turn(a, 12) + e + turn(0x79CC4519 if at < 16 else 0x7A879D8A, at)) & 0xFFFFFFFF, 7)
            first = a ^ b ^ c if at < 16 else (a & b) | (a & c) | (b & c)
            second = e ^ f ^ g if at < 16 else (e & f) | (~e & g)
            left = (first + d + (key ^ turn(a, 12)) + (words[at] ^ words[at + 4])) & 0xFFFFFFFF
            right = (second + h + key + words[at]) & 0xFFFFFFFF
            a, b, c, d = left, a, turn(b, 9), c
            e, f, g, h = right ^ turn(right, 9) ^ turn(right, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905  older Pythons know no strict
    return b"".join(word.to_bytes(4, "big") for word in state).hex()


def canonical(columns: dict) -> str:
    """Columns as one text, the same on every machine."""
    return json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def commitment(salt: str, rest: dict) -> str:
    """What holds columns without telling them."""
    return sm3(f"{salt}\n{canonical(rest)}".encode())


def leaf(published: dict, committed: str) -> str:
    """The hash of a row."""
    return sm3(f"{canonical(published)}\n{committed}".encode())


def head(previous: str, number: int, leaves: list) -> str:
    """The hash of a block."""
    return sm3("\n".join([previous, str(number), *leaves]).encode())


def cents(text: str) -> int:
    """An amount as whole 分: "-1200.50" is -120050."""
    whole, _, fraction = text.lstrip("-").partition(".")
    return (-1 if text.startswith("-") else 1) * (int(whole) * 100 + int(f"{fraction:0<2}"[:2]))


def check(document: dict, printed: str = "") -> list:
    """What doesn't agree, in words; nothing where all is right."""
    wrong = []
    previous = FIRST
    rows = []
    for number, block in enumerate(document["blocks"], 1):
        leaves = [leaf(row["columns"], row["commitment"]) for row in block["rows"]]
        if (
            block["number"] != number
            or block["previous"] != previous
            or block["head"] != head(previous, number, leaves)
        ):
            wrong.append(f"第 {number} 块的校验值不符")
        previous = block["head"]
        rows += [row["columns"] for row in block["rows"]]
    if document["head"] != previous:
        wrong.append("文件所载链头与最后一块不符")
    if printed and printed not in {FIRST, *(block["head"] for block in document["blocks"])}:
        wrong.append("印发的链头不在本文件的链上：链被整体改写过，或文件早于印发日期")
    return wrong + _balances(rows) + _years(document, rows)


def _balances(rows: list) -> list:
    wrong = []
    last: dict = {}
    for row in rows:
        version, balance = last.get(row["fund"], (0, 0))
        now = cents(row["balance"])
        if row["version"] != version + 1 or now != balance + cents(row["amount"]) or now < 0:
            wrong.append(f"资金 {row['fund']} 第 {row['version']} 笔的余额不符")
        last[row["fund"]] = (row["version"], now)
    return wrong


def _years(document: dict, rows: list) -> list:
    wrong = []
    sums: dict = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums[row["effective_on"][:4]][row["kind"]] += cents(row["amount"])
    stated = {str(year["year"]): year for year in document["years"]}
    for year in sorted(sums.keys() | stated.keys()):
        told, kinds = stated.get(year), sums[year]
        if told is None or {kind: cents(text) for kind, text in told["kinds"].items()} != dict(kinds):
            wrong.append(f"{year} 年的收支合计与流水不符")
            continue
        paid = sum(cents(cell["amount"]) for cell in told["payments"])
        if paid != -(kinds["payment"] + kinds["return"]):
            wrong.append(f"{year} 年按项目和乡镇的发放合计与流水不符")
        until = sum(sum(sums[each].values()) for each in sums if each <= year)
        if cents(told["balance"]) != until:
            wrong.append(f"{year} 年末结余与流水不符")
    return wrong


def say(words: str) -> None:
    """A line for who runs it."""
    sys.stdout.write(f"{words}\n")


def main(arguments: list) -> int:
    """0 where all agrees."""
    if not 1 <= len(arguments) <= 2:
        say(__doc__)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        document = json.load(file)
    wrong = check(document, arguments[1].strip().lower() if len(arguments) == 2 else "")
    for words in wrong:
        say(f"不符：{words}")
    if wrong:
        return 1
    rows = sum(len(block["rows"]) for block in document["blocks"])
    say(f"相符：{len(document['blocks'])} 块 {rows} 笔流水、各年收支和结余逐分核对无误。链头 {document['head']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
