"""Accounts and roles. 系统管理员 keeps accounts, 安全管理员 gives roles; neither does the other's work."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from members import roles, services
from members.admin.filters import InUseFilter, RoleFilter, UnionFilter
from members.models import Union, User
from pingtang_union.admin import PlainForm, ReadOnlyAdmin, RecordForm, ScopedAdmin, asks
from pingtang_union.admin.bases import PageMixin
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import may_view

admin.site.unregister(Group)

_ACTIONS = {"add": "新增", "change": "修改", "delete": "删除", "view": "查看"}
_ACCOUNT = ("username", "full_name", "union", "is_active")


class UserForm(RecordForm):
    """An account; roles only where the form has them."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "union" in self.fields:
            self.fields["union"].required = True  # an account without one sees nothing and no page shows it

    def clean(self) -> dict[str, Any]:
        """三员分立, and roles that fit the union, said beside the field."""
        cleaned = super().clean() or self.cleaned_data
        place = "groups" if "groups" in cleaned else "union"
        if place not in cleaned or self.instance.pk is None:
            return cleaned
        held = cleaned["groups"] if place == "groups" else self.instance.groups.all()
        names = {group.name for group in held}
        try:
            services.check_separation(names)
            services.check_place(names, cleaned.get("union", self.instance.union))
        except DomainError as error:
            self.add_error(place, str(error))
        return cleaned


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """账号。"""

    form = UserForm
    measure = "个"
    list_display = ("username", "full_name", "union", "roles", "in_use", "must_change_password", "last_login")
    list_filter = (("union", UnionFilter), RoleFilter, InUseFilter)
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_fields = ("username",)
    search_help_text = "账号或姓名的开头几个字"
    actions_detail = ("reset_password",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the roles, in one query for the list."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the account name or the person's name."""
        term = search_term.strip()
        matches = queryset.filter(username__startswith=term) | queryset.filter(full_name__startswith=term)
        return (matches if term else queryset), False

    # --- Who may do what ---

    def _keeps_accounts(self, request: HttpRequest) -> bool:
        return request.user.has_perm("members.add_user")

    def _gives_roles(self, request: HttpRequest, obj: User | None) -> bool:
        """Roles of others only."""
        return obj is not None and obj.pk != request.user.pk and request.user.has_perm("members.assign_roles")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser's account is nobody else's to change, an administrator's only in its roles."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        if services.is_out_of_reach(obj, request.user) and not self._gives_roles(request, obj):
            return False
        return super().has_change_permission(request, obj)

    def has_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who keeps the accounts gives new first passwords, but to no other administrator and no superuser."""
        account = self.get_queryset(request).filter(pk=key_in(object_id)).first()
        may_change = self.has_change_permission(request, account)
        return self._keeps_accounts(request) and may_change and not services.is_out_of_reach(account, request.user)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The account, its roles, and what follows from both."""
        is_closed = obj is not None and not self._keeps_accounts(request) and not may_view(request.user, Union)
        union = "union_plain" if is_closed else "union"
        account = (None, {"fields": (("username", "full_name"), union, "is_active")})
        if obj is None:
            return (account,)
        roles = "groups" if self._gives_roles(request, obj) else "roles"
        return (
            account,
            ("角色", {"fields": (roles,), "description": "角色决定可办理的事项，所在工会决定可查看的记录范围。"}),
            ("状态", {"fields": (("must_change_password", "last_login", "date_joined"), "enters_admin")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """系统管理员 edits accounts but not her own scope; 安全管理员 edits nothing but roles."""
        always = ("union_plain", "roles", "must_change_password", "last_login", "date_joined", "enters_admin")
        if not self._keeps_accounts(request) or services.is_out_of_reach(obj, request.user):
            return (*_ACCOUNT, *always)
        return ("union", "is_active", *always) if obj is not None and obj.pk == request.user.pk else always

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles as ticks."""
        if db_field.name == "groups":
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.label = "角色"
            field.help_text = "系统管理员、安全管理员、审计员须由三人分别担任，不得兼任业务角色。"
        return field

    # --- Writes ---

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new account gets its first password, shown once on the next page."""
        if change:
            obj.save()
        else:
            request.first_password = services.open_account(user=obj, by=request.user)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Roles go through the service, which also settles whether the account enters the admin."""
        if "groups" in form.cleaned_data:
            services.set_roles(user=form.instance, groups=form.cleaned_data["groups"], by=request.user)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """The first password, once, on a page that no cache keeps."""
        names = "、".join(person.full_name for person in services.role_givers(obj))
        step = f"已通知{roles.SECURITY_ADMIN}（{names}）" if names else f"下一步：请{roles.SECURITY_ADMIN}"
        next_step = f"{step}为该账号分配角色，分配前本人登录后没有可查看的内容。"
        return self._password_page(request, obj, request.first_password, next_step)

    @asks(
        "重置密码", permission="reset", icon="lock_reset", path="reset-password",
        intro="将产生一个新的首次密码，原密码立即失效，正在登录的会话会退出，因多次输错而锁定的账号同时解锁。"
        "请当面或通过可靠的方式告诉本人。",
    )  # fmt: skip
    def reset_password(self, request: HttpRequest, account: User, form: PlainForm) -> HttpResponse:
        """A new first password, shown once."""
        password = services.give_first_password(user=account, by=request.user)
        return self._password_page(request, account, password)

    def _password_page(self, request: HttpRequest, account: User, password: str, next_step: str = "") -> HttpResponse:
        note = f"请现在记下并告知本人。离开本页后不再显示；本人首次登录时须修改密码。{next_step}"
        return self.shown_once(request, account, label="首次密码", value=password, note=note)

    @display(description="状态", ordering="is_active", label={"启用": "is-ok", "停用": ""})
    def in_use(self, obj: User) -> str:
        return "启用" if obj.is_active else "停用"

    @display(description="可进业务管理（由角色决定）", boolean=True)
    def enters_admin(self, obj: User) -> bool:
        return obj.is_staff

    @display(description="角色")
    def roles(self, obj: User) -> str:
        return "、".join(group.name for group in obj.groups.all()) or "—"


def permission_text(permission: Permission) -> str:
    """A permission in words: 新增会员; our own permissions carry their Chinese name."""
    verb, _, rest = permission.codename.partition("_")
    model = permission.content_type.model_class()
    if model is not None and verb in _ACTIONS and rest == model._meta.model_name:
        return f"{_ACTIONS[verb]}{model._meta.verbose_name}"
    named = dict(model._meta.permissions) if model is not None else {}
    return str(named.get(permission.codename, permission.name))


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin, PageMixin, ModelAdmin):
    """角色: what each may do, to look at. The grants themselves belong to the release (members.migrations)."""

    measure = "个"
    list_display = ("name", "accounts")
    search_fields = ("name",)
    fields = readonly_fields = ("name", "granted")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the accounts that the user may see."""
        visible = User.objects.visible_to(request.user).filter(is_active=True)
        return super().get_queryset(request).prefetch_related(Prefetch("user_set", visible, to_attr="visible_users"))

    @display(description="持有账号（启用的）")
    def accounts(self, obj: Group) -> str:
        return "、".join(user.full_name or user.username for user in obj.visible_users) or "—"

    @display(description="权限")
    def granted(self, obj: Group) -> str:
        permissions = obj.permissions.select_related("content_type").order_by("content_type__model", "codename")
        return format_html_join("", "<div>{}</div>", ((permission_text(it),) for it in permissions)) or "—"
