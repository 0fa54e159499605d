"""Relief's pages for county staff."""

from relief.admin import books, payments, slips  # registers their pages
