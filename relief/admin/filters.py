"""List filters of relief: programmes and groups by name, the years that there are."""

from django.db.models import Q

from pingtang_union.admin import ConditionFilter, DayYearFilter, RecordFilter
from relief.models import Group, Programme


class ProgrammeFilter(RecordFilter):
    """By programme."""

    title = "帮扶项目"
    parameter_name = "programme"
    model = Programme


class GroupFilter(RecordFilter):
    """By the kind of people."""

    title = "人员类别"
    parameter_name = "group"
    model = Group


class YearFilter(DayYearFilter):
    """By the year in which it was given."""

    title = "发放年份"
    column = "granted_on"


class CardYearFilter(DayYearFilter):
    """The same of cards."""

    title = "发放年份"
    column = "issued_on"


class BooksFilter(ConditionFilter):
    """Paid by the portal, or before it kept books."""

    title = "账目"
    parameter_name = "books"
    conditions = {
        "in": ("服务平台发放", Q(is_outside_books=False)),
        "out": ("账外历史记录", Q(is_outside_books=True)),
    }
