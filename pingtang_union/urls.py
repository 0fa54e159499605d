"""Routes, one a line."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from pingtang_union.admin.inconsistencies import checks_page
from pingtang_union.pages import accounts, calls, dashboard, desk, home
from pingtang_union.pages.ledgers import answer, batches, filling, giving, people, undoing
from pingtang_union.pages.public import certificates, files, honours, notices
from pingtang_union.pages.styleguide import styleguide

# fmt: off
urlpatterns = [
    path("", accounts.home, name="home"),
    path("login/", accounts.SignInView.as_view(), name="login"),
    path("logout/", accounts.SignOutView.as_view(), name="logout"),
    path("password/", accounts.PasswordView.as_view(), name="password_change"),
    path("notices/", notices.notice_board, name="notice_board"),
    path("notices/<slug:key>/", notices.notice, name="notice"),
    path("files/<slug:token>/", files.public_file, name="public_file"),
    path("honours/", honours.honour_roll, name="honour_roll"),
    path("honours/<str:token>/", honours.holder, name="honour_holder"),
    path("honours/<str:token>/certificate/", certificates.certificate, name="honour_certificate"),
    path("honours/<str:token>/qr.svg", certificates.qr_code, name="honour_qr"),
    path("verify/", certificates.verify, name="verify"),
    path("verify/<str:token>/", certificates.verify_award, name="verify_award"),
    path("styleguide/", styleguide, name="styleguide"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/rows/<str:figure_id>/", dashboard.figure_rows, name="figure_rows"),
    path("desk/", desk.desk, name="desk"),
    path("desk/notices/<int:pk>/", desk.read_notice, name="notice_read"),
    path("workbench/", home.workbench, name="workbench"),
    path("workbench/calls/<int:pk>/", calls.call_page, name="ledger_call"),
    path("workbench/calls/<int:pk>/remind/", calls.remind, name="call_remind"),
    path("workbench/calls/<int:pk>/list.xlsx", calls.export_unions, name="call_export"),
    path("workbench/calls/<int:pk>/unchanged/", calls.unchanged, name="call_unchanged"),
    path("ledgers/", batches.index, name="ledgers"),
    path("ledgers/bring/", batches.bring, name="ledger_bring"),
    path("ledgers/write/", batches.write_all, name="ledger_write_all"),
    path("ledgers/templates/", giving.giving, name="giving"),
    path("ledgers/templates/<slug:slug>/", giving.blank_workbook, name="ledger_blank"),
    path("ledgers/templates/<slug:slug>/filled/", giving.prefilled_workbook, name="ledger_prefilled"),
    path("ledgers/export/<slug:slug>/", giving.export_list, name="ledger_export"),
    path("ledgers/fill/", filling.ledger_fill, name="ledger_fill"),
    path("ledgers/fill/<slug:token>/", filling.fill_check, name="ledger_fill_check"),
    path("ledgers/fill/<slug:token>/done/", filling.filled_page, name="ledger_filled"),
    path("ledgers/fill/<slug:token>/file/", filling.filled_page, {"is_file": True}, name="ledger_filled_file"),
    path("ledgers/<int:pk>/", batches.batch_page, name="ledger_batch"),
    path("ledgers/<int:pk>/progress/", batches.progress, name="ledger_progress"),
    path("ledgers/<int:pk>/columns/", batches.choose_columns, name="ledger_columns"),
    path("ledgers/<int:pk>/people/", people.decide, name="ledger_decide"),
    path("ledgers/<int:pk>/write/", batches.write, name="ledger_write"),
    path("ledgers/<int:pk>/check/", batches.recheck, name="ledger_recheck"),
    path("ledgers/<int:pk>/resume/", batches.resume, name="ledger_resume"),
    path("ledgers/<int:pk>/discard/", batches.discard, name="ledger_discard"),
    path("ledgers/<int:pk>/file/", answer.annotated, name="ledger_annotated"),
    path("ledgers/<int:pk>/undo/", undoing.undo_page, name="ledger_undo"),
    path("ledgers/<int:pk>/transfers/", people.request_transfers, name="ledger_transfers"),
    path("", include("members.urls")),
    path("", include("awards.urls")),
    path("", include("campaigns.urls")),
    path("", include("relief.urls")),
    # One way in and one password page: the admin's own know neither the first password nor the session key.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/checks/", admin.site.admin_view(checks_page), name="record_checks"),
    path("admin/", admin.site.urls),
]
# fmt: on
