"""Prepare the demonstration. Called by `make demo`, which then serves it."""

import hashlib
import socket
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from pingtang_union import demo
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.portal import merged
from pingtang_union.demo.accounts import ACCOUNTS, PASSWORD, add_accounts
from pingtang_union.ledger.importing.command import FileReport, Importer
from pingtang_union.ledger.models import ImportBatch

LEDGERS = Path(demo.__file__).parent / "ledgers"


class Command(BaseCommand):
    """Idempotent: a ledger whose very bytes are in already is left out, so that what visitors changed stays."""

    help = "准备演示：建库、导入随附的台账、每个角色一个账号（只供 make demo 调用）"
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="演示网址的端口")

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        try:
            refuse_unless_demo()
            _refuse_taken_port(port)
            self.stdout.write("正在准备演示数据库……")
            call_command("migrate", verbosity=0)
            self._import()
            with transaction.atomic():
                added = add_accounts()
                made = {what: make() for what, make in merged("DEMO").items()}
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"演示账号：新建 {added} 个，原有 {len(ACCOUNTS) - added} 个。")
        for what, is_new in made.items():
            self.stdout.write(f"{what}：{'已建立' if is_new else '此前已建立，没有改动'}。")
        self._welcome(port)

    def _import(self) -> None:
        files = [(file.name, file.read_bytes()) for file in sorted(LEDGERS.glob("*.xlsx"))]
        known = set(ImportBatch.objects.values_list("sha256", flat=True))
        new = [file for file in files if hashlib.sha256(file[1]).hexdigest() not in known]
        if not new:
            self.stdout.write(f"{len(files)} 份台账此前已导入，没有改动。")
            return
        for report in Importer().bring(new):
            self.stdout.write(_line(report))
            if not report.is_written:
                raise DomainError(f"随附的台账「{report.file}」没有写入：{report.error or '有退回的行'}")

    def _welcome(self, port: int) -> None:
        columns = [("账号", "姓名", "角色", "所在工会")]
        columns += [(item.username, item.full_name, item.role, item.union or "全县") for item in ACCOUNTS]
        widths = [max(_width(row[index]) for row in columns) for index in range(3)]
        self.stdout.write("")
        for row in columns:
            cells = [text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=False)]
            self.stdout.write("  " + "  ".join([*cells, row[3]]))
        self.stdout.write(f"\n演示网址：http://127.0.0.1:{port}")
        self.stdout.write(f"以上账号的密码都是：{PASSWORD}（改过密码的，以改后的为准）")
        self.stdout.write("按 Ctrl-C 结束演示；要从头再来，先删除 var 文件夹里以 demo.sqlite3 开头的文件。")


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError:
            raise DomainError(f"没有 {port} 这个端口，请用 1024 至 65535 之间的数。") from None
        except OSError:
            raise DomainError(
                f"端口 {port} 不能用（多半已被占用），请换一个，例如：make demo PORT={port + 1}"
            ) from None


def _line(report: FileReport) -> str:
    rows = sum(sheet.rows for sheet in report.sheets)
    new = sum(sheet.counts["new"] for sheet in report.sheets)
    return f"已导入 {report.file}：{rows} 行，新增 {new}。"


def _width(text: str) -> int:
    """Columns of a terminal that `text` takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
