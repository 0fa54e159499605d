"""Laws of the whole repository."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin, site
from django.core.management import call_command
from django.db import models

from members.models import Member
from pingtang_union.core.admin import ScopedAdmin
from pingtang_union.core.admin.bases import ScopedFields
from pingtang_union.core.checks import OURS, every_model_is_scoped_or_listed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.workflow import diagram

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


def test_check_takes_a_listed_model_with_a_reason(monkeypatch, settings):
    class Listed(models.Model):  # noqa: DJ008  never printed
        class Meta:
            app_label = "members"
            managed = False

    try:
        settings.UNSCOPED_MODELS = {"members.Listed": "nobody's rows"}
        assert errors_of(Listed, monkeypatch) == []
        settings.UNSCOPED_MODELS = {"members.Listed": ""}
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
    "pingtang_union/core/ledger/undo.py",
    "pingtang_union/core/ledger/delivery.py",
    "pingtang_union/core/ledger/planning.py",
    "pingtang_union/core/tasks.py",
    "members/services/transfers.py",
    "pingtang_union/core/objections.py",
}
_WRITES_STATE = re.compile(r"\.state\s*=(?!=)|update\([^)]*\bstate\s*=(?!=)|setattr\([^)]*[\"']state[\"']")


def test_perform_alone_writes_the_state_of_an_application():
    writers = set()
    for folder in ("pingtang_union", "members", "awards", "campaigns", "relief"):
        for file in (ROOT / folder).rglob("*.py"):
            if "migrations" not in file.parts and _WRITES_STATE.search(file.read_text()):
                writers.add(str(file.relative_to(ROOT)))

    assert writers - OTHER_STATES == {"pingtang_union/core/workflow.py"}


def test_readme_shows_the_table_of_transitions():
    shown = "\n".join(f"    {line}" for line in diagram().splitlines())

    assert shown in (ROOT / "README.md").read_text(), f"README, How an application moves, should read:\n{shown}"
