"""Print every figure that the portal knows, over the whole database."""

import json
from decimal import Decimal
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.figures import Number, parse_as_of, registry, values, whole_database


class Command(BaseCommand):
    help = "列出门户能计算的全部数字（全库）：编号、数值、单位、名称"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="统计截止日期，不填为今天")
        parser.add_argument("--json", action="store_true", help='输出一个 JSON 对象：{"编号": 数值, …}')

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = parse_as_of(options["as_of"]) if options["as_of"] is not None else timezone.localdate()
        except DomainError as error:
            raise CommandError(str(error), returncode=2) from error
        figures = registry()
        numbers = values(figures.values(), whole_database, as_of)
        if options["json"]:
            self.stdout.write(
                json.dumps({id: _plain(value) for id, value in numbers.items()}, ensure_ascii=False, indent=2)
            )
            return
        cells = [(id, str(value), figures[id].unit, figures[id].label) for id, value in numbers.items()]
        widths = [max(_width(row[column]) for row in cells) for column in range(3)]
        for id, value, unit, label in cells:
            self.stdout.write(
                f"{id:<{widths[0]}}  {value:>{widths[1]}}  {unit}{' ' * (widths[2] - _width(unit))}  {label}"
            )


def _plain(value: Number) -> int | float:
    """A number that JSON can hold: whole where it is whole, and yuan to the cent."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _width(text: str) -> int:
    """Columns of a terminal that `text` takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
