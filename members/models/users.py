"""Accounts. Groups say what a user may do; the union node says on which rows."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower

from pingtang_union.core.scope import ScopedModel, ScopedQuerySet


class ScopedUserManager(UserManager.from_queryset(ScopedQuerySet)):
    """Django's account manager with `visible_to`."""


class User(AbstractUser, ScopedModel):
    """A person who signs in and serves one union node. `is_staff` follows from the roles (services.set_roles)."""

    scope_path = "union"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField("姓名", max_length=50)
    union = models.ForeignKey(
        "members.Union",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="所在工会",
        related_name="users",
        help_text="可以查看和办理这个工会及其下级工会的记录；不填则无法查看记录",
    )
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    session_key = models.CharField("当前会话", max_length=40, blank=True, editable=False)

    objects = ScopedUserManager()

    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering = ["username"]
        permissions = [("assign_roles", "分配角色")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_any_case",
                violation_error_message="已有只是大小写不同的账号。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name}（{self.username}）" if self.full_name else self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name or self.username

    @property
    def role_names(self) -> str:
        """The roles as one text: 领导、审计员."""
        if not hasattr(self, "_role_names"):
            self._role_names = "、".join(self.groups.values_list("name", flat=True))
        return self._role_names
