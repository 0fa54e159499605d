"""The job that writes words across a picture: over scans of identity papers, so that a copy says what it was for.

Runs in the limited child. It is told the words, and says the new bytes. Chinese needs a font: the machine's own
(Debian: fonts-noto-cjk); without one nothing is given out.
"""

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from pingtang_union.files.child import Refused, Say

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_NAMES = ("*CJK*Regular*", "*CJK*", "*wqy*", "*uming*", "*ukai*")
_INK = (90, 90, 90, 120)
_TILT = 28


def _font(size: int) -> Any:
    for name in _NAMES:
        for folder in _FOLDERS:
            for path in sorted(folder.rglob(name)):
                if path.suffix in (".ttc", ".ttf", ".otf"):
                    return ImageFont.truetype(str(path), size)
    raise Refused("不能加水印：服务器没有中文字体，请联系系统管理员。")


def job(content: bytes, told: Any, say: Say) -> None:
    """Write the words again and again over the whole picture."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        kind = picture.format or "PNG"
        plain = picture.convert("RGBA")
    size = max(plain.size[0] // 28, 14)
    font = _font(size)
    side = int((plain.size[0] ** 2 + plain.size[1] ** 2) ** 0.5) + 1
    sheet = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(sheet)
    width = int(pen.textlength(told, font=font)) + 3 * size
    for row, top in enumerate(range(0, side, 5 * size)):
        for left in range(-(row % 2) * width // 2, side, width):
            pen.text((left, top), told, font=font, fill=_INK)
    sheet = sheet.rotate(_TILT, expand=False)
    left, top = (side - plain.size[0]) // 2, (side - plain.size[1]) // 2
    plain.alpha_composite(sheet.crop((left, top, left + plain.size[0], top + plain.size[1])))
    out = io.BytesIO()
    plain.convert("RGB").save(out, kind, quality=88)
    say("bytes", out.getvalue())
