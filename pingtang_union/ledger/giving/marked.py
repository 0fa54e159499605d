"""Step 6: the same workbook back, so that the clerk mends it and brings just that file again.

The uploaded .xlsx keeps its look; bad cells are coloured and carry a comment, a last column holds each row's verdict,
a last sheet sums up. Macros are dropped and formulas become the values that were checked. What openpyxl can't hold
or can't read, and every other kind of file, comes back as a plain .xlsx with the same rows at the same numbers.
The workbook is opened in the limited child (marked_child.py); here stands what is to be written into it.
"""

import logging
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import PurePath
from typing import IO, Any

from pingtang_union.core.exceptions import DomainError
from pingtang_union.files import limited
from pingtang_union.ledger.giving import xlsx
from pingtang_union.ledger.giving.answer import COLOURS, DETAIL_HEADINGS, HEADINGS, Answer
from pingtang_union.ledger.reading.ours import OUR_SHEET

logger = logging.getLogger(__name__)
_JOB = "pingtang_union.ledger.giving.marked_child:job"
_SECONDS = 60.0
_PREFIX = "检查结果-"
_FORMATS = xlsx.coloured(COLOURS)
_BUSY = "同时处理的文件较多，还没有标注。请稍后再下载。"
_FAILED = "这个文件不能写回去，没有标注。请按页面上列出的问题修改原来的表。"


def file_name(name: str) -> str:
    """检查结果-….xlsx. The word stands in front: what follows 会员花名册- may be a union's name."""
    stem = PurePath(name).stem
    while stem.startswith(_PREFIX):
        stem = stem.removeprefix(_PREFIX)
    return f"{_PREFIX}{stem[:150]}.xlsx"


def annotate(content: bytes, answer: Answer) -> IO[bytes]:
    """The workbook back, as an open file. `content`: the bytes that were brought and could be read.

    Raises DomainError when it can't be written now, or at all.
    """
    head = [([OUR_SHEET], {"0": xlsx.BOLD}), *(([line], {}) for line in answer.lines)]
    told = {
        "name": answer.file_name,
        "colours": COLOURS,
        "sheets": [
            {
                "sheet": sheet.sheet,
                "header_row": sheet.header_row,
                "text_columns": sheet.text_columns,
                "rows": sheet.rows,
            }
            for sheet in answer.sheets
        ],
        "sum": [*head, *_summary(answer)],
        "notes_at": len(head),
    }
    return rewritten(_JOB, content, told, seconds=_SECONDS, busy=_BUSY, failed=_FAILED)


def rewritten(job: str, content: bytes, told: dict[str, Any], *, seconds: float, busy: str, failed: str) -> IO[bytes]:
    """The workbook as a job in the limited child writes it, with its look or, where that fails, plainly.

    Raises DomainError in the job's words, in those of `busy`, or those of `failed`.
    """
    file = BytesIO()

    def hear(kind: str, value: Any) -> None:
        if kind == "bytes":
            file.write(value)
        else:
            logger.warning("a workbook that was read can't be written back with its look: openpyxl fails")

    told = {"keeps_look": True, **told}
    try:
        limited.run(job, content, told, hear=hear, seconds=seconds)
    except limited.Refused as error:
        raise DomainError(str(error)) from error
    except (limited.Busy, limited.Interrupted) as error:
        raise DomainError(busy) from error
    except limited.NotDone as error:
        if not told["keeps_look"]:
            raise DomainError(failed) from error
        logger.warning("a workbook that was read can't be written back with its look: %s", type(error).__name__)
        plainly = told | {"keeps_look": False}
        return rewritten(job, content, plainly, seconds=seconds, busy=busy, failed=failed)
    file.seek(0)
    return file


def _summary(answer: Answer) -> Iterator[tuple[list[Any], Mapping[str, int]]]:
    """The last sheet's rows below its head, each with its formats (by column, as JSON has them)."""
    yield [], {}
    yield list(HEADINGS), {str(at): xlsx.BOLD for at in range(len(HEADINGS))}
    for sheet in answer.sheets:
        yield sheet.summary, {}
    if about := answer.about_sheets:
        yield [], {}
        yield ["关于整张表"], {"0": xlsx.BOLD}
        for line in about:
            yield [line], {}
    yield [], {}
    details = list(answer.details)
    if not details:
        yield ["各行都没有问题。"], {}
        return
    yield list(DETAIL_HEADINGS), {str(at): xlsx.BOLD for at in range(len(DETAIL_HEADINGS))}
    for cells, colour in details:
        yield cells, {"4": _FORMATS[colour]}
