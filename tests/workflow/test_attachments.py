"""Attachments: told by content, rewritten where they are pictures, refused where they could do something."""

import contextlib
import io
import random
import resource
import struct
import time
import zipfile
import zlib

import pytest
from PIL import Image

from awards.models import NominationFile
from pingtang_union.core.exceptions import DomainError
from pingtang_union.files import limited, papers
from pingtang_union.files.child import Refused
from pingtang_union.workflow.attachments import MAX_ATTACHMENT_BYTES, attachment_response, check_file


def picture(kind: str = "JPEG", turn: int | None = None) -> bytes:
    image, out = Image.new("RGB", (40, 20), "red"), io.BytesIO()
    exif = image.getexif()
    if turn:
        exif[274] = turn
    exif[271] = "相机厂"
    comment = {"comment": "on the way"} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif, **comment)
    return out.getvalue()


def packed(*names: str, kinds: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in names:
            book.writestr(name, "x")
        if kinds:
            book.writestr("[Content_Types].xml", kinds)
    return out.getvalue()


def of_many_pixels(width: int, height: int) -> bytes:
    """A PNG whose head promises so many, and no more."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, b"IDAT")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pdf_with(objects: bytes) -> bytes:
    """A PDF that keeps its objects packed."""
    stream = zlib.compress(objects)
    return b"%PDF-1.7\n1 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + stream + b"\nendstream"


MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("证明.pdf", b"%PDF-1.7 text", "证明.pdf"),
        ("证明", b"%PDF-1.7 text", "证明.pdf"),
        ("  ", b"%PDF-1.7 text", "未命名.pdf"),
        ("证\n明\u202efdp.pdf", b"%PDF-1.7 text", "证明fdp.pdf"),
        ("扫描.pdf", b"%PDF-1.7 \x9d/JS\x07\x11/XFAq", "扫描.pdf"),  # a scan's bytes, by chance
        ("新版.pdf", pdf_with(b"<< /Type /Page >>"), "新版.pdf"),
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
        (b"%PDF-1.7 << /S /J#61vaScript >>", "脚本"),
        (pdf_with(b"<< /S /JavaScript /JS (x) >>"), "脚本"),
        (pdf_with(bytes(101 * 1024 * 1024)), "解开后太大"),
        (packed("word/document.xml", "word/vbaProject.bin"), "宏"),
        (packed("word/document.xml", "word/data.bin", kinds=MACROS), "宏"),
        (packed("xl/workbook.xml", "xl/macrosheets/sheet1.xml"), "宏"),
        (packed("readme.txt"), "不是能收的文件"),
        (of_many_pixels(8000, 8000), "像素太多"),
        (of_many_pixels(10000, 10000), "像素太多"),
        (of_many_pixels(60000, 60000), "像素太多"),
        (b"PK\x03\x04 broken", "已损坏"),
        (picture()[:200], "已损坏"),
        (b"x" * (MAX_ATTACHMENT_BYTES + 1), "超过 10 MB"),
    ],
)
def test_refuses_by_name_and_says_why(content, said):
    with pytest.raises(DomainError, match=f"「材料.pdf」.*{said}"):
        check_file("材料.pdf", content)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of torn EXIF, which is thrown away
@pytest.mark.parametrize("whole", [picture(), picture("PNG"), packed("word/document.xml", kinds="<Types/>" * 50)])
def test_whatever_a_damaged_file_holds_it_is_taken_or_refused_in_words(whole):
    chance, said = random.Random(2026), set()
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        answer = {}
        try:
            papers.job(bytes(broken), None, answer.__setitem__)
        except Refused as error:
            said.add(str(error)[-1])
        else:
            said.add(len(answer["kind"]))

    assert said <= {"。", 2}


def test_a_zip_bomb_is_not_taken():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("word/document.xml", bytes(101 * 1024 * 1024))

    with pytest.raises(DomainError, match="解开后太大"):
        check_file("a.docx", out.getvalue())


def test_a_photo_is_upright_and_without_its_camera():
    kept = Image.open(io.BytesIO(check_file("a.jpg", picture(turn=6)).content))

    assert kept.size == (20, 40)
    assert dict(kept.getexif()) == {}
    assert "comment" not in kept.info
    assert Image.open(io.BytesIO(check_file("a.png", picture("PNG")).content)).info == {}


def test_kept_sealed_and_given_as_a_download():
    file = NominationFile()
    file.fill(check_file("证明.pdf", b"%PDF-1.7 text"))
    response = attachment_response(file)

    assert b"%PDF" not in bytes(file.content)
    assert response.content == b"%PDF-1.7 text"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def slow_pdf() -> bytes:
    """1.9 MB over which a search for packed objects once took more than a minute."""
    return b"%PDF-1.7\n" + b"/ObjStm " * 240_000


def packed_names() -> bytes:
    """A PDF whose packed objects are 90 MB of number signs, each the beginning of an escaped letter."""
    return pdf_with(b"/#41" * (22 * 1024 * 1024))


def huge_picture() -> bytes:
    """A PNG of 200 KB that is 49 million pixels, four bytes each, once it is opened."""
    out = io.BytesIO()
    Image.new("RGBA", (7000, 7000)).save(out, "PNG", compress_level=9)
    return out.getvalue()


@pytest.mark.parametrize("build", [slow_pdf, packed_names, huge_picture])
def test_what_takes_much_takes_it_from_the_child(build):
    content = build()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with contextlib.suppress(DomainError):
        check_file("材料", content)
    assert time.monotonic() - began < 2 * 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024  # kilobytes


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (limited.TooBig, "占用太多内存"),
        (limited.TooSlow, "检查了太久"),
        (limited.Damaged, "已损坏"),
        (limited.Busy, "请稍后再传"),
        (limited.Interrupted, "请再传一次"),
    ],
)
def test_each_end_of_the_child_is_said_in_words(end, said, monkeypatch):
    def run(*args, **options):
        raise end

    monkeypatch.setattr(limited, "run", run)
    with pytest.raises(DomainError, match=f"「材料.pdf」.*{said}"):
        check_file("材料.pdf", b"%PDF-1.7 text")
