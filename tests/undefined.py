"""An undefined variable in one of our templates fails the test. The settings of the tests take it from here."""

import sys
from pathlib import Path
from typing import Any

from django.template.base import FilterExpression, Node
from django.template.defaultfilters import default

_OURS = str(Path(__file__).parents[1] / "templates")


class Broken(AssertionError):
    """A habit that the code under test breaks."""


class Undefined(str):
    """What an undefined variable gives: "" in templates of packages, a failure in ours."""

    __slots__ = ()

    def __bool__(self) -> bool:
        frame: Any = sys._getframe(1)
        if frame.f_code is FilterExpression.resolve.__code__:
            shown = frame.f_locals["self"]
            while frame and not isinstance(frame.f_locals.get("self"), Node):
                frame = frame.f_back
            node = frame and frame.f_locals["self"]
            has_default = any(func is default for func, _args in shown.filters)  # the template says that it may miss
            if node and not has_default and str(node.origin).startswith(_OURS):
                raise Broken(f"{node.origin}, line {node.token.lineno}: {shown} is undefined")
        return False
