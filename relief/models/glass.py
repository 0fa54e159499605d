"""What of the funds is published, as it stood when it was published."""

from typing import ClassVar

from django.db import models


class Publication(models.Model):
    """The public file of the funds (玻璃资金), made by the worker at night; the public page shows the latest. Holds no
    name and no cell of fewer than three persons."""

    is_append_only: ClassVar[bool] = True

    at = models.DateTimeField("公布时间", auto_now_add=True)
    head = models.CharField("链头", max_length=64)
    document = models.JSONField("公开数据")

    class Meta:
        verbose_name = verbose_name_plural = "玻璃资金公布"
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.head[:8]}"
