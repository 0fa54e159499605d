"""Laws of the whole repository."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin, site
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.management import call_command
from django.db import models
from django.forms import BaseForm
from django.urls import get_resolver

from members.models import Member
from pingtang_union.admin import ScopedAdmin, checks
from pingtang_union.admin.bases import ScopedFields
from pingtang_union.admin.checks import every_model_is_scoped_or_listed
from pingtang_union.core.forms import PortalForm
from pingtang_union.core.portal import portals
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.table import diagram
from tests import packages

OURS = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}
OUR_MODELS = [pytest.param(model, id=model._meta.label) for model in apps.get_models() if model._meta.app_label in OURS]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("model", OUR_MODELS)
def test_models_and_fields_have_chinese_names(model):
    names = {model._meta.verbose_name, model._meta.verbose_name_plural}
    names |= {field.verbose_name for field in model._meta.fields if not field.auto_created and field.editable}
    treebeards = {"path", "depth", "numchild"}  # never shown

    assert [name for name in map(str, names - treebeards) if not _CHINESE.search(name)] == []


@pytest.mark.parametrize("model", OUR_MODELS)
def test_constraints_have_chinese_messages(model):
    missing = [
        one.name
        for one in model._meta.constraints
        if not _CHINESE.search(str(one.get_violation_error_message())) and one.name != "termrule_one_a_day"
    ]

    assert missing == []


def test_migrations_are_complete(db):
    out = StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=out)

    assert "No changes detected" in out.getvalue() or "没有检测到更改" in out.getvalue()


def test_checks_pass(db):
    call_command("check", fail_level="WARNING", stdout=StringIO())


def errors_of(model: type[models.Model], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the scope check says of `model` alone."""
    portals()  # imported while all models are there
    monkeypatch.setattr(apps, "get_models", lambda: [model])
    return [error.id for error in every_model_is_scoped_or_listed(None)]


def test_check_finds_an_unlisted_model(monkeypatch):
    class Forgotten(models.Model):  # noqa: DJ008  never printed
        class Meta:
            app_label = "members"
            managed = False

    try:
        assert errors_of(Forgotten, monkeypatch) == ["core.E004"]
    finally:
        del apps.all_models["members"]["forgotten"]


def test_check_takes_a_listed_model_with_a_reason(monkeypatch):
    class Listed(models.Model):  # noqa: DJ008  never printed
        class Meta:
            app_label = "members"
            managed = False

    try:
        monkeypatch.setattr(checks, "merged", lambda name: {"members.Listed": "nobody's rows"})
        assert errors_of(Listed, monkeypatch) == []
        monkeypatch.setattr(checks, "merged", lambda name: {"members.Listed": ""})
        assert errors_of(Listed, monkeypatch) == ["core.E004"]
    finally:
        del apps.all_models["members"]["listed"]


def test_check_finds_a_scoped_model_without_path_or_queryset(monkeypatch):
    class Pathless(ScopedModel):
        objects = models.Manager()

        class Meta:
            app_label = "members"
            managed = False

    try:
        assert errors_of(Pathless, monkeypatch) == ["core.E001", "core.E002"]
    finally:
        del apps.all_models["members"]["pathless"]


def test_check_finds_a_plain_admin_of_a_scoped_model(monkeypatch):
    monkeypatch.setitem(site._registry, Member, ModelAdmin(Member, site))

    assert errors_of(Member, monkeypatch) == ["core.E003"]


def test_registered_scoped_models_have_scoped_admins():
    plain = [
        model._meta.label
        for model, one in admin.site._registry.items()
        if issubclass(model, ScopedModel) and not isinstance(one, ScopedAdmin)
    ]

    assert plain == []


def test_inlines_of_scoped_models_are_scoped():
    """An inline reads its rows by itself: it needs the scope as much as the page around it."""
    inlines = {inline for one in admin.site._registry.values() for inline in one.inlines}
    bare = [
        inline.__name__
        for inline in inlines
        if issubclass(inline.model, ScopedModel) and not issubclass(inline, ScopedFields)
    ]

    assert inlines
    assert bare == []


@pytest.mark.parametrize("model", [one for one in apps.get_models() if issubclass(one, ScopedModel)])
def test_scope_path_leads_to_a_union(model):
    field, target = None, model
    for step in filter(None, model.scope_path.split("__")):
        field = target._meta.get_field(step)
        target = field.remote_field.model

    assert target._meta.label == "members.Union"
    assert isinstance(model._default_manager.all(), ScopedQuerySet)


# --- Applications ----------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[1]
# Batches of ledgers, requests for transfer and objections have states of their own, which are no application's.
OTHER_STATES = {
    "pingtang_union/ledger/importing/attempts.py",
    "pingtang_union/ledger/importing/undo.py",
    "pingtang_union/ledger/importing/steps.py",
    "pingtang_union/ledger/importing/plan.py",
    "pingtang_union/ledger/importing/tasks.py",
    "members/services/numbers.py",
    "members/services/transfers.py",
    "relief/services/grants.py",
    "campaigns/models/activities.py",
    "campaigns/services/activities.py",
    "pingtang_union/workflow/objections.py",
}
_WRITES_STATE = re.compile(r"\.state\s*=(?!=)|update\([^)]*\bstate\s*=(?!=)|setattr\([^)]*[\"']state[\"']")


def test_perform_alone_writes_the_state_of_an_application():
    writers = set()
    for folder in ("pingtang_union", "members", "awards", "campaigns", "relief"):
        for file in (ROOT / folder).rglob("*.py"):
            if "migrations" not in file.parts and _WRITES_STATE.search(file.read_text()):
                writers.add(str(file.relative_to(ROOT)))

    assert writers - OTHER_STATES == {"pingtang_union/workflow/moving.py"}


def test_the_document_shows_the_table_of_transitions():
    shown = "\n".join(f"    {line}" for line in diagram().splitlines())

    assert shown in (ROOT / "docs" / "workflow.md").read_text(), f"docs/workflow.md should read:\n{shown}"


def below(kind: type) -> set[type]:
    """All classes that derive from `kind`."""
    return {one for child in kind.__subclasses__() for one in (child, *below(child))}


def test_every_form_reads_masks_as_the_numbers_behind_them():
    assert get_resolver().url_patterns  # imports every view, and with it every form
    ours = {one for one in below(BaseForm) if one.__module__.split(".")[0] in {"pingtang_union", *OURS}}
    forgetful = {one for one in ours if not issubclass(one, (PortalForm, AuthenticationForm, PasswordChangeForm))}

    assert len(ours) > 40
    assert forgetful == set()


# --- The house -------------------------------------------------------------------------------

LONGEST = 450  # lines of a module: more has two readers


def lines_of(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_modules_are_short():
    lengths = {
        str(file.relative_to(ROOT)): lines_of(file)
        for folder in ("pingtang_union", "members", "awards", "campaigns", "relief")
        for file in (ROOT / folder).rglob("*.py")
        if "migrations" not in file.parts
    }

    assert len(lengths) > 200
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_ground_stays_small():
    assert sum(map(lines_of, (ROOT / "pingtang_union" / "core").glob("*.py"))) < 3000


def test_readme_is_read_in_one_sitting():
    assert lines_of(ROOT / "README.md") <= 200


def test_the_picture_of_the_packages_is_current():
    assert packages.PICTURE.read_text() == packages.draw(), "run: make picture"


def test_every_document_is_found_from_readme():
    readme = (ROOT / "README.md").read_text()
    forgotten = [file.name for file in (ROOT / "docs").iterdir() if f"(docs/{file.name})" not in readme]

    assert forgotten == []


_A_PATH = re.compile(r"`([\w/.-]+/[\w.\u4e00-\u9fff-]+\.\w+|\w+\.py)`")


def test_documents_name_files_that_exist():
    others = {"changelog.md", "deploy.md"}  # what was, and what a server has
    documents = [ROOT / "README.md", *(file for file in (ROOT / "docs").glob("*.md") if file.name not in others)]
    named = {path for file in documents for path in _A_PATH.findall(file.read_text())}
    bases = [ROOT, ROOT / "pingtang_union" / "ledger", ROOT / "members"]  # the last: what every app has

    assert len(named) > 30
    gone = {path for path in named if not any((base / path).exists() for base in bases)}
    assert gone == {"var/demo.env"}  # which `make demo` writes


def test_code_names_files_that_exist():
    """Docstrings and comments too: a file that moved or was renamed is renamed there."""
    folders = ("pingtang_union", "members", "awards", "campaigns", "relief", "tests")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py") if "migrations" not in file.parts]
    known = {file.name for file in files} | {"manage.py", "resources.py"}
    named = {(name, file.name) for file in files for name in re.findall(r"\b(\w+\.py)\b", file.read_text())}

    assert {pair for pair in named if pair[0] not in known} == set()


SHARED = ["core", "files", "proof", "ledger", "workflow", "admin", "pages", "demo"]
_A_MODULE = re.compile(r"(?<![/\w])(\w+)\.py\b")


@pytest.mark.parametrize("package", SHARED)
def test_a_shared_package_is_its_own_manual(package):
    """Its `__init__` names each of its modules, and none that is gone."""
    for face in (ROOT / "pingtang_union" / package).rglob("__init__.py"):
        manual = ast.get_docstring(ast.parse(face.read_text())) or ""
        modules = {file.stem for file in face.parent.glob("*.py")} - {"__init__", "apps"}
        if modules and face.parent.name != "migrations":
            assert set(_A_MODULE.findall(manual)) == modules, face
