"""What every test holds the code to besides its own question; conftest.py turns it on for the whole run.

- A variable that one of our templates shows is there: a wrong name would show nothing, and nobody would notice.
- A page has no inline handler, which the content security policy blocks, and nothing of the template language in it.
- Rows asked for without an order come in any: PostgreSQL gives them as it likes.
- A page's context is kept as the view gave it: copies of it for every part that it includes are a fifth of its time.
- Who locks rows and loads related ones says which are locked (`of=`).
"""

import random
import re
from typing import Any

from django.db.models import QuerySet
from django.test import Client, client

from tests.undefined import Broken

# Of a template, not of a person who types two braces.
_UNRENDERED = re.compile(r"\{\{\s*[a-z_][\w.|:\"']*\s*\}\}|\{%\s*[a-z]+\s|\{#\s")
_HANDLER = re.compile(r"<[^>]*\s(?:on[a-z]+\s*=|(?:href|action|src)\s*=\s*[\"']?\s*javascript:)", re.IGNORECASE)


def check_page(response: Any) -> None:
    """Raise Broken for a page that no browser should get."""
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    text = response.content.decode()
    patterns = [_UNRENDERED]
    if not response.wsgi_request.path.startswith("/admin/"):  # the admin's theme evaluates expressions in attributes
        patterns.append(_HANDLER)
    for pattern in patterns:
        if found := pattern.search(text):
            raise Broken(f"{response.wsgi_request.path} holds {text[found.start() : found.end() + 40]!r}")


def install() -> None:
    """Turn the habits on, for the rest of the process."""
    request, fetch_all, keep = Client.request, QuerySet._fetch_all, client.store_rendered_templates

    def checked(self: Client, **asked: Any) -> Any:
        response = request(self, **asked)
        check_page(response)
        return response

    def shuffled(self: QuerySet) -> None:
        query = self.query
        if query.select_for_update and query.select_related and not query.select_for_update_of:
            raise Broken(f"a lock of {self.model.__name__} that locks related rows too: select_for_update(of=…)")
        is_new = self._result_cache is None
        fetch_all(self)
        if is_new and not self.ordered and not query.is_sliced:
            random.shuffle(self._result_cache)

    def keep_whole(store: dict[str, Any], *, template: Any, context: Any, **signal: Any) -> None:
        if context.template is template:
            keep(store, template=template, context=context, **signal)
        else:
            store.setdefault("templates", []).append(template)

    Client.request, QuerySet._fetch_all = checked, shuffled  # type: ignore[method-assign]
    client.store_rendered_templates = keep_whole
