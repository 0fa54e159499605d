"""Routes of officers' pages on unions, cadres, members, trainings and transfers, one a line."""

from typing import Any

from django.urls import path

from members.views.cadres import CadreEndView, CadreRevealView, CadreView
from members.views.deeds import EventCancelView, EventCorrectView, MemberDeedView
from members.views.members import MemberRevealView, MemberView
from members.views.trainings import AttendanceAddView, AttendanceRemoveView, AttendanceView, TrainingView
from members.views.transfers import MemberTransferInView, TransferAnswerView, TransferView, TransferWithdrawView
from members.views.unions import UnionView
from pingtang_union.core.views import Role

# fmt: off
urlpatterns: list[Any] = [
    path("unions/", UnionView.as_view(role=Role.LIST), name="union_list"),
    path("unions/<int:pk>/", UnionView.as_view(role=Role.DETAIL), name="union_detail"),
    path("unions/<int:pk>/edit/", UnionView.as_view(role=Role.UPDATE), name="union_update"),
    path("cadres/", CadreView.as_view(role=Role.LIST), name="cadre_list"),
    path("cadres/new/", CadreView.as_view(role=Role.CREATE), name="cadre_create"),
    path("cadres/<int:pk>/", CadreView.as_view(role=Role.DETAIL), name="cadre_detail"),
    path("cadres/<int:pk>/edit/", CadreView.as_view(role=Role.UPDATE), name="cadre_update"),
    path("cadres/<int:pk>/end/", CadreEndView.as_view(), name="cadre_end"),
    path("cadres/<int:pk>/reveal/", CadreRevealView.as_view(), name="cadre_reveal"),
    path("members/", MemberView.as_view(role=Role.LIST), name="member_list"),
    path("members/new/", MemberView.as_view(role=Role.CREATE), name="member_create"),
    path("members/transfer-in/", MemberTransferInView.as_view(), name="member_transfer_in"),
    path("members/<int:pk>/", MemberView.as_view(role=Role.DETAIL), name="member_detail"),
    path("members/<int:pk>/edit/", MemberView.as_view(role=Role.UPDATE), name="member_update"),
    path("members/<int:pk>/reveal/", MemberRevealView.as_view(), name="member_reveal"),
    path("members/<int:pk>/deeds/<slug:deed>/", MemberDeedView.as_view(), name="member_deed"),
    path("members/events/<int:pk>/correct/", EventCorrectView.as_view(), name="event_correct"),
    path("members/events/<int:pk>/cancel/", EventCancelView.as_view(), name="event_cancel"),
    path("transfers/", TransferView.as_view(role=Role.LIST), name="transfer_list"),
    path("transfers/<int:pk>/", TransferView.as_view(role=Role.DETAIL), name="transfer_detail"),
    path("transfers/<int:pk>/answer/", TransferAnswerView.as_view(), name="transfer_answer"),
    path("transfers/<int:pk>/withdraw/", TransferWithdrawView.as_view(), name="transfer_withdraw"),
    path("trainings/", TrainingView.as_view(role=Role.LIST), name="training_list"),
    path("trainings/new/", TrainingView.as_view(role=Role.CREATE), name="training_create"),
    path("trainings/<int:pk>/", TrainingView.as_view(role=Role.DETAIL), name="training_detail"),
    path("trainings/<int:pk>/edit/", TrainingView.as_view(role=Role.UPDATE), name="training_update"),
    path("trainings/<int:pk>/people/new/", AttendanceAddView.as_view(), name="attendance_add"),
    path("trainings/people/<int:pk>/edit/", AttendanceView.as_view(role=Role.UPDATE), name="attendance_update"),
    path("trainings/people/<int:pk>/remove/", AttendanceRemoveView.as_view(), name="attendance_remove"),
]
# fmt: on
