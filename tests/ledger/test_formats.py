"""Cells are read as the workbook shows and counts them: formats of dates and numbers, both systems of days, in every
kind of workbook."""

import io
import re
import struct
import zipfile
from datetime import UTC, date, datetime, time

import pytest
import time_machine
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.number import DateStyle, Day, Month, Number, NumberStyle, Text, Year
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style
from odf.table import CalculationSettings, NullDate, Table, TableCell, TableColumn, TableRow
from odf.text import P
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from pingtang_union.core.cleaning import CleanError, clean_partial_date, counting_days, digits, partial_date, phone
from pingtang_union.ledger.reading import formats, styles
from pingtang_union.ledger.reading.workbook import read_workbook
from tests.ledger import odd

MAY = date(2016, 5, 12)
SHIFT = 1462
MAY_NUMBER = 42502.0  # days from 1899-12-30
DAY_ZERO = date(1899, 12, 30)


def xlsx(*cells: tuple[object, str], is_1904: bool = False) -> bytes:
    """A workbook with these values and formats below each other."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    for row, (value, code) in enumerate(cells, start=1):
        cell = book.active.cell(row, 1, value)
        cell.number_format = code
    return odd.saved(book)


def xls(*cells: tuple[object, str], is_1904: bool = False) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = is_1904
    sheet = book.add_sheet("a")
    for row, (value, code) in enumerate(cells):
        style = xlwt.XFStyle()
        style.num_format_str = code
        sheet.write(row, 0, value, style)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xlsb(*cells: tuple[object, str], is_1904: bool = False) -> bytes:
    def number(value: object) -> object:
        shift = SHIFT if is_1904 else 0
        if isinstance(value, date):
            return float((value - DAY_ZERO).days - shift)
        return float(value) if isinstance(value, int) else value

    return odd.xlsb(
        {(row, 0): number(value) for row, (value, _code) in enumerate(cells)},
        codes={(row, 0): code for row, (_value, code) in enumerate(cells)},
        is_1904=is_1904,
    )


KINDS = [xlsx, xls, xlsb]


def shown(content: bytes) -> list[object]:
    """The first column as it is read."""
    [sheet] = read_workbook(content, "a.xlsx")
    return [row[0] if row else "" for row in sheet.rows]


# --- Dates ---------------------------------------------------------------------------------

DATES = [
    ('yyyy"年"m"月"', "2016-05"),
    ("mmm-yy", "2016-05"),
    ("mmmm yyyy", "2016-05"),
    ("yyyy/m", "2016-05"),
    ("yyyy.mm", "2016-05"),
    ("yyyy\\-mm", "2016-05"),
    ("yyyymm", "2016-05"),
    ('[$-804]yyyy"年"m"月";@', "2016-05"),
    ('[DBNum1][$-804]yyyy"年"m"月"', "2016-05"),
    ('[DBNum1][$-804]yyyy"年"m"月";@', "2016-05"),
    ('e"年"m"月"', "2016-05"),
    ('[Red]yyyy"年"m"月"', "2016-05"),
    ('"入会"yyyy\\.m', "2016-05"),
    ('yyyy"年"m"月";;', "2016-05"),
    ('[>=41000]yyyy"年"m"月";yyyy/m/d', "2016-05"),
    ('[<30000]yyyy/m/d;yyyy"年"m"月"', "2016-05"),
    ("yyyy", "2016"),
    ('yyyy"年"', "2016"),
    ("e", "2016"),
    ('[<30000]yyyy"年"m"月";yyyy/m/d', MAY),
    ("yyyy/m/d", MAY),
    ("yyyy/m/d;@", MAY),
    ("yy-m-d", MAY),
    ("d-mmm-yy", MAY),
    ("e-mm-dd", MAY),
    ('yyyy"年"m"月"d"日"', MAY),
    ('[DBNum1][$-804]yyyy"年"m"月"d"日"', MAY),
    ("[$-804]yyyy\\-mm\\-dd;@", MAY),
    ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", MAY),
    ("yyyy-mm-dd hh:mm:ss", MAY),
    ("mm/dd/yyyy h:mm AM/PM", MAY),
    ('m"月"d"日"', "5月12日"),
    ("d-mmm", "5月12日"),
    ("mm-dd", "5月12日"),
    ("mmm", "5月"),
    ("aaaa", "星期四"),
    ("dddd", "星期四"),
    ("h:mm", "0:00"),
    ('上午/下午h"时"mm"分"', "0:00"),
    ("mm:ss", "0:00:00"),
    ("General", MAY_NUMBER),
    ("@", MAY_NUMBER),
    ("0", MAY_NUMBER),
    ("0.00E+00", MAY_NUMBER),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_1904", [False, True])
def test_a_date_is_as_exact_as_its_format_shows_it(kind, is_1904):
    found = shown(kind(*((MAY, code) for code, _value in DATES), is_1904=is_1904))
    wanted = [value - SHIFT if is_1904 and isinstance(value, float) else value for _code, value in DATES]
    # Conditions compare the workbook's own numbers: in both systems this day lies between 30,000 and 43,000.
    assert dict(zip((code for code, _value in DATES), found, strict=True)) == dict(
        zip((code for code, _value in DATES), wanted, strict=True)
    )


@pytest.mark.parametrize(
    ("number", "value"),
    [
        *((number, "2016-05") for number in (17, 27, 36, 50, 52, 57)),
        *((number, "5月12日") for number in (16, 28, 29, 51, 53, 54, 58)),
        *((number, MAY) for number in (14, 15, 22, 30, 31)),
        *((number, "0:00") for number in (18, 20, 32, 34, 55)),
        *((number, "0:00:00") for number in (19, 21, 33, 35, 45, 47, 56)),
    ],
)
def test_formats_that_workbooks_name_by_number_are_those_of_a_chinese_program(number, value):
    content = xlsx((MAY_NUMBER, '"own"0'))

    def rename(part: bytes) -> bytes:
        return re.sub(rb'numFmtId="164"', b'numFmtId="%d"' % number, re.sub(rb"<numFmts.*</numFmts>", b"", part))

    assert shown(odd.rebuilt(content, {"xl/styles.xml": rename})) == [value]


@pytest.mark.parametrize("cell", ["5月12日", "5月", "12日", "星期四", "0:00"])
def test_a_date_without_its_year_is_refused(cell):
    with pytest.raises(CleanError):
        clean_partial_date(cell)


def test_what_is_shown_without_a_year_is_told_so():
    with pytest.raises(CleanError, match="没有年份"):
        clean_partial_date(shown(xlsx((MAY, 'm"月"d"日"')))[0])


def test_elapsed_time_is_no_date():
    assert shown(xlsx((1.5, "[h]:mm"), (MAY_NUMBER, "[h]:mm:ss"))) == ["36:00", "1020048:00"]
    with pytest.raises(CleanError):
        clean_partial_date("1020048:00")


@pytest.mark.parametrize("kind", KINDS)
@time_machine.travel(datetime(2020, 4, 1, 12, tzinfo=UTC), tick=False)
def test_a_bare_number_counts_from_the_day_that_the_workbook_counts_from(kind):
    [sheet] = read_workbook(kind((41040.0, "General"), (date(2015, 6, 18), "yyyy/m/d"), is_1904=True), "a.xlsx")
    assert (sheet.day_shift, sheet.rows) == (SHIFT, [[41040.0], [date(2015, 6, 18)]])
    clean = counting_days(partial_date(), sheet.day_shift)
    bare = clean(41040.0)
    assert bare.value == "2016-05-12"
    assert "1904" in bare.warning
    assert clean("2018.03") == ("2018-03", "")
    assert clean(2018.03) == ("2018-03", "")
    [sheet] = read_workbook(kind((41040.0, "General")), "a.xlsx")
    assert counting_days(partial_date(), sheet.day_shift)(41040.0) == ("2012-05-11", "")


PRECISIONS = {
    "day": ["yyyy/m/d", '[$-804]yyyy"年"m"月"d"日";@', "yy-mm-dd", "d-mmm-yy"],
    "month": ['yyyy"年"m"月"', "mmm-yy", "yyyy.mm", '[DBNum1][$-804]yyyy"年"m"月"'],
    "year": ["yyyy", 'yyyy"年"', "e"],
}
LENGTHS = {"day": 10, "month": 7, "year": 4}


@given(
    days=st.lists(st.dates(date(1930, 1, 1), date(2025, 12, 31)), min_size=11, max_size=11),
    is_1904=st.booleans(),
    kind=st.sampled_from(KINDS),
)
@settings(max_examples=25, deadline=None)
def test_any_date_is_read_with_the_precision_that_its_format_shows(days, is_1904, kind):
    codes = [(precision, code) for precision, known in PRECISIONS.items() for code in known]
    content = kind(*((day, code) for day, (_precision, code) in zip(days, codes, strict=True)), is_1904=is_1904)
    read = [clean_partial_date(cell).value for cell in shown(content)]
    assert read == [day.isoformat()[: LENGTHS[precision]] for day, (precision, _code) in zip(days, codes, strict=True)]


# --- Numbers -------------------------------------------------------------------------------

NUMBERS = [
    ("0000000000", 12345, "0000012345"),
    ("000-00000", 12345, "000-12345"),
    ("0000-0000000", 8544820001, "0854-4820001"),
    ("000 0000 0000", 19000000021, "190 0000 0021"),
    ('"0"#', 8544820001, "08544820001"),
    ("\\0#", 8544820001, "08544820001"),
    ('"0"General', 854, "0854"),
    ('"GH"00000', 12, "GH00012"),
    ('"GH"0', 12, "GH12"),
    ("[Red]000000", 77, "000077"),
    ("000000;[Red]-000000", 77, "000077"),
    ("000000;-000000;0;@", 77, "000077"),
    ("000000_ ", 77, "000077"),
    ("[<100]0000;00", 77, "0077"),
    ("[<100]00;0000", 177, "0177"),
    ('0000"年"00"月"', 201605, "2016年05月"),
    ("0000-00-00", 20160512, "2016-05-12"),
    ('"第"000"号"', 7, "第007号"),
    ("00.00", 5.5, "05.50"),
    ("0.00", 2018.1, "2018.10"),
    ("0.00_ ", 2018.1, "2018.10"),
    ("0.00", 2018.1 - 2.3e-13, "2018.10"),
    ("0000\\.00", 201510, "2015.10"),
    ("0.00_);[Red]\\(0.00\\)", 2018.1, "2018.10"),
    ('[=1]"男";[=2]"女"', 2, "女"),
    ("0000", 0, "0000"),
    ("00,000", 123, "00,123"),
    ('"GH"@', 12, "GH12"),
    # Values that count stay what they are.
    ("0000000000", 1234567890, 1234567890.0),
    ("0000", 12.5, 12.5),
    ("0000", -5, -5.0),
    ("000000000000000000", 522730198110089000, float(522730198110089000)),
    ("0", 12, 12.0),
    ("#", 12, 12.0),
    ("0.00", 12.3, 12.3),
    ("0.00", 2018.2, 2018.2),
    ("0.0", 2018.1, 2018.1),
    ("0.000", 2018.1, 2018.1),
    ("0.00", 2018.104, 2018.104),
    ("#,##0", 1200, 1200.0),
    ("#,##0.00", 2018.1, 2018.1),
    ("0%", 0.5, 0.5),
    ("0.00%", 0.5, 0.5),
    ("00%", 0.05, 0.05),
    ('"¥"#,##0.00', 1200.5, 1200.5),
    ("[$¥-804]#,##0.00", 1200.5, 1200.5),
    ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', 0, 0.0),
    ('0"元"', 60, 60.0),
    ('0"人"', 12, 12.0),
    ('General"岁"', 45, 45.0),
    ("# ?/?", 0.5, 0.5),
    ("# ??/100", 0.25, 0.25),
    ("0.00E+00", 12345, 12345.0),
    ("##0.0E+0", 12345, 12345.0),
    ('0;-0;"-"', 0, 0.0),
    ('0;-0;"无"', 0, 0.0),
    (";;;", 12, 12.0),
    ("0,", 12000, 12000.0),
    ("00,", 12000, 12000.0),
    ("00,000", 12345, 12345.0),
]


@pytest.mark.parametrize("kind", KINDS)
def test_noughts_and_parts_that_only_the_format_shows_are_read_and_amounts_keep_their_value(kind):
    found = shown(kind(*((float(value), code) for code, value, _shown in NUMBERS)))
    cases = [(code, value) for code, value, _shown in NUMBERS]
    wanted = [value for _code, _number, value in NUMBERS]
    assert dict(zip(cases, found, strict=True)) == dict(zip(cases, wanted, strict=True))


def test_a_landline_without_its_nought_is_told_so():
    for cell in (8544820002.0, "8544820002", 1066778899.0, "854-4820002"):
        with pytest.raises(CleanError, match="开头的 0"):
            phone(cell)
    assert phone("0854-4820001").value == "0854-4820001"
    assert phone(19000000021.0).value == "19000000021"
    assert phone(4820001.0).value == "4820001"


def test_a_date_is_no_card_number():
    with pytest.raises(CleanError, match="是日期"):
        digits(MAY, "会员卡号")


# --- Where formats are kept ----------------------------------------------------------------


def _sheet(content: bytes, change) -> bytes:
    return odd.rebuilt(content, {"xl/worksheets/sheet1.xml": change})


MONTH = 'yyyy"年"m"月"'


@pytest.mark.parametrize(
    "change",
    [
        lambda part: re.sub(rb'(<c) r="A1" s="(\d+)"', rb'\1 s="\2" r="A1"', part),
        lambda part: re.sub(rb'r="A1" s="(\d+)"', rb"r='A1' s='\1'", part),
        lambda part: re.sub(rb' r="A1" s="(\d+)"', rb' s="\1"', part),  # cells that don't tell their place
        lambda part: re.sub(rb' r="1"', b"", re.sub(rb' r="A1" s="(\d+)"', rb' s="\1"', part)),
        lambda part: re.sub(rb"<(/?)(row|c|v|sheetData|worksheet)\b", rb"<\1x:\2", part).replace(
            b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x="
        ),
    ],
    ids=["order", "quotes", "no place", "no row", "prefix"],
)
def test_a_cells_format_is_found_however_it_is_written(change):
    content = xlsx((MAY, MONTH), (MAY, "yyyy/m/d"))
    assert shown(_sheet(content, change))[0] == "2016-05"


def test_the_format_of_cells_without_a_style_is_the_first():
    content = xlsx((MAY_NUMBER, "General"), (12.0, "General"))

    def restyle(part: bytes) -> bytes:
        own = b'<numFmts count="1"><numFmt numFmtId="170" formatCode="000-000"/></numFmts>'
        part = re.sub(rb"<numFmts[^>]*/>", b"", part)
        part = part.replace(b"<fonts", own + b"<fonts", 1)
        return re.sub(rb'(<cellXfs[^>]*><xf [^>]*?numFmtId=")0', rb"\g<1>170", part)

    assert shown(odd.rebuilt(content, {"xl/styles.xml": restyle})) == ["042-502", "000-012"]


def test_cells_far_from_the_corner_are_found():
    book = Workbook()
    cell = book.active.cell(7, 5, MAY)
    cell.number_format = MONTH
    [sheet] = read_workbook(odd.saved(book), "a.xlsx")
    assert sheet.rows[6][4] == "2016-05"


def test_every_sheet_has_its_own_cells():
    book = Workbook()
    for at, code in enumerate((MONTH, "yyyy", "yyyy/m/d")):
        sheet = book.active if not at else book.create_sheet()
        sheet.cell(1 + at, 1, MAY).number_format = code
    assert [sheet.rows[-1][0] for sheet in read_workbook(odd.saved(book), "a.xlsx")] == ["2016-05", "2016", MAY]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_numbers_beside_each_other_in_an_xls_have_each_their_format(at):
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for column in range(3):
        style = xlwt.XFStyle()
        style.num_format_str = "0000" if column == at else "General"
        sheet.write(0, column, 7, style)  # one record for all three
    buffer = io.BytesIO()
    book.save(buffer)
    [read] = read_workbook(buffer.getvalue(), "a.xls")
    assert read.rows == [["0007" if column == at else 7.0 for column in range(3)]]


@pytest.mark.parametrize(
    ("record", "is_wide"),
    [
        (bytes([13]) + MONTH.encode("gb18030"), False),  # of the nineties
        (struct.pack("<HB", 11, 1) + MONTH.encode("utf-16-le"), True),
    ],
)
def test_codes_of_old_workbooks_are_read_in_their_encoding(record, is_wide):
    assert styles._code(record, is_wide) == MONTH


def ods(*, is_1904: bool = False) -> bytes:
    """A date to the day, to the month and to the year, a card, a bare number; in the last row the column's style."""
    document = OpenDocumentSpreadsheet()
    day, month, year = DateStyle(name="N1"), DateStyle(name="N2"), DateStyle(name="N3")
    for style, parts in ((day, (Year, Month, Day)), (month, (Year, Month)), (year, (Year,))):
        for part in parts:
            style.addElement(part())
            style.addElement(Text(text="-"))
        document.automaticstyles.addElement(style)
    card = NumberStyle(name="N4")
    card.addElement(Number(minintegerdigits=10, decimalplaces=0))
    document.automaticstyles.addElement(card)
    for number in (1, 2, 3, 4):
        document.automaticstyles.addElement(Style(name=f"ce{number}", family="table-cell", datastylename=f"N{number}"))
    if is_1904:
        settings_ = CalculationSettings()
        settings_.addElement(NullDate(datevalue="1904-01-01"))
        document.spreadsheet.addElement(settings_)
    table = Table(name="a")
    table.addElement(TableColumn(defaultcellstylename="ce2"))
    for style in ("ce1", "ce2", "ce3"):
        row = TableRow()
        cell = TableCell(stylename=style, valuetype="date", datevalue="2016-05-12")
        cell.addElement(P(text="…"))
        row.addElement(cell)
        table.addElement(row)
    for more in ({"stylename": "ce4", "value": "12345"}, {"stylename": "ce1", "value": "41040"}):
        row = TableRow()
        cell = TableCell(valuetype="float", **more)
        cell.addElement(P(text="…"))
        row.addElement(cell)
        table.addElement(row)
    row = TableRow()
    cell = TableCell(valuetype="date", datevalue="2016-05-12")
    cell.addElement(P(text="…"))
    row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_ods_dates_and_numbers_are_read_as_shown():
    [sheet] = read_workbook(ods(), "a.ods")
    assert sheet.day_shift == 0
    assert [row[0] for row in sheet.rows] == [MAY, "2016-05", "2016", "0000012345", 41040.0, "2016-05"]
    [sheet] = read_workbook(ods(is_1904=True), "a.ods")
    assert sheet.day_shift == SHIFT


@pytest.mark.parametrize(
    "code",
    [
        "",
        '"',
        "\\",
        "[",
        "[<",
        '"年',
        "[<1]",
        "0" * 300,
        "y" * 200,
        ";" * 100,
        "[=1]0;[=2]0;[=3]0;0",
        "m",
        "[h",
        "E+",
        "_",
    ],
)
def test_codes_that_no_program_would_write_do_no_harm(code):
    known = formats.compiled(code)
    for cell in (0.0, 12.0, -1.0, 1e300, MAY, datetime(2016, 5, 12, 8), time(8), "x", True):  # noqa: DTZ001
        assert known is None or known(cell) is not None


def test_a_workbook_whose_styles_are_broken_is_read_by_its_values():
    content = xlsx((MAY, MONTH))
    assert shown(odd.rebuilt(content, {"xl/styles.xml": lambda part: part.replace(b"numFmtId", b"n")}))[0] in (
        MAY,
        MAY_NUMBER,
    )


def test_thousands_of_styles_take_no_time():
    own = b"".join(b'<numFmt numFmtId="%d" formatCode="yyyy&quot;%d&quot;"/>' % (200 + n, n) for n in range(2000))
    cells = b"".join(b'<xf numFmtId="%d"/>' % (200 + n % 2000) for n in range(60_000))
    content = odd.rebuilt(
        xlsx((MAY, MONTH)),
        {
            "xl/styles.xml": lambda part: re.sub(rb"<numFmts[^>]*>", rb"\g<0>" + own, part).replace(
                b"</cellXfs>", cells + b"</cellXfs>"
            )
        },
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.read("xl/styles.xml")) > 1_000_000
    assert shown(content) == ["2016-05"]
