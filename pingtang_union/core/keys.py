"""Keys of records as addresses and forms name them: whatever stands there, a question to the database gets a key or
none, and nobody an error page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

_DIGITS = 19  # of the largest key that a database holds, and one more


def key_in(text: Any) -> int:
    """The key that an address or a form names; 0, which no record has, for what is none."""
    text = str(text)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else 0


def is_key(model: type[models.Model], text: Any) -> bool:
    """Whether `text` may be a key of `model` at all."""
    field = model._meta.pk
    if isinstance(field, models.IntegerField):
        return key_in(text) > 0
    try:
        field.to_python(text)
    except ValidationError:
        return False
    return "\0" not in str(text)
