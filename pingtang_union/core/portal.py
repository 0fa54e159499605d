"""What an app declares in its `portal.py`, so that the pages find it without knowing it: the fields of Portal, each a
name of that module. Names in capitals that aren't among them are refused, since a misspelt one would show nowhere.

Whatever has a `place` stands by it, and otherwise in the order of INSTALLED_APPS.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

from pingtang_union.core.todo import Item


@dataclass(frozen=True)
class Page:
    """A page that a role works on. `menu` puts it into the menu of officers, or of all, county staff too; what is
    `common` stands with its icon on the workbench."""

    label: str
    icon: str  # of the set that {% icon %} draws
    route: str
    permission: str
    place: int = 50
    menu: Literal["", "officers", "all"] = ""
    common: bool = False
    also: tuple[str, ...] = ()  # routes below it in the menu
    fits: Callable[[Any], Any] = lambda user: True
    args: Callable[[Any], list[Any]] = lambda user: []  # of the route


@dataclass(frozen=True)
class Entry:
    """An entry of the admin's sidebar; any of `permissions` shows it."""

    label: Any  # a text, or one to be translated
    icon: str
    route: str
    permissions: tuple[str, ...]


def lists(app: str, **icons: str) -> Iterator[Entry]:
    """The entries of an app's lists: the icon by the name of the model."""
    for name, icon in icons.items():
        label = apps.get_model(app, name)._meta.verbose_name_plural  # in whatever language it is read
        yield Entry(label, icon, f"admin:{app}_{name}_changelist", (f"{app}.view_{name}", f"{app}.change_{name}"))


@dataclass(frozen=True)
class Group:
    """Entries of the sidebar under a title, which several apps may give to."""

    title: str
    place: int
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Slot:
    """A part of the public front page, shown while it has rows: what strangers may read. `rows(today)` asks for them in
    a constant number of questions, `template` shows them as `rows`. more: words and route of the page with all."""

    title: str
    icon: str
    template: str
    rows: Callable[[date], Sequence[Any]]
    place: int = 50
    more: tuple[str, str] | None = None


@dataclass(frozen=True)
class Kept:
    """How long rows of a model are kept, and why. `period` None keeps them for ever; with one, `forget` is called
    each night with the moment before which rows are forgotten."""

    model: str
    period: timedelta | None
    why: str
    forget: Callable[[datetime], Any] = lambda before: None


@dataclass(frozen=True)
class Portal:
    """The declarations of one app, each with what it is when the app is silent."""

    app: str
    PAGES: Sequence[Page] = ()
    ADMIN: Sequence[Group] = ()
    # (user, today): what is due; each kind in a constant number of questions, of rows that the user may see.
    todo: Callable[[Any, date], list[Item]] = lambda user, today: []
    # (user, since): what came back since then, with its moment.
    came_back: Callable[[Any, datetime], list[tuple[Any, Item]]] = lambda user, since: []
    # (user, today): what waits for county staff, kind by kind (workflow.waiting.Waiting): one question each.
    desk: Callable[[Any, date], list[Any]] = lambda user, today: []
    # (user): what the user's office has sent and others now deal with: where it is, since when.
    under_way: Callable[[Any], list[Item]] = lambda user: []
    # Filters of lists, by the slug of the ledger that exports them.
    FILTERS: dict[str, Any] = field(default_factory=dict)
    # (today): what hangs on the public notice board (workflow.notices.Notice).
    notices: Callable[[date], list[Any]] = lambda today: []
    # Phones that the office shows to everyone, each as it is written.
    phones: Callable[[], Iterable[str]] = lambda: ()
    # What roles may do, by the name of the role: "relief.view_visit". Given once, see core.grants.
    GRANTS: dict[str, Sequence[str]] = field(default_factory=dict)
    # Parts of the public front page.
    PUBLIC: Sequence[Slot] = ()
    # Where an app itself shows public files (workflow.public_files): how the place is called, by its key.
    FILE_PLACES: dict[str, str] = field(default_factory=dict)
    # Filters that an app adds to lists of the admin, by the model's label: where each is.
    LIST_FILTERS: dict[str, Sequence[str]] = field(default_factory=dict)
    # Models without a way to a union, each with the reason; admin.checks refuses any other.
    UNSCOPED: dict[str, str] = field(default_factory=dict)
    # Rows of the demo: what they are, and what makes them and says whether it did so now.
    DEMO: dict[str, Callable[[], bool]] = field(default_factory=dict)
    # Work of the night that the worker does (core.jobs), by name.
    JOBS: dict[str, Callable[[], Any]] = field(default_factory=dict)
    KEPT_FOR: Sequence[Kept] = ()


def modules(name: str) -> Iterator[ModuleType]:
    """The modules of that name, of every app that has one."""
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, name):
            yield import_module(f"{config.name}.{name}")


@cache
def portals() -> list[Portal]:
    """What each app declares."""
    names = {one.name for one in fields(Portal)}
    found = []
    for module in modules("portal"):
        if unknown := {name for name in vars(module) if name.isupper() and name[0] != "_"} - names:
            raise ImproperlyConfigured(f"{module.__name__} declares what nobody reads: {', '.join(sorted(unknown))}.")
        declarations = {name: value for name, value in vars(module).items() if name in names}
        config = apps.get_containing_app_config(module.__name__)
        found.append(Portal(**declarations | {"app": config.label if config else ""}))
    return found


def declared(name: str) -> list[Any]:
    """All that the apps declare under a name, in its order."""
    found = [one for portal in portals() for one in getattr(portal, name)]
    return sorted(found, key=lambda one: getattr(one, "place", 0))


def merged(name: str) -> dict[str, Any]:
    """The same of what is declared by key."""
    return {key: value for portal in portals() for key, value in getattr(portal, name).items()}
