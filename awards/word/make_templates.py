"""Makes the Word templates beside it anew: python awards/word/make_templates.py (overwrites them).

The portal reads the .docx files only. An office that wants other words or another letterhead changes those in Word;
this script says in text what they were, for whoever compares.

Page, type and lines follow GB/T 9704-2012: A4 with 37 mm above and 28 mm at the left, a type area of 156 × 225 mm,
22 lines a page, 28 characters a line (5.2), 仿宋 of 16 pt, titles 小标宋 of 22 pt, page numbers outside (7.5).
"""

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

HERE = Path(__file__).parent
CHAR, LINE = 156 / 28, 225 / 22  # millimetres
FANGSONG, HEITI, XIAOBIAOSONG, SONGTI = "仿宋", "黑体", "方正小标宋简体", "宋体"
CENTER, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
FULL = WD_ALIGN_PARAGRAPH.JUSTIFY
# What stands behind w:spacing in w:rPr, and behind w:pBdr in w:pPr: Word asks for the order of the schema.
AFTER_SPACING = tuple(f"w:{name}" for name in ("w", "kern", "position", "sz", "szCs", "highlight", "u", "lang"))
AFTER_BORDER = tuple(f"w:{name}" for name in ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl"))
NOMINEES = (("序号", 14), ("姓名（名称）", 34), ("工作单位和职务（岗位）", 60), ("推荐工会", 48))
ROW = ("{{ row.number }}", "{{ row.name }}", "{{ row.position }}", "{{ row.union }}")


def element(parent: Any, name: str, **attributes: str) -> Any:
    """A new element below `parent`."""
    one = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        one.set(qn(f"w:{key}"), value)
    parent.append(one)
    return one


def font(style: Any, name: str, points: float, *, color: str = "000000") -> None:
    """Chinese type of `name`, Latin type Times New Roman."""
    style.font.name, style.font.size, style.font.bold = "Times New Roman", Pt(points), False
    style.font.color.rgb = RGBColor.from_string(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        if "Theme" in key:
            del fonts.attrib[key]
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:hint"), "eastAsia")  # quotation marks are Chinese ones


def style(document: Any, name: str, type_: str = FANGSONG, points: float = 16, **said: Any) -> Any:
    """The paragraph style `name`, made when it isn't there. before and after in lines, indent in characters."""
    names = {one.name for one in document.styles}
    one = document.styles[name] if name in names else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    font(one, type_, points, color=said.get("color", "000000"))
    form = one.paragraph_format
    form.alignment = said.get("align", LEFT)
    form.space_before, form.space_after = Mm(said.get("before", 0) * LINE), Mm(said.get("after", 0) * LINE)
    form.first_line_indent = Mm(said.get("indent", 0) * CHAR)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Mm(said.get("line", LINE))
    form.keep_with_next, form.page_break_before = said.get("keep", False), said.get("new_page", False)
    form.widow_control = False
    for border in one.element.pPr.findall(qn("w:pBdr")):
        one.element.pPr.remove(border)
    return one


def page_number(footer: Any, align: Any) -> None:
    """— 1 — in 宋体 of 14 pt, one character from the outer edge."""
    paragraph = footer.paragraphs[0]
    paragraph.style, paragraph.alignment = "Footer", align
    setattr(paragraph.paragraph_format, "right_indent" if align == RIGHT else "left_indent", Mm(CHAR))
    run = paragraph.add_run("— ")
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            element(run._r, "fldChar", fldCharType=kind)
        else:
            element(run._r, "instrText").text = text
    paragraph.add_run(" —")


def official() -> Any:
    """An empty document laid out as official papers are."""
    document = Document()
    document.core_properties.author = document.core_properties.comments = document.core_properties.title = ""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.bottom_margin, section.right_margin = Mm(297 - 37 - 225), Mm(210 - 28 - 156)
    section.footer_distance = Mm(297 - 37 - 225 - 7 - 5)
    document.settings.odd_and_even_pages_header_footer = True
    normal = style(document, "Normal", align=FULL, indent=2).element.get_or_add_rPr()
    # 28 characters of 16 pt are 2 mm wider than a line: each gives a little.
    normal.insert_element_before(element(normal, "spacing", val="-5"), *AFTER_SPACING)
    style(document, "Title", XIAOBIAOSONG, 22, align=CENTER, before=1, after=1, line=12)
    style(document, "Heading 1", HEITI, indent=2, before=0.3, after=0.2, keep=True)
    style(document, "发文机关标志", XIAOBIAOSONG, 36, align=CENTER, before=2.4, line=18, color="C00000")
    number = style(document, "发文字号", align=CENTER, before=1.5, after=1)
    number.paragraph_format.tab_stops.add_tab_stop(Mm(19 * CHAR))
    border = element(number.element.pPr, "pBdr")
    element(border, "bottom", val="single", sz="16", space="11", color="C00000")
    number.element.pPr.insert_element_before(border, *AFTER_BORDER)
    style(document, "主送机关")
    style(document, "附件说明", indent=2, before=1, keep=True)
    style(document, "附件", HEITI, new_page=True)
    style(document, "表格", points=14, line=7, before=0.1, after=0.1)
    sign = style(document, "落款", before=0)
    # The name stands centred above the date, the date four characters from the right edge (7.3.5.1).
    sign.paragraph_format.tab_stops.add_tab_stop(Mm(20.5 * CHAR), WD_TAB_ALIGNMENT.CENTER)
    style(document, "Footer", SONGTI, 14)
    page_number(section.footer, RIGHT)
    page_number(section.even_page_footer, LEFT)
    return document


def table(document: Any, columns: Any, cells: Any, loop: str) -> None:
    """A table with a heading on every page and a row for each turn of `loop`."""
    grid = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    texts = ([title for title, _ in columns], [f"{{%tr for {loop} %}}"], cells, ["{%tr endfor %}"])
    for column, (_, width) in zip(grid.columns, columns, strict=True):
        column.width = Mm(width)
    for row, said in zip(grid.rows, texts, strict=True):
        element(row._tr.get_or_add_trPr(), "cantSplit")
        for number, (cell, (_, width)) in enumerate(zip(row.cells, columns, strict=True)):
            cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            paragraph.style = "表格"
            paragraph.add_run(said[number] if number < len(said) else "").bold = said is texts[0] or None
            if said is texts[0] or width < 20:
                paragraph.alignment = CENTER
    element(grid.rows[0]._tr.get_or_add_trPr(), "tblHeader")


def lines(document: Any, *said: str | tuple[str, str]) -> None:
    """Paragraphs: (style, text), or a text of the body."""
    for one in said:
        name, text = one if isinstance(one, tuple) else ("Normal", one)
        document.add_paragraph(text, style=name)


def optional(document: Any, heading: str, rows: str, nothing: str, columns: Any, cells: Any) -> None:
    """A heading with a table of `rows`, or with what is said when there are none."""
    lines(document, ("Heading 1", heading), f"{{%p if {rows} %}}")
    table(document, columns, cells, f"row in {rows}")
    lines(document, "{%p else %}", nothing, "{%p endif %}")


def groups(document: Any) -> None:
    """Nominees, a table for each title."""
    lines(
        document,
        "{%p for group in groups %}",
        ("Heading 1", "{{ group.numeral }}、{{ group.title }}（{{ group.count }}）"),
    )
    table(document, NOMINEES, ROW, "row in group.rows")
    lines(document, "{%p endfor %}")


def signature(document: Any) -> None:
    """Who signs, and when; never alone on a page (7.3.5)."""
    for paragraph in document.paragraphs[-2:]:
        paragraph.paragraph_format.keep_with_next = paragraph.paragraph_format.keep_together = True
    name = document.add_paragraph("\t{{ federation }}", style="落款").paragraph_format
    name.space_before, name.keep_with_next = Mm(2 * LINE), True
    document.add_paragraph("\t{{ date }}", style="落款")


def notice() -> Any:
    """公示."""
    document = official()
    lines(
        document,
        ("Title", "{{ federation }}\n关于{{ titles }}推荐对象的公示"),
        "{{ basis }}，经工会申报推荐、{{ federation }}审核，现将下列推荐对象予以公示，接受职工群众监督。",
    )
    groups(document)
    lines(
        document,
        "公示时间：{{ period }}，共{{ days }}个工作日（开始当天不计算在内）。公示期的规定：{{ rule }}。",
        "公示期间，对公示对象有异议的，请向{{ federation }}反映。受理方式：{{ contact }}",
    )
    signature(document)
    return document


def _sent(title: str, to: str, body: tuple[str, ...], appendix: str, number: str = "{{ number }}") -> Any:
    document = official()
    lines(
        document,
        ("发文机关标志", "{{ federation }}文件"),
        ("发文字号", number),
        ("Title", title),
        ("主送机关", to),
        "{{ basis }}，经工会申报推荐、{{ federation }}审核，并于{{ periods }}公示，{{ objections }}。" + body[0],
        *body[1:],
        ("附件说明", f"附件：{appendix}"),
    )
    if "\t" in number:  # number and signer stand at the two sides, a character from the edges
        document.paragraphs[1].paragraph_format.alignment = LEFT
        document.paragraphs[1].paragraph_format.first_line_indent = Mm(CHAR)
    signature(document)
    lines(document, ("附件", "附件"), ("Title", appendix))
    groups(document)
    return document


def decision() -> Any:
    """决定: titles of the county."""
    return _sent(
        "{{ federation }}\n关于授予{{ titles }}称号的决定",
        "全县各级工会：",
        (
            "现决定：",
            "{%p for group in groups %}",
            "授予{{ group.whom }}“{{ group.title }}”称号{% if loop.last %}。{% else %}；{% endif %}",
            "{%p endfor %}",
            "希望受到表彰的集体和个人珍惜荣誉，再接再厉。全县各级工会和广大职工要以先进为榜样，立足岗位，干在实处。",
        ),
        "授予荣誉称号名单",
    )


def report() -> Any:
    """报告: titles above the county, for which it only recommends."""
    return _sent(
        "{{ federation }}\n关于{{ titles }}推荐对象的报告",
        "{{ superior }}：",
        (
            "现推荐：",
            "{%p for group in groups %}",
            "{{ group.whom }}为“{{ group.title }}”推荐对象{% if loop.last %}。{% else %}；{% endif %}",
            "{%p endfor %}",
            "特此报告。",
        ),
        "推荐名单",
        # Papers to a superior name who signed them, beside the number (7.2.6): the office fills it in.
        "{{ number }}\t签发人：",
    )


def dossier() -> Any:
    """申报材料 of one nominee."""
    document = official()
    lines(document, ("Title", "{{ honour }}推荐材料"))
    table(document, (("项目", 44), ("内容", 112)), ("{{ fact.label }}", "{{ fact.text }}"), "fact in facts")
    lines(document, ("Heading 1", "一、事迹简介"), "{{ introduction }}", ("Heading 1", "二、事迹材料"))
    lines(document, "{%p for line in deeds %}", "{{ line }}", "{%p endfor %}")
    lines(document, ("Heading 1", "三、已获荣誉"), "{%p for line in held %}", "{{ line }}", "{%p endfor %}")
    optional(
        document, "四、材料清单", "papers", "这次评选没有要求材料。",
        (("序号", 14), ("材料", 80), ("份数", 18), ("备齐", 18), ("扫描件", 26)),
        ("{{ loop.index }}", "{{ row.title }}", "{{ row.copies }}", "{{ row.tick }}", "{{ row.scan }}"),
    )  # fmt: skip
    optional(
        document, "五、否决情形", "vetoes", "这次评选没有设否决情形。", (("情形", 80), ("有无", 22), ("说明", 54)),
        ("{{ row.title }}", "{{ row.answer }}", "{{ row.note }}"),
    )  # fmt: skip
    lines(document, "{%p if shows_opinions %}")
    optional(
        document, "六、部门意见", "opinions", "该类对象不需征求部门意见。",
        (("部门", 42), ("意见", 26), ("答复日期", 42), ("说明", 46)),
        ("{{ row.department }}", "{{ row.verdict }}", "{{ row.on }}", "{{ row.note }}"),
    )  # fmt: skip
    lines(document, "{%p endif %}")
    return document


if __name__ == "__main__":
    for make in (notice, decision, report, dossier):
        make().save(HERE / f"{make.__name__}.docx")
