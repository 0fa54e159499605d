"""Signing in and out, changing the password, and the way to the page of one's role."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache

from pingtang_union.pages.public.front import front_page


class SignInForm(AuthenticationForm):
    """Django's form in the words of our people."""

    error_messages = {
        "invalid_login": "账号或密码不正确，请核对后重试。密码区分大小写；"
        f"连续输错 {settings.AXES_FAILURE_LIMIT} 次，账号会暂时锁定。",
        "inactive": "该账号已停用，请联系县总工会系统管理员。",
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["username"].error_messages["required"] = "请填写账号。"
        self.fields["password"].label = "密码"
        self.fields["password"].error_messages["required"] = "请填写密码。"


class SignInView(views.LoginView):
    """The one page to sign in, for every role; /admin/login/ leads here too."""

    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever is signed in goes on, unless a page refused this account: then the page says so."""
        if request.user.is_authenticated and not self.get_redirect_url():
            return redirect("home")
        return super().get(request, *args, **kwargs)


class SignOutView(views.LogoutView):
    """Ends the session; POST only, so that no link of another site can do it. GET leads on and does nothing."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("home")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        messages.success(request, "已安全退出。")
        return response


class NewPasswordForm(PasswordChangeForm):
    """Asks for a password that really is another one."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "原密码不正确，请重新输入。",
        "password_mismatch": "两次输入的新密码不一致，请重新输入。",
        "password_unchanged": "新密码不能与原密码相同。",
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, label, required in (
            ("old_password", "原密码", "请填写原密码。"),
            ("new_password1", "新密码", "请填写新密码。"),
            ("new_password2", "确认新密码", "请再次填写新密码。"),
        ):
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = required

    def clean_new_password1(self) -> str:
        new = self.cleaned_data["new_password1"]
        if new and new == self.cleaned_data.get("old_password"):
            raise forms.ValidationError(self.error_messages["password_unchanged"], code="password_unchanged")
        return new

    def validate_password_for_user(self, user: Any, *args: Any) -> None:
        """What is wrong with the new password is said where it was first typed."""
        super().validate_password_for_user(user, "new_password1")


class PasswordView(views.PasswordChangeView):
    """Change one's password; a first password is thereby replaced."""

    form_class = NewPasswordForm
    success_url = reverse_lazy("home")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what is wrong; who guesses the present password at an unattended desk is signed out."""
        if "old_password" in form.errors:
            tries = self.request.session.get("wrong_passwords", 0) + 1
            self.request.session["wrong_passwords"] = tries
            if tries >= settings.AXES_FAILURE_LIMIT:
                logout(self.request)
                messages.error(self.request, "原密码连续输错，已退出登录。请您重新登录后再修改。")
                return redirect(settings.LOGIN_URL)
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, and stay signed in: the session gets a new key, which the account has to know as its one session."""
        with transaction.atomic():
            response = super().form_valid(form)
            form.user.must_change_password = False
            form.user.session_key = self.request.session.session_key
            form.user.save(update_fields=["must_change_password", "session_key"])
        messages.success(self.request, "密码已修改，下次登录请使用新密码。")
        return response


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lead each person to the page of their role: county staff to the desk, leaders to the dashboard, the rest
    to their union. Whoever isn't signed in reads the public front page."""
    if not request.user.is_authenticated:
        return front_page(request)
    return redirect(home_of(request.user))


def home_of(user: Any) -> str:
    """Route name of the first page for `user`, who is signed in."""
    if user.is_staff:
        return "desk"
    return "dashboard" if user.has_perm("members.view_dashboard") else "workbench"
