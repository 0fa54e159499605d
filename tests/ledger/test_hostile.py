"""Broken and hostile files: refused in a clerk's words, nothing written, no limit passed.

Every file is built here, part by part (tests/ledger/odd.py).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from openpyxl import Workbook

from members.models import Union
from pingtang_union.files import limited
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import BatchState, ImportBatch, ImportChunk
from pingtang_union.ledger.reading.file import parse
from tests.factories import UnionFactory
from tests.ledger import dress, odd
from tests.ledger.brought import checked, counts

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FAR_CELL = (
    '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
    '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
)


def _ole(stream: str) -> bytes:
    return OLE + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


def _wide(columns: int) -> bytes:
    book = Workbook()
    for at in range(5):
        book.active.append([f"列{column}" if at == 0 else "x" for column in range(columns)])
    return odd.saved(book)


def _far_xlsb() -> bytes:
    return odd.xlsb(odd.cells_of(odd.GRID) | {(1_048_575, 16_383): "x"})


def _far_ods() -> bytes:
    return odd.ods([*map(odd.ods_row, odd.GRID), odd.FAR_ROWS, FAR_CELL])


def _repeated_ods() -> bytes:
    repeated = odd.ods_row(odd.ROW, ' table:number-rows-repeated="1048000"')
    return odd.ods([*map(odd.ods_row, odd.GRID), repeated])


def _far_xlsx() -> bytes:
    book = odd.opened()
    book.active["XFD1048576"] = " "
    return odd.saved(book)


def _same_text_everywhere() -> bytes:
    """Half a million cells that all mean one text of 30,000 letters: 15,000 MB, were each read into a copy."""
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%b</t></si></sst>'
    rows = b"".join(
        b'<row r="%d">%b</row>' % (row, b"".join(b'<c r="%c%d" t="s"><v>0</v></c>' % (at, row) for at in b"ABCDE"))
        for row in range(6, 100_000)
    )
    return odd.rebuilt(odd.with_rows(rows), {}, {"xl/sharedStrings.xml": text % (b"x" * 30_000)})


def _nested() -> bytes:
    """XML a hundred thousand levels deep."""
    return odd.with_rows(b'<row r="9"><c r="A9" t="inlineStr"><is>' + b"<t>" * 100_000 + b"</is></c></row>")


def _many_parts() -> bytes:
    return odd.rebuilt(odd.roster(), {}, {f"xl/media/{at}.xml": b"" for at in range(6000)})


def _locked_zip() -> bytes:
    content = bytearray(odd.roster())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def _loop() -> bytes:
    """An .xls whose table of sectors leads in a circle."""
    content = bytearray(odd.xls(odd.xls_book()[0]))
    table = 512 * (1 + int.from_bytes(content[76:80], "little"))
    for at in range(table, table + 512, 4):
        content[at : at + 4] = b"\0\0\0\0"
    return bytes(content)


LOCKED_ODS = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'

# what it is: (name, file, words of the refusal)
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": (odd.NAME, lambda: b"", "是空文件"),
    "cut short": (odd.NAME, lambda: odd.roster()[:-200], "不完整或已损坏"),
    "half": (odd.NAME, lambda: odd.roster()[: len(odd.roster()) // 2], "不完整或已损坏"),
    "nothing but the first letters": (odd.NAME, lambda: b"PK\x03\x04", "不完整或已损坏"),
    "zip bomb": (odd.NAME, lambda: odd.bomb(450), "大得异常"),
    "zip bomb below what an archive may claim": (odd.NAME, lambda: odd.bomb(350, has_small_texts=True), "大得异常"),
    "zip bomb that lies of its size": (odd.NAME, lambda: odd.bomb(450, is_lying=True), "不完整或已损坏"),
    "zip of very many parts": (odd.NAME, _many_parts, "大得异常"),
    "zip of zips": (odd.NAME, lambda: odd.zipped([("a.zip", odd.bomb(50)), ("b.xlsx", odd.roster())]), "是压缩包"),
    "one text in half a million cells": (odd.NAME, _same_text_everywhere, "大得异常"),
    "entities in the sheet": (odd.NAME, lambda: odd.with_entities(odd.roster(), odd.SHEET), "可能有害"),
    "entities in the texts": (odd.NAME, lambda: odd.with_entities(odd.roster(), "xl/sharedStrings.xml"), "可能有害"),
    "entities in the workbook": (odd.NAME, lambda: odd.with_entities(odd.roster(), "xl/workbook.xml"), "可能有害"),
    "entities in .ods": ("a.ods", lambda: odd.with_entities(odd.ods_roster(), "content.xml"), "可能有害"),
    "XML in two bytes a letter": (
        odd.NAME,
        lambda: odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: part.decode().encode("utf-16")}),
        "可能有害",
    ),
    "XML that is none": (
        odd.NAME,
        lambda: odd.rebuilt(odd.roster(), {odd.SHEET: lambda part: part[: len(part) // 2]}),
        "不完整或已损坏",
    ),
    "deep XML": (odd.NAME, _nested, "不完整或已损坏"),
    "far cell": (odd.NAME, _far_xlsx, "大得异常"),
    "far cell in .ods": ("a.ods", _far_ods, "损坏"),
    "far cell in .xlsb": ("a.xlsb", _far_xlsb, "大得异常"),
    "a row a million times in .ods": ("a.ods", _repeated_ods, "大得异常"),
    "10,000 columns": (odd.NAME, lambda: _wide(10_000), "台账最多 150 列"),
    "locked": (odd.NAME, lambda: _ole("EncryptedPackage"), "请先在表格软件里取消密码"),
    "locked .xls": ("a.xls", lambda: odd.xls(odd.xls_book()[0], odd.locked), "请先在表格软件里取消密码"),
    "locked .ods": ("a.ods", lambda: odd.ods([odd.ods_row(["x"])], manifest=LOCKED_ODS), "请先在表格软件里取消密码"),
    "locked archive": (odd.NAME, _locked_zip, "请先在表格软件里取消密码"),
    "broken .xls": ("a.xls", lambda: OLE + b"\1" * 5000, "不完整或已损坏"),
    "web page named .xls": ("a.xls", lambda: b"\r\n <html><table><tr><td>x</td></tr></table></html>", "其实是网页"),
    "tabbed text named .xls": ("a.xls", lambda: dress.csv_bytes(odd.GRID, "gbk", "\t"), "不是表格文件"),
    "Word": (odd.NAME, lambda: odd.zipped([("word/document.xml", b"<x/>")]), "是 Word 文档"),
    "old Word, or .wps": ("a.wps", lambda: _ole("WordDocument"), "是 Word 文档"),
    "slides": (odd.NAME, lambda: odd.zipped([("ppt/presentation.xml", b"<x/>")]), "是演示文稿"),
    "PDF": (odd.NAME, lambda: b"%PDF-1.4 ...", "是 PDF 文件"),
    "picture": (odd.NAME, lambda: b"\x89PNG\r\n\x1a\n...", "是图片"),
    "photograph named .csv": ("a.csv", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF", "是图片"),
    "RAR": (odd.NAME, lambda: b"Rar!\x1a\x07", "是压缩包"),
    "nonsense": (odd.NAME, lambda: b"hello", "不是表格文件"),
    "header without rows": (odd.NAME, lambda: dress.xlsx({"会员花名册": odd.GRID[:3]}), "只有表头"),
    "header without rows as text": ("a.csv", lambda: dress.csv_bytes([odd.HEADERS]), "只有表头"),
    "blank sheet": (odd.NAME, lambda: odd.saved(Workbook()), "看不出是哪种台账"),
    "1,001 sheets": (odd.NAME, lambda: dress.xlsx({f"s{at}": [] for at in range(1001)}), "有 1001 个工作表"),
    "Chinese without a known encoding": ("a.csv", lambda: b"\xff\xfe\x00\xd8\x00\xd8", "文字编码无法识别"),
    "an odd error value": (
        odd.NAME,
        lambda: odd.with_cell("E4", b'<c r="E4" t="e"><v>#SPILL!</v></c>'),
        "公式错误（#SPILL!）",
    ),
}


@pytest.fixture
def power(db) -> Union:
    return UnionFactory(name=odd.UNION, category="enterprise")


# --- Refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(what, county_clerk, power):
    name, build, said = REFUSED[what]
    before = counts()
    batch = checked(county_clerk, build(), name)
    assert batch.state == BatchState.UNREADABLE, batch.error
    assert said in batch.error
    assert batch.error.startswith(f"「{name}」")
    assert batch.error.endswith("。")
    assert counts() == before
    assert not ImportChunk.objects.exists()


@pytest.mark.parametrize("what", [what for what in REFUSED if what not in ("1,001 sheets", "zip of very many parts")])
def test_the_page_says_so_too(what, county_clerk, power, signed_in, settings):
    settings.LEDGER_INLINE_BYTES = 10**9
    name, build, said = REFUSED[what]
    client = signed_in(county_clerk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(build())
        with path.open("rb") as file:
            response = client.post(reverse("ledger_bring"), {"files": file})
    for batch in ImportBatch.objects.filter(state=BatchState.QUEUED):  # what unpacks to much was left to the worker
        assert DBTaskResult.objects.count() == 1
        steps.check(batch.pk)
    page = client.get(response.url)
    assert (response.status_code, page.status_code) == (302, 200)
    assert said in page.content.decode()


def test_many_bad_sheets_are_not_told_one_by_one():
    parsed = parse(odd.NAME, dress.xlsx({f"表{at}": [["a", "b", "c"]] for at in range(60)}))
    assert parsed.error.count("看不出是哪种台账。") + parsed.error.count("看不出是哪种台账：") == 6
    assert "另有 55 个工作表" in parsed.error
    assert len(parsed.notes) == 21


# --- Limits --------------------------------------------------------------------------------

_MEASURE = """
import json, os, resource, sys, time
import django
django.setup()
from pingtang_union.ledger.reading.file import parse
from pingtang_union.ledger.reading.rows import read_rows
content = open(sys.argv[1], "rb").read()
began = time.monotonic()
parsed = parse(sys.argv[2], content)
rows = sum(len(read_rows(table)) for table in parsed.tables)
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
peak = [int(own) / 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]
print(json.dumps({"seconds": time.monotonic() - began, "megabytes": peak, "rows": rows, "error": parsed.error}))
"""


def measured(content: bytes, name: str) -> dict[str, object]:
    """Seconds and peak megabytes (this process, the one that reads) that a file takes in a fresh process."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        told = subprocess.run(
            [sys.executable, "-c", _MEASURE, file.name, name],
            env=environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(told.stdout)


def _full(rows: int, columns: int) -> bytes:
    """A text table of ledger-like rows, all different."""
    lines = [",".join([*odd.HEADERS, *[f"列{at}" for at in range(columns - 5)]])]
    lines += [",".join([*odd.ROW, *[f"{row}-{at}" for at in range(columns - 5)]]) for row in range(rows)]
    return "\r\n".join(lines).encode()


WORST: dict[str, tuple[str, Callable[[], bytes], int]] = {  # seconds, generous: other work may go on
    "zip bomb": (odd.NAME, lambda: odd.bomb(390), 20),
    "zip bomb of small texts": (odd.NAME, lambda: odd.bomb(350, has_small_texts=True), 30),
    "entity bomb": ("a.ods", lambda: odd.with_entities(odd.ods_roster(), "content.xml"), 10),
    "one text everywhere": (odd.NAME, _same_text_everywhere, 30),
    "a million blank rows": (odd.NAME, odd.million_blank_rows, 30),
    "10,000 columns": (odd.NAME, lambda: _wide(10_000), 15),
    "far cell in .ods": ("a.ods", _far_ods, 10),
    "far cell in .xlsb": ("a.xlsb", _far_xlsb, 10),
    "a row a million times": ("a.ods", _repeated_ods, 20),
    "circle of sectors": ("a.xls", _loop, 10),
    "a header of 150 texts forty times": (
        odd.NAME,
        lambda: dress.xlsx({"s": [[f"姓{at}{column}" for column in range(150)] for at in range(45)]}),
        20,
    ),
    "48 MB of text": ("a.csv", lambda: _full(400_000, 15)[: 48 * 1024 * 1024], 60),
    "as many rows as are read": ("a.csv", lambda: _full(104_000, 20), 60),
    "48 MB of commas": ("a.csv", lambda: b"\xe5\xa7\x93," * (12 * 1024 * 1024), 60),
}


@pytest.mark.parametrize("what", WORST)
def test_the_worst_stays_within_memory_and_time(what):
    name, build, seconds = WORST[what]
    told = measured(build(), name)
    assert max(told["megabytes"]) < 512
    assert told["seconds"] < seconds


def _many_rows() -> bytes:
    return odd.ods([*map(odd.ods_row, odd.GRID), odd.ods_row(odd.ROW, ' table:number-rows-repeated="30000"')])


@pytest.mark.parametrize("build", [lambda: odd.bomb(100), _many_rows])
def test_what_holds_much_is_left_to_the_worker(build, county_clerk, power, signed_in, settings):
    content = build()
    assert len(content) < settings.LEDGER_INLINE_BYTES
    client = signed_in(county_clerk)
    response = client.post(reverse("ledger_bring"), {"files": SimpleUploadedFile(odd.NAME, content)})
    batch = ImportBatch.objects.get()
    assert batch.state == BatchState.QUEUED
    assert "排队等候检查" in client.get(response.url).content.decode()
    assert DBTaskResult.objects.count() == 1
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert batch.state in (BatchState.READY, BatchState.UNREADABLE)


def test_who_finds_no_place_is_told_that_the_ledger_waits(county_clerk, power, signed_in, monkeypatch):
    def run(*args, **options):
        raise limited.Busy

    monkeypatch.setattr(limited, "run", run)
    client = signed_in(county_clerk)
    response = client.post(reverse("ledger_bring"), {"files": SimpleUploadedFile(odd.NAME, odd.roster())})
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.attempts, DBTaskResult.objects.count()) == (BatchState.QUEUED, 0, 1)
    assert "排队等候检查" in client.get(response.url).content.decode()


# --- Sent through the page -----------------------------------------------------------------


def _page_after(client, response) -> str:
    assert response.status_code == 302
    page = client.get(response.url)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("names", [["big.xlsx"], ["big.xlsx", "会员花名册.xlsx"]])
def test_a_file_beyond_the_limit_is_named_and_kept_nowhere(names, county_clerk, power, signed_in, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = signed_in(county_clerk)
    contents = {"big.xlsx": b"PK\x03\x04" + b"\0" * (60 * 1024 * 1024), "会员花名册.xlsx": odd.roster()}
    with tempfile.TemporaryDirectory() as folder:
        opened = []
        for name in names:
            path = Path(folder) / name
            path.write_bytes(contents[name])
            opened.append(path.open("rb"))
        response = client.post(reverse("ledger_bring"), {"files": opened})
        for file in opened:
            file.close()
    assert "「big.xlsx」文件有 60 MB，最大 50 MB" in _page_after(client, response)
    assert list(ImportBatch.objects.values_list("file_name", flat=True)) == names[1:]


@pytest.mark.parametrize("data", [{}, {"files": ""}, {"other": "x"}])
def test_a_form_without_a_file_is_answered(data, county_clerk, signed_in):
    client = signed_in(county_clerk)
    assert "尚未选择文件" in _page_after(client, client.post(reverse("ledger_bring"), data))


def test_a_file_field_without_a_name_is_answered(county_clerk, signed_in):
    client = signed_in(county_clerk)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\nabc\r\n--x--\r\n'
    response = client.post(reverse("ledger_bring"), body, content_type="multipart/form-data; boundary=x")
    assert "尚未选择文件" in _page_after(client, response)


def test_a_whole_folder_is_answered_with_how_many_the_page_takes(county_clerk, signed_in):
    client = signed_in(county_clerk)
    part = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}.xlsx"\r\n\r\nabc\r\n'
    body = "".join(part.format(at) for at in range(506)) + "--x--\r\n"
    response = client.post(reverse("ledger_bring"), body.encode(), content_type="multipart/form-data; boundary=x")
    assert "这次选了 506 份" in _page_after(client, response)
