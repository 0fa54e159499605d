"""Writes that touch several rows, one module a subject: accounts and roles, a union's place in the tree, acts of
membership, transfers between unions."""

from members.services.accounts import (
    check_place,
    check_separation,
    create_account,
    give_first_password,
    is_out_of_reach,
    open_account,
    role_givers,
    set_roles,
)
from members.services.membership import (
    add_member,
    can_be_cancelled,
    cancel_event,
    correct_event,
    fold_events,
    follow_events,
    record_event,
    transfer_member,
)
from members.services.transfers import answer_transfer, check_receiving, request_transfer, withdraw_transfer
from members.services.unions import place_union
