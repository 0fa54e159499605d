"""What tests of pages share: a form as the browser would send it, and one page with every address of an app."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def filled(response: Any, **changes: Any) -> dict[str, Any]:
    """The data that the browser would send from the form of `response`, with `changes`."""
    form = response.context["form"]
    data = {field.html_name: field.value() for field in form if field.value() is not None}
    if response.context.get("version"):
        data["version"] = response.context["version"]
    return {**data, **changes}


def errors(response: Any) -> dict[str, list[str]]:
    """What a refused form says, by field; "__all__" is above the form."""
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def listed(response: Any) -> list[str]:
    """The names on a list's page, in order."""
    return [str(row) for row in response.context["page_obj"]]


def routes(module: str, prefixes: tuple[str, ...]) -> Iterator[str]:
    """Names of the routes of an app's urls `module` that begin with one of `prefixes`, with the app before them."""

    def walk(resolver: URLResolver) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLPattern) and one.name and one.name.startswith(prefixes):
                yield f"{module.split('.')[0]}:{one.name}"

    yield from walk(get_resolver(module))
