"""Pages of relief for county staff."""

from relief.admin import households, policies, spot_checks
