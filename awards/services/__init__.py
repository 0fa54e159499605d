"""Writes of honours that touch several rows or have effects: one module a subject."""

from awards.services.awards import record_naming, revoke_award
from awards.services.nominations import (
    add_file,
    answer_vetoes,
    change_nomination,
    record_opinion,
    remove_file,
    score_nomination,
    start_nomination,
    tick_papers,
)
from awards.services.rounds import copy_requirements, may_keep

__all__ = [
    "add_file",
    "answer_vetoes",
    "change_nomination",
    "copy_requirements",
    "may_keep",
    "record_naming",
    "record_opinion",
    "remove_file",
    "revoke_award",
    "score_nomination",
    "start_nomination",
    "tick_papers",
]
