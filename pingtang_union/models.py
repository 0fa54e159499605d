"""The tables of the ground itself."""

from django.db import models


class KeyCheck(models.Model):
    """A known text sealed with this database's DATA_KEY: who starts with another is refused (management.data_key)."""

    sealed = models.BinaryField("校验内容（加密）")
    made_at = models.DateTimeField("生成时间", auto_now_add=True)

    class Meta:
        app_label = "core"  # where its table was made
        verbose_name = verbose_name_plural = "密钥校验"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} 的密钥"


class RoleGrant(models.Model):
    """A permission that a role was given because an app declares it (core.grants)."""

    role = models.CharField("角色", max_length=150)
    permission = models.CharField("权限", max_length=201)

    class Meta:
        app_label = "core"
        verbose_name = verbose_name_plural = "角色授权"
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["role", "permission"], name="rolegrant_once", violation_error_message="这项权限已经授过。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}：{self.permission}"


class JobRun(models.Model):
    """When a job of the night was last begun (core.jobs)."""

    name = models.CharField("工作", max_length=100, unique=True)
    at = models.DateTimeField("上次开始")

    class Meta:
        app_label = "core"
        verbose_name = verbose_name_plural = "夜间工作"
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
