"""Routes, one a line."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from pingtang_union import accounts, dashboard, ledgers, workbench

# fmt: off
urlpatterns = [
    path("", accounts.home, name="home"),
    path("login/", accounts.SignInView.as_view(), name="login"),
    path("logout/", accounts.SignOutView.as_view(), name="logout"),
    path("password/", accounts.PasswordView.as_view(), name="password_change"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/rows/<str:figure_id>/", dashboard.figure_rows, name="figure_rows"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("ledgers/", ledgers.index, name="ledgers"),
    path("ledgers/bring/", ledgers.bring, name="ledger_bring"),
    path("ledgers/write/", ledgers.write_all, name="ledger_write_all"),
    path("ledgers/<int:pk>/", ledgers.batch_page, name="ledger_batch"),
    path("ledgers/<int:pk>/progress/", ledgers.progress, name="ledger_progress"),
    path("ledgers/<int:pk>/columns/", ledgers.choose_columns, name="ledger_columns"),
    path("ledgers/<int:pk>/people/", ledgers.decide, name="ledger_decide"),
    path("ledgers/<int:pk>/write/", ledgers.write, name="ledger_write"),
    path("ledgers/<int:pk>/check/", ledgers.recheck, name="ledger_recheck"),
    path("ledgers/<int:pk>/resume/", ledgers.resume, name="ledger_resume"),
    path("ledgers/<int:pk>/discard/", ledgers.discard, name="ledger_discard"),
    path("ledgers/<int:pk>/file/", ledgers.annotated, name="ledger_annotated"),
    path("ledgers/<int:pk>/undo/", ledgers.undo_page, name="ledger_undo"),
    path("ledgers/<int:pk>/transfers/", ledgers.request_transfers, name="ledger_transfers"),
    path("", include("members.urls")),
    # One way in and one password page: the admin's own know neither the first password nor the session key.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
]
# fmt: on
