"""Filters of our own for pages."""

from django import template

from pingtang_union.core.dates import display_partial

register = template.Library()

register.filter("partial_date", display_partial)
