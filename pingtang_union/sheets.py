"""The stylesheets of the design language, for the portal's pages and the admin's."""

from pathlib import Path

_STATIC = Path(__file__).resolve().parents[1] / "static"
COMPONENTS = tuple(f"css/components/{path.name}" for path in sorted((_STATIC / "css" / "components").glob("*.css")))
PORTAL = ("css/tokens.css", "css/base.css", "css/frame.css", *COMPONENTS)
# The admin has its theme's forms, filters and dialogs; ours would dress them twice.
_THEMES_OWN = {"form", "filters", "dialog", "page_head", "chart"}
ADMIN = (
    "css/tokens.css",
    *(sheet for sheet in COMPONENTS if Path(sheet).stem not in _THEMES_OWN),
    "css/admin.css",
)
