"""Routes, one a line."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from pingtang_union import accounts, dashboard, workbench

# fmt: off
urlpatterns = [
    path("", accounts.home, name="home"),
    path("login/", accounts.SignInView.as_view(), name="login"),
    path("logout/", accounts.SignOutView.as_view(), name="logout"),
    path("password/", accounts.PasswordView.as_view(), name="password_change"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/rows/<str:figure_id>/", dashboard.figure_rows, name="figure_rows"),
    path("workbench/", workbench.workbench, name="workbench"),
    # One way in and one password page: the admin's own know neither the first password nor the session key.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
]
# fmt: on
