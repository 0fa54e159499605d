"""Routes of relief for officers, townships, county staff and leaders, one a line."""

from typing import Any

from django.urls import path

from pingtang_union.core.views import Role
from pingtang_union.proof import pages
from relief.views import care, glass, grants, households, national, slips, steps

app_name = "relief"
# fmt: off
urlpatterns: list[Any] = [
    path("grants/", grants.GrantView.as_view(role=Role.LIST), name="grant_list"),
    path("cards/", grants.CardIssueView.as_view(role=Role.LIST), name="cardissue_list"),
    path("glass/", glass.glass, name="glass"),
    path("glass/<int:year>/", glass.glass, name="glass_year"),
    path("glass/funds.json", glass.published_file, name="glass_file"),
    path("glass/seal.py", pages.command, name="glass_command"),
    path("service-points/", care.points_page, name="points"),
    path("merchants/", care.merchants_page, name="merchants"),
    path("points/", care.PointView.as_view(role=Role.LIST), name="servicepoint_list"),
    path("points/new/", care.PointView.as_view(role=Role.CREATE), name="servicepoint_create"),
    path("points/<int:pk>/", care.PointView.as_view(role=Role.DETAIL), name="servicepoint_detail"),
    path("points/<int:pk>/edit/", care.PointView.as_view(role=Role.UPDATE), name="servicepoint_update"),
    path("points/<int:pk>/photo/", care.PhotoView.as_view(), name="servicepoint_photo"),
    path("merchants/files/<int:pk>/", care.AgreementView.as_view(), name="agreement"),
    path("supports/", care.SupportView.as_view(role=Role.LIST), name="support_list"),
    path("supports/<int:pk>/", care.SupportView.as_view(role=Role.DETAIL), name="support_detail"),
    path("supports/<int:pk>/receive/", care.ReceiveView.as_view(), name="support_receive"),
    path("supports/files/<int:pk>/", care.ReceiptView.as_view(), name="receipt"),
    path("visits/new/", care.CareVisitView.as_view(), name="carevisit_create"),
    path("visits/files/<int:pk>/", care.VisitPhotoView.as_view(), name="visit_photo"),
    path("slip/", slips.slip, name="slip"),
    path("slip/<str:code>/", slips.slip_answer, name="slip_answer"),
    path("payments/<int:pk>/slips/", slips.SlipsPrintView.as_view(), name="slips_print"),
    path("households/", households.HouseholdView.as_view(role=Role.LIST), name="household_list"),
    path("households/new/", households.StartView.as_view(), name="household_create"),
    path("households/files/<int:pk>/", households.FileView.as_view(), name="household_file"),
    path("households/people/<int:pk>/number/", households.NumberView.as_view(), name="person_number"),
    path("households/assessments/<int:pk>/", households.AssessmentView.as_view(), name="assessment"),
    path("households/checks/<int:pk>/", households.SpotAnswerView.as_view(), name="spotcheck_answer"),
    path("households/choose/", national.HouseholdChooseView.as_view(), name="household_choose"),
    path("households/national/", national.LackingView.as_view(), name="national_lacking"),
    path("households/remarks/<int:pk>/", national.RemarkAnswerView.as_view(), name="remark_answer"),
    path("households/remarks/<int:pk>/file/", national.RemarkAssignView.as_view(), name="remark_assign"),
    path("households/<int:pk>/national/", national.SupplementView.as_view(), name="household_national"),
    path("households/<int:pk>/", households.HouseholdView.as_view(role=Role.DETAIL), name="household_detail"),
    path("households/<int:pk>/edit/", steps.WhoView.as_view(), name="household_update"),
    path("households/<int:pk>/family/", steps.FamilyView.as_view(), name="household_family"),
    path("households/<int:pk>/family/new/", steps.PersonView.as_view(), name="person_create"),
    path("households/<int:pk>/family/<int:person>/", steps.PersonView.as_view(), name="person_update"),
    path("households/<int:pk>/money/", steps.MoneyView.as_view(), name="household_money"),
    path("households/<int:pk>/papers/", steps.PapersView.as_view(), name="household_papers"),
    path("households/<int:pk>/consent/", steps.ConsentView.as_view(), name="household_consent"),
    path("households/<int:pk>/mend/", steps.MendView.as_view(), name="household_mend"),
    path("households/<int:pk>/check/", steps.CheckView.as_view(), name="household_check"),
    path("households/<int:pk>/move/<slug:name>/", households.HouseholdMoveView.as_view(), name="household_move"),
    path("households/<int:pk>/relief/", households.ReliefView.as_view(), name="household_relief"),
    path("households/<int:pk>/visit/", households.VisitView.as_view(), name="household_visit"),
    path("households/<int:pk>/copy/", households.CopyView.as_view(), name="household_copy"),
    path("households/<int:pk>/account/", households.AccountView.as_view(), name="household_account"),
]
# fmt: on
