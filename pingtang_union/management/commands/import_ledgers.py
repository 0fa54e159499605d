"""Bring ledgers in from the command line."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from pingtang_union.ledger.importing.command import FileReport, Importer
from pingtang_union.ledger.models import Verdict
from pingtang_union.ledger.outcome import MessageKind
from pingtang_union.ledger.reading.workbook import SUFFIXES
from pingtang_union.ledger.wording import KINDS, TAKEN, WARNED
from pingtang_union.management.keyed import KeyedCommand

_COUNTS = (*TAKEN, WARNED, Verdict.TRANSFER, Verdict.REJECT)


class Command(KeyedCommand):
    """Exit 0: every row is in. 1: rows were rejected. 2: a file could not be read or recognised."""

    help = "导入台账：import_ledgers 文件或文件夹… [--partial] [--dry-run] [--json]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="台账文件，或装台账的文件夹")
        parser.add_argument("--partial", action="store_true", help="有退回的行时，仍写入合格的行")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        reports: dict[Path, FileReport] = {}
        files: list[Path] = []
        for path in options["paths"]:
            inside = _files_in(path) if path.is_dir() else [path]
            if not inside:
                reports[path] = FileReport(
                    str(path), error=f"「{path.name}」文件夹里没有台账文件（.xlsx .xls .ods .csv 等）。"
                )
                files.append(path)
            files += [file for file in inside if file not in files]
        contents: list[tuple[Path, bytes]] = []
        for file in files:
            if file not in reports:
                try:
                    contents.append((file, file.read_bytes()))
                except OSError:
                    reports[file] = FileReport(file.name, error=f"「{file}」打不开，请核对路径和权限。")
        importer = Importer(is_partial=options["partial"])
        brought = importer.bring([(file.name, content) for file, content in contents], dry_run=options["dry_run"])
        reports |= {file: report for (file, _content), report in zip(contents, brought, strict=True)}
        ordered = [reports[file] for file in files]
        if options["json"]:
            self.stdout.write(json.dumps({"files": [report.as_json() for report in ordered]}, ensure_ascii=False))
        else:
            for report in ordered:
                self._print(report, dry_run=options["dry_run"])
        code = 0
        if any(report.rejected or report.is_refused for report in ordered):
            code = 1
        if any(report.error for report in ordered):
            code = 2
        if code:
            raise SystemExit(code)

    def _print(self, report: FileReport, *, dry_run: bool) -> None:
        if report.error:
            self.stderr.write(report.error)
            return
        self.stdout.write(
            f"{report.file}：" + ("已写入" if report.is_written else "只检查，未写入" if dry_run else "未写入")
        )
        for sheet in report.sheets:
            if sheet.ledger:
                labels = {**dict(Verdict.choices), WARNED: KINDS[MessageKind.WARN]}
                told = "，".join(f"{labels[counted]} {sheet.counts[counted]}" for counted in _COUNTS)
                self.stdout.write(f"  {sheet.sheet}（{sheet.ledger}）：{sheet.rows} 行，{told}")
            for message in sheet.messages:
                who = f"{message['name']} " if message["name"] else ""
                self.stdout.write(
                    f"    第 {message['row']} 行 {who[:40]}〔{KINDS[message['verdict']]}〕{message['message']}"
                )


def _files_in(folder: Path) -> list[Path]:
    """Workbooks directly in a folder, without the lock files that office programs leave."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in SUFFIXES and file.is_file() and not file.name.startswith(("~$", "."))
    )
