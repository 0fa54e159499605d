"""Attachments: told by content, rewritten where they are pictures, refused where they could do something."""

import io
import zipfile

import pytest
from PIL import Image

from awards.models import NominationFile
from pingtang_union.core.attachments import MAX_ATTACHMENT_BYTES, attachment_response, check_file
from pingtang_union.core.exceptions import DomainError


def picture(kind: str = "JPEG", turn: int | None = None) -> bytes:
    image, out = Image.new("RGB", (40, 20), "red"), io.BytesIO()
    exif = image.getexif()
    if turn:
        exif[274] = turn
    exif[271] = "相机厂"
    image.save(out, kind, exif=exif)
    return out.getvalue()


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in names:
            book.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("证明.pdf", b"%PDF-1.7 text", "证明.pdf"),
        ("证明", b"%PDF-1.7 text", "证明.pdf"),
        ("C:\\桌面\\照片.jpg", picture(), "照片.jpg"),
        ("../../etc/照片.exe", picture(), "照片.exe.jpg"),
        ("事迹.docx", packed("word/document.xml"), "事迹.docx"),
        ("名单.xlsx", packed("xl/workbook.xml"), "名单.xlsx"),
    ],
)
def test_takes_papers_by_what_they_are(name, content, kept):
    assert check_file(name, content).name == kept


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空文件"),
        (b"MZ\x90", "不是能收的文件"),
        (b"<html><script>", "不是能收的文件"),
        (b"%PDF-1.7 /JavaScript (x)", "脚本"),
        (b"%PDF-1.7 /EmbeddedFile", "嵌入"),
        (packed("word/document.xml", "word/vbaProject.bin"), "宏"),
        (packed("readme.txt"), "不是能收的文件"),
        (b"PK\x03\x04 broken", "已损坏"),
        (picture()[:200], "已损坏"),
        (b"x" * (MAX_ATTACHMENT_BYTES + 1), "超过 10 MB"),
    ],
)
def test_refuses_by_name_and_says_why(content, said):
    with pytest.raises(DomainError, match=f"「材料.pdf」.*{said}"):
        check_file("材料.pdf", content)


def test_a_photo_is_upright_and_without_its_camera():
    kept = Image.open(io.BytesIO(check_file("a.jpg", picture(turn=6)).content))

    assert kept.size == (20, 40)
    assert dict(kept.getexif()) == {}


def test_kept_sealed_and_given_as_a_download():
    file = NominationFile()
    file.fill(check_file("证明.pdf", b"%PDF-1.7 text"))
    response = attachment_response(file)

    assert b"%PDF" not in bytes(file.content)
    assert response.content == b"%PDF-1.7 text"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
