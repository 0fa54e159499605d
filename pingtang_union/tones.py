"""One colour a state, everywhere: the states of a model are declared with their tone beside their words."""

from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.db import models


class Toned(models.TextChoices):
    """Choices of three parts: value, tone, words. The tone is a class of css/components/badge.css: is-ok done, is-info
    on its way, is-notice shown to everyone, is-warn due, is-bad refused, or "" at rest."""

    tone: str

    def __new__(cls, value: str, tone: str = "") -> "Toned":
        """The words are Django's: its metaclass has taken them off."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member


@cache
def tones() -> dict[str, str]:
    """Tones by words, of all states. Raises ImproperlyConfigured for words that two models show in two colours."""
    found: dict[str, str] = {}
    for states in Toned.__subclasses__():
        for state in states:
            words = str(state.label)
            if found.setdefault(words, state.tone) != state.tone:
                raise ImproperlyConfigured(f"{states.__name__}: {words} has another tone elsewhere.")
    return found
