"""Word documents: a template that an office may change in Word, filled with what the records say, and read back.

What a page shows of a paper is read from the filled document, so that page and paper say the same, whatever an office
has made of the template.
"""

import io
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.masking import masked

logger = logging.getLogger(__name__)

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
# How paragraphs look on a page, by the name of their style in Word; all others are running text.
LOOKS = {
    "Title": "title",
    "Heading 1": "heading",
    "发文机关标志": "organ",
    "发文字号": "number",
    "主送机关": "salutation",
    "附件说明": "text",
    "附件": "appendix",
    "落款": "signature",
}


@dataclass(frozen=True)
class Block:
    """A paragraph or a table of a document, as a page shows it: `look` is one of LOOKS, "text" or "table"."""

    look: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def in_words(self) -> str:
        """All that it says: a row of a table in one line."""
        return "\n".join([self.text, *map("\t".join, self.rows)])


def plain(value: Any) -> Markup:
    """A value as text of a document: nothing in it is markup or template, characters that XML has none for are left
    out, white space is single. A paper is passed on: identity numbers in what people wrote are masked.

    Braces become entities: docxtpl changes {_{ into {{ after filling in, in what was filled in too.
    """
    text = masked(" ".join(_NOT_XML.sub("", str(value)).split()))
    return Markup(str(escape(text)).replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704  escaped just here


def paragraphs(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def fill(template: Path, context: Mapping[str, Any]) -> bytes:
    """The template with its places filled in, as a .docx.

    Raises DomainError for a template that isn't there, is no Word document, or names what `context` doesn't have.
    """
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=plain)
    document = DocxTemplate(template)
    out = io.BytesIO()
    try:
        document.render(dict(context), environment)
        document.save(out)
    except (TemplateError, PackageNotFoundError, BadZipFile, KeyError, ValueError, TypeError) as error:
        logger.warning("the Word template %s can't be filled in", template.name, exc_info=True)
        raise DomainError(
            f"Word 模板「{template.name}」用不了，可能改动时弄坏了。请系统管理员换回原来的模板。"
        ) from error
    return out.getvalue()


def blocks(content: bytes) -> list[Block]:
    """Paragraphs and tables of a .docx in their order; empty paragraphs are left out."""
    blocks = []
    for part in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(part, Table):
            blocks.append(Block("table", rows=tuple(tuple(cell.text for cell in row.cells) for row in part.rows)))
        elif part.text.strip():
            style = part.style.name if part.style is not None else ""
            blocks.append(Block(LOOKS.get(style or "", "text"), part.text.strip().replace("\t", "　　")))
    return blocks


def file_name(*parts: str) -> str:
    """公示稿-<round>.docx, without what file systems refuse."""
    return _NO_FILE_NAME.sub("", "-".join(part for part in parts if part))[:120] + ".docx"
