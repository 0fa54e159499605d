"""The job that looks for what strangers mustn't read in all that a file says: hidden sheets, comments, headers,
alternative texts and properties too.

Runs in the limited child. What it says: "found" with [place, kind, number as it may be shown] for each number;
"unread" with a place for what no program reads (pictures, scanned pages, fonts without letters): a person looks at it.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject, TextStringObject
from python_calamine import CalamineWorkbook

from pingtang_union.core.cleaning import as_text
from pingtang_union.files.child import Refused, Say
from pingtang_union.files.privacy import findings

Look = Callable[[str, str], None]
Unread = Callable[[str], None]

_MOST_PAGES = 500
_DEEPEST = 8  # of what lies in one another: drawings of a page, fields of a form
_LEAST_READABLE = 0.5
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$", re.IGNORECASE)
_WORDLESS = re.compile(r"/$|^docProps/|/printerSettings/|\.odttf$", re.IGNORECASE)
_PARTS = (
    ("header", "页眉"), ("footer", "页脚"), ("footnotes", "脚注"), ("endnotes", "尾注"), ("comments", "批注"),
    ("docProps/", "文件属性"), ("word/document", "正文"), ("drawing", "图形"), ("xl/sharedStrings", "单元格"),
    ("xl/worksheets", "工作表"),
)  # fmt: skip
_RUNS = {"t", "delText", "instrText"}  # pieces of one text, however the program has cut it
_ENDS = {"p": "\n", "si": "\n", "tr": "\n", "tc": "\t", "br": "\n", "tab": " ", "cr": "\n"}
# Attributes that hold words or addresses.
_WORDS = {
    "descr",
    "title",
    "tooltip",
    "Target",
    "name",
    "alt",
    "display",
    "prompt",
    "promptTitle",
    "error",
    "errorTitle",
    "instr",
    "displayText",
    "displayName",
    "string",
    "author",
    "formatCode",
}
_OF_CELLS = frozenset(("v", "t", "is"))  # which `_cells` reads row by row


def job(content: bytes, told: Any, say: Say) -> None:
    """Say what is found in a PDF, picture, Word or Excel file, and which places can't be read. `told`: phones of the
    office, in digits."""

    def look(place: str, text: str) -> None:
        for finding in findings(text, told):
            say("found", [place, finding.kind, finding.shown])

    def unread(place: str) -> None:
        say("unread", place)

    if content[:5] == b"%PDF-":
        _pdf(content, look, unread)
    elif content[:4] == b"PK\x03\x04":
        _office(content, look, unread)
    elif content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n":
        unread("图片")
    else:
        raise Refused("无法检查里面的文字，请另存为 PDF、Word（.docx）或 Excel（.xlsx）再传。")


# --- Word, Excel ---------------------------------------------------------------------------


def _office(content: bytes, look: Look, unread: Unread) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        if "xl/workbook.xml" in names:
            _cells(content, look)
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                is_sheet = name.startswith("xl/worksheets/sheet")
                look(_part(name), _written(packed.read(name), _OF_CELLS if is_sheet else frozenset()))
            elif _PICTURE.search(name) and not name.startswith("docProps/"):  # there the first page, too small to read
                unread("里面的图片")
            elif not _WORDLESS.search(name):
                unread("嵌入的文件")


def _part(name: str) -> str:
    return next((words for begin, words in _PARTS if begin in name), "其他内容")


def _elements(xml: bytes) -> Iterator[tuple[str, Any]]:
    """Every element as it ends, with its name; nothing from outside is fetched or expanded."""
    events = etree.iterparse(io.BytesIO(xml), events=("end",), resolve_entities=False, no_network=True, recover=True)
    for _event, element in events:
        if isinstance(element.tag, str):
            yield etree.QName(element).localname, element
            element.clear(keep_tail=True)


def _written(xml: bytes, skipped: frozenset[str]) -> str:
    """What a part says, elements of these names apart: the pieces of a text together, a row of a table in one line."""
    said: list[str] = []
    aside: list[str] = []  # what attributes say: it stands beside the text, and parts none of its numbers
    row = 0  # where the row of a table that is being read began
    for name, element in _elements(xml):
        text = (element.text or "") if name not in skipped else ""
        if name in _RUNS:
            said.append(text)
        elif text.strip():
            said.append(f"\n{text}\n")
        elif name == "tr":
            said[row:] = ["".join(said[row:]).replace("\n", "\t"), "\n"]
        if name in _ENDS and name != "tr":
            said.append(_ENDS[name])
        if name in ("tr", "tbl", "trPr", "tblGrid", "tblPr"):
            row = len(said)
        aside += [value for key, value in element.attrib.items() if etree.QName(key).localname in _WORDS]
    return "；\n".join(["".join(said), *aside])


def _cells(content: bytes, look: Look) -> None:
    """Every row of every sheet in one line, hidden ones too: some write a digit into each cell."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(name).iter_rows(), 1):
            if line := "\t".join(as_text(cell) for cell in row).strip():
                look(f"工作表「{name}」第 {number} 行", line)
        look("工作表的名称", name)


# --- PDF -----------------------------------------------------------------------------------


def _pdf(content: bytes, look: Look, unread: Unread) -> None:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("加了密码，无法检查里面的文字，请去掉密码再传。")
    if len(reader.pages) > _MOST_PAGES:
        raise Refused(f"超过 {_MOST_PAGES} 页，请分成几份再传。")
    for number, page in enumerate(reader.pages, 1):
        place = f"第 {number} 页"
        text = page.extract_text()
        look(place, text)
        if not _is_readable(text) or _has_picture(page.get("/Resources"), page.get_contents()):
            unread(place)
        for note in page.get("/Annots") or ():
            note = note.get_object()
            act = note.get("/A")
            look(
                f"{place}的批注", "\n".join([*_strings(note), *_strings(act.get_object() if act is not None else None)])
            )
            if note.get("/Subtype") == "/Stamp":  # drawn: a person has to look
                unread(f"{place}的图章")
    for field in (reader.get_fields() or {}).values():
        look("表单", "\n".join(str(field.get(key) or "") for key in ("/V", "/DV", "/TU", "/T")))
    look("文件属性", "\n".join(map(str, (reader.metadata or {}).values())))
    if (meta := reader.root_object.get("/Metadata")) is not None:
        look("文件属性", meta.get_object().get_data().decode("utf-8", "replace"))
    look("书签", "\n".join(_titles(reader.outline)))


def _is_readable(text: str) -> bool:
    """Whether a page's text is one: scans have none, fonts that don't say their letters give signs without sense."""
    signs = [sign for sign in text if not sign.isspace()]
    senseless = sum(not sign.isprintable() or sign == "\ufffd" or "\ue000" <= sign <= "\uf8ff" for sign in signs)
    return (
        bool(signs) and senseless <= len(signs) * (1 - _LEAST_READABLE) and not re.search(r"(?:/[a-zA-Z]*\d+){4}", text)
    )


def _has_picture(resources: Any, contents: Any, depth: int = 0) -> bool:
    """Whether something is drawn from pixels on a page or in a drawing that it uses."""
    if contents is not None and re.search(rb"(?:^|\s)BI\s.*?\sID\s", contents.get_data(), re.DOTALL):
        return True
    resources = resources.get_object() if resources is not None else {}
    objects = resources.get("/XObject")
    for one in (objects.get_object() if objects is not None else {}).values():
        drawn = one.get_object()
        if not isinstance(drawn, StreamObject):
            continue
        if drawn.get("/Subtype") == "/Image" or depth >= _DEEPEST:
            return True
        if _has_picture(drawn.get("/Resources"), None, depth + 1):
            return True
    return False


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Texts in an object of the file, but not behind its references: these lead to every other one."""
    if isinstance(value, TextStringObject):
        yield str(value)
    elif depth < _DEEPEST and isinstance(value, DictionaryObject | ArrayObject):
        for one in value.values() if isinstance(value, DictionaryObject) else value:
            yield from _strings(one, depth + 1)


def _titles(outline: Any) -> Iterator[str]:
    for one in outline:
        if isinstance(one, list):
            yield from _titles(one)
        else:
            yield str(one.get("/Title", ""))
