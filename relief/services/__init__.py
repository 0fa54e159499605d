"""Writes of relief that touch several rows or ask for rights, by subject."""

from relief.services.acts import bring_back, end_file, recheck
from relief.services.care import find_early, look_at, register_visit
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
from relief.services.places import add_agreement, confirm_place, save_place, set_photo
from relief.services.policies import copy_policy, issue_policy
from relief.services.replay import Replayed, replay
from relief.services.retention import due_for_forgetting, make_anonymous
from relief.services.spot_checks import answer_finding, draw_again, draw_files, record_finding
from relief.services.support import receive_support, release_support, total_of

__all__ = [
    "Replayed",
    "add_agreement",
    "add_file",
    "answer_finding",
    "approve",
    "bring_back",
    "change_household",
    "confirm_place",
    "conflict",
    "copy_policy",
    "decline",
    "delete",
    "draw_again",
    "draw_files",
    "due_for_forgetting",
    "end_file",
    "find_early",
    "give_consent",
    "grant_from_file",
    "issue_policy",
    "look_at",
    "make_anonymous",
    "may_delete",
    "receive_support",
    "recheck",
    "record",
    "record_check",
    "record_finding",
    "record_visit",
    "register_visit",
    "release_support",
    "remove_person",
    "replay",
    "save_person",
    "save_place",
    "set_causes",
    "set_photo",
    "start_household",
    "total_of",
    "withdraw_consent",
]
