"""What the portal asks of PostgreSQL beyond rows: pages that only read can't write, and nobody waits for ever.

On SQLite nothing of it happens: there a writer waits as long as settings.py says.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve

logger = logging.getLogger(__name__)
_BUSY = {"57014", "55P03", "40P01"}  # query_canceled, lock_not_available, deadlock_detected


def limit_statements(*, seconds: int, lock_seconds: int) -> None:
    """The longest a statement of this process may take, and wait for a lock. A process that doesn't call it may take
    its time: a command has somebody who watches it."""
    if connection.vendor != "postgresql":
        return
    limits = {"statement_timeout": f"{seconds}s", "lock_timeout": f"{lock_seconds}s"}
    options = connections.settings[connection.alias].setdefault("OPTIONS", {})
    told = " ".join(f"-c {name}={value}" for name, value in limits.items())
    options["options"] = f"{options.get('options', '')} {told}".strip()
    connection.close()  # the next one has them


def only_reads(view: Any) -> Any:
    """Mark a view whose GET writes nothing. Officers' lists are marked by their base; the admin's need no mark."""
    view.only_reads = True
    return view


def _only_reads(match: ResolverMatch) -> bool:
    is_admin_list = match.namespace == "admin" and str(match.url_name).endswith("_changelist")
    return is_admin_list or getattr(match.func, "only_reads", False)


class DatabaseMiddleware:
    """The innermost of all, so that session, messages and audit trail are written outside of its transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if connection.vendor != "postgresql" or connection.in_atomic_block or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if not _only_reads(match):
            return self.get_response(request)
        connection.ensure_connection()
        connection.connection.read_only = True
        try:
            with transaction.atomic():
                return self.get_response(request)
        finally:
            if connection.connection is not None and not connection.connection.closed:
                connection.connection.read_only = None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page in words for what took too long, or waited too long for somebody else."""
        if not isinstance(error, OperationalError) or getattr(error.__cause__, "sqlstate", "") not in _BUSY:
            return None
        logger.warning("%s took longer than the database allows", request.path)
        return render(None, "503.html", status=503)
