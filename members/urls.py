"""Routes of officers' pages on unions, cadres, members, trainings and transfers, one a line."""

from typing import Any

from django.urls import path

from members.views import acts, cadres, members, numbers, trainings, transfers, unions
from pingtang_union.core.views import Role

app_name = "members"
# fmt: off
urlpatterns: list[Any] = [
    path("unions/", unions.UnionView.as_view(role=Role.LIST), name="union_list"),
    path("unions/choose/", unions.UnionChooseView.as_view(), name="union_choose"),
    path("unions/<int:pk>/", unions.UnionView.as_view(role=Role.DETAIL), name="union_detail"),
    path("unions/<int:pk>/edit/", unions.UnionView.as_view(role=Role.UPDATE), name="union_update"),
    path("cadres/", cadres.CadreView.as_view(role=Role.LIST), name="cadre_list"),
    path("cadres/new/", cadres.CadreView.as_view(role=Role.CREATE), name="cadre_create"),
    path("cadres/by-number/", numbers.CadreByNumberView.as_view(), name="cadre_by_number"),
    path("cadres/<int:pk>/", cadres.CadreView.as_view(role=Role.DETAIL), name="cadre_detail"),
    path("cadres/<int:pk>/edit/", cadres.CadreView.as_view(role=Role.UPDATE), name="cadre_update"),
    path("cadres/<int:pk>/end/", cadres.CadreEndView.as_view(), name="cadre_end"),
    path("cadres/<int:pk>/reveal/", cadres.CadreRevealView.as_view(), name="cadre_reveal"),
    path("members/", members.MemberView.as_view(role=Role.LIST), name="member_list"),
    path("members/new/", members.MemberView.as_view(role=Role.CREATE), name="member_create"),
    path("members/by-number/", numbers.MemberByNumberView.as_view(), name="member_by_number"),
    path("members/transfer-in/", transfers.MemberTransferInView.as_view(), name="member_transfer_in"),
    path("members/<int:pk>/", members.MemberView.as_view(role=Role.DETAIL), name="member_detail"),
    path("members/<int:pk>/edit/", members.MemberView.as_view(role=Role.UPDATE), name="member_update"),
    path("members/<int:pk>/reveal/", members.MemberRevealView.as_view(), name="member_reveal"),
    path("members/<int:pk>/deeds/<slug:act>/", acts.MemberActView.as_view(), name="member_act"),
    path("members/events/<int:pk>/correct/", acts.EventCorrectView.as_view(), name="event_correct"),
    path("members/events/<int:pk>/cancel/", acts.EventCancelView.as_view(), name="event_cancel"),
    path("transfers/", transfers.TransferView.as_view(role=Role.LIST), name="transfer_list"),
    path("transfers/<int:pk>/", transfers.TransferView.as_view(role=Role.DETAIL), name="transfer_detail"),
    path("transfers/<int:pk>/answer/", transfers.TransferAnswerView.as_view(), name="transfer_answer"),
    path("transfers/<int:pk>/withdraw/", transfers.TransferWithdrawView.as_view(), name="transfer_withdraw"),
    path("trainings/", trainings.TrainingView.as_view(role=Role.LIST), name="training_list"),
    path("trainings/new/", trainings.TrainingView.as_view(role=Role.CREATE), name="training_create"),
    path("trainings/choose/", trainings.TrainingChooseView.as_view(), name="training_choose"),
    path("trainings/<int:pk>/", trainings.TrainingView.as_view(role=Role.DETAIL), name="training_detail"),
    path("trainings/<int:pk>/edit/", trainings.TrainingView.as_view(role=Role.UPDATE), name="training_update"),
    path("trainings/<int:pk>/people/new/", trainings.AttendanceAddView.as_view(), name="attendance_add"),
    path("trainings/people/<int:pk>/edit/", trainings.AttendanceView.as_view(Role.UPDATE), name="attendance_update"),
    path("trainings/people/<int:pk>/remove/", trainings.AttendanceRemoveView.as_view(), name="attendance_remove"),
]
# fmt: on
