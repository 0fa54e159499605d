"""Writes of relief that touch several rows or ask for rights, by subject."""

from relief.services.acts import bring_back, end_file, recheck
from relief.services.grants import approve, conflict, decline, delete, grant_from_file, may_delete, record
from relief.services.households import (
    add_file,
    change_household,
    give_consent,
    record_check,
    record_visit,
    remove_person,
    save_person,
    set_causes,
    start_household,
    withdraw_consent,
)
from relief.services.policies import copy_policy, issue_policy
from relief.services.replay import Replayed, replay
from relief.services.retention import due_for_forgetting, make_anonymous
from relief.services.spot_checks import answer_finding, draw_again, draw_files, record_finding

__all__ = [
    "Replayed",
    "add_file",
    "answer_finding",
    "approve",
    "bring_back",
    "change_household",
    "conflict",
    "copy_policy",
    "decline",
    "delete",
    "draw_again",
    "draw_files",
    "due_for_forgetting",
    "end_file",
    "give_consent",
    "grant_from_file",
    "issue_policy",
    "make_anonymous",
    "may_delete",
    "recheck",
    "record",
    "record_check",
    "record_finding",
    "record_visit",
    "remove_person",
    "replay",
    "save_person",
    "set_causes",
    "start_household",
    "withdraw_consent",
]
