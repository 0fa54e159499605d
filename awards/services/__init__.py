"""Writes of honours that touch several rows or have effects: one module a subject."""

from awards.services.awards import record_naming, revoke_award
from awards.services.nominations import (
    add_file,
    answer_vetoes,
    change_nomination,
    record_opinion,
    score_nomination,
    start_nomination,
    tick_papers,
)
from awards.services.rounds import copy_requirements, may_keep
from awards.services.stars import (
    add_evidence,
    copy_scheme,
    put_in_use,
    save_county_scores,
    save_self_scores,
    start_scorecard,
    take_out_of_use,
)
