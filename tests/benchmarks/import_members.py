"""A member roster from .xlsx to committed: the portal's importer beside django-import-export as it comes.

Each way runs in a child process with a fresh test database; the child prints one line of JSON.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNION = "平塘供电局工会委员会"
HEADERS = [
    "序号",
    "姓名",
    "性别",
    "民族",
    "证件类型",
    "身份证号",
    "出生年月",
    "学历",
    "政治面貌",
    "移动电话",
    "用工形式",
    "是否农民工",
    "入会时间",
    "备注",
]


# What the stock importer can't turn into codes is given to it as codes.
CODES = {
    "男": "1",
    "女": "2",
    "布依族": "09",
    "汉族": "01",
    "苗族": "06",
    "毛南族": "36",
    "居民身份证": "resident",
    "大专": "30",
    "本科": "20",
    "高中": "60",
    "硕士研究生": "14",
    "群众": "13",
    "中共党员": "01",
    "共青团员": "03",
    "在编": "established",
    "合同制": "contract",
    "劳务派遣": "dispatched",
    "是": "1",
    "否": "0",
}


def rows(count: int) -> list[list[object]]:
    """Member rows as an office writes them; numbers are well formed and all different."""
    from pingtang_union.core.validators import check_digit  # noqa: PLC0415  after Django's set-up

    rng = random.Random(7)
    made = []
    for index in range(count):
        day = index // 899
        born = f"{1950 + day % 50}{day // 50 % 12 + 1:02d}{day // 600 % 28 + 1:02d}"
        sequence = 100 + index % 899
        first = f"522727{born}{sequence}"
        made.append(
            [
                index + 1,
                rng.choice("王李张刘陈杨") + rng.choice("建国海燕志强秀英") + rng.choice("平安文明"),
                "男" if sequence % 2 else "女",
                rng.choice(["布依族", "汉族", "苗族", "毛南族"]),
                "居民身份证",
                first + check_digit(first),
                f"{born[:4]}.{born[4:6]}",
                rng.choice(["大专", "本科", "高中", "硕士研究生"]),
                rng.choice(["群众", "中共党员", "共青团员"]),
                f"190{rng.randrange(10**8):08d}",
                rng.choice(["在编", "合同制", "劳务派遣"]),
                rng.choice(["是", "否"]),
                f"{rng.randrange(2005, 2018)}.{rng.randrange(1, 13):02d}",
                "",
            ]
        )
    return made


def write_roster(path: Path, data: list[list[object]], *, is_plain: bool) -> None:
    """The roster as a workbook: title, note with the union, header, rows. `is_plain`: as the stock importer
    needs it: the header first, the union in a column, codes for labels and dates in ISO form."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("会员花名册")
    if is_plain:
        sheet.append([*HEADERS, "工会名称"])
        for row in data:
            sheet.append(
                [
                    *(CODES.get(str(cell), cell) for cell in row[:6]),
                    str(row[6]).replace(".", "-"),
                    *(CODES.get(str(cell), cell) for cell in row[7:12]),
                    str(row[12]).replace(".", "-"),
                    "",
                    UNION,
                ]
            )
    else:
        sheet.append([UNION + "会员花名册"])
        sheet.append([f"工会名称：{UNION}          填表日期：2018年3月"])
        sheet.append(HEADERS)
        for row in data:
            sheet.append(row)
    book.save(path)


def ours(path: Path) -> int:
    """Bring the workbook in; returns the rows committed."""
    from pingtang_union.core.ledger.run import Importer  # noqa: PLC0415

    [report] = Importer().bring([(path.name, path.read_bytes())])
    if report.rejected or not report.is_written:
        raise SystemExit(f"rejected: {report.as_json()['sheets'][0]['messages'][:3]}")
    return sum(sheet.rows for sheet in report.sheets)


def stock(path: Path) -> int:
    """Bring the workbook in with a plain ModelResource of the same columns; returns the rows committed."""
    from import_export import fields, resources  # noqa: PLC0415
    from import_export.widgets import BooleanWidget, ForeignKeyWidget  # noqa: PLC0415
    from tablib import Dataset  # noqa: PLC0415

    from members.models import Member, Union  # noqa: PLC0415

    class MemberResource(resources.ModelResource):
        union = fields.Field("union", "工会名称", ForeignKeyWidget(Union, "name"))
        card_number = fields.Field("card_number", "序号")
        name = fields.Field("name", "姓名")
        gender = fields.Field("gender", "性别")
        ethnicity = fields.Field("ethnicity", "民族")
        id_type = fields.Field("id_type", "证件类型")
        id_number = fields.Field("id_number", "身份证号")
        born_on = fields.Field("born_on", "出生年月")
        education = fields.Field("education", "学历")
        political = fields.Field("political", "政治面貌")
        phone = fields.Field("phone", "移动电话")
        contract = fields.Field("contract", "用工形式")
        is_migrant = fields.Field("is_migrant", "是否农民工", BooleanWidget())
        joined_on = fields.Field("joined_on", "入会时间")

        class Meta:
            model = Member
            import_id_fields = ("card_number",)
            fields = (
                "union",
                "card_number",
                "name",
                "gender",
                "ethnicity",
                "id_type",
                "id_number",
                "born_on",
                "education",
                "political",
                "phone",
                "contract",
                "is_migrant",
                "joined_on",
            )

    data = Dataset().load(path.read_bytes(), format="xlsx")
    result = MemberResource().import_data(data, raise_errors=True)
    return int(result.totals["new"])


def child(way: str, path: Path) -> None:
    """Run one way against a fresh test database and print seconds, rows and peak memory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "sqlite":  # a file, as in use, not the memory of tests
        connection.settings_dict["TEST"]["NAME"] = str(path.with_suffix(f".{os.getpid()}.sqlite3"))
    else:
        connection.settings_dict["TEST"]["NAME"] = f"benchmark_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0)
    try:
        from members.models import Member, Union  # noqa: PLC0415

        root = Union.objects.get(depth=1)
        Union.objects.add_child(root, instance=Union(name=UNION, category="enterprise"))
        begun = time.perf_counter()
        committed = ours(path) if way == "ours" else stock(path)
        seconds = time.perf_counter() - begun
        if Member.objects.count() != committed:
            raise SystemExit("the rows counted are not the rows committed")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"vendor": connection.vendor, "rows": committed, "seconds": seconds, "peak_mb": peak}))
    finally:
        connection.close()
        if connection.vendor != "sqlite":
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def main() -> None:
    """Make the rosters, run both ways, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--stock-rows", type=int, default=1_500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "FILE"))
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django  # noqa: PLC0415

    django.setup()
    data = rows(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, dict] = {}
        ways = {"ours": options.rows, "stock": options.stock_rows}
        paths = {way: Path(folder) / f"会员花名册-{way}.xlsx" for way in ways}
        for way, count in ways.items():
            write_roster(paths[way], data[:count], is_plain=way == "stock")
        for way in list(ways) * options.runs:  # in turn, and the best of each: whatever else runs slows both
            path = paths[way]
            output = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.import_members", "--child", way, str(path)],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            result = json.loads(output.stdout.splitlines()[-1])
            if way not in results or result["seconds"] < results[way]["seconds"]:
                results[way] = result
    cost = {way: result["seconds"] / result["rows"] for way, result in results.items()}
    for way, result in results.items():
        print(
            f"{way:6} {result['vendor']:10} {result['rows']:7} rows {result['seconds']:7.2f} s "
            f"{1 / cost[way]:9.0f} rows/s  peak {result['peak_mb']:.0f} MB"
        )
    print(f"ratio of cost per row: {cost['stock'] / cost['ours']:.1f}  (wanted: 25; peak under 400 MB)")


if __name__ == "__main__":
    main()
