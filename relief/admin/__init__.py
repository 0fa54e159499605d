"""Relief's pages for county staff."""

from relief.admin import books, payments  # registers their pages
