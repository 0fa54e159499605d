"""What tests of Word documents share."""

from typing import Any

from pingtang_union.files.word import blocks


def texts(content: bytes) -> list[str]:
    """Every paragraph and every row of a .docx, in order."""
    found = []
    for block in blocks(content):
        found += [" | ".join(row) for row in block.rows] or [block.text]
    return found


def body(response: Any) -> bytes:
    """The file of a download."""
    return b"".join(response.streaming_content)


def shown(response: Any) -> str:
    """A page as text."""
    return response.content.decode()
