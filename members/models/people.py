"""What cadres and members have in common. Two tables, not one of persons: a person's row belongs to
one union, and one union's officer must not reach another's through a shared row."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from members.models.codes import ETHNICITIES, Gender, IdType
from pingtang_union.core import crypto
from pingtang_union.core.fields import PartialDateField, Sealed, SealedField
from pingtang_union.core.scope import ScopedModel
from pingtang_union.core.text import fold_name
from pingtang_union.core.validators import validate_identity_number

_GB_11643 = (IdType.RESIDENT, IdType.PERMIT)


class Person(ScopedModel):
    """Name, birth and guarded number of a person."""

    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField("查找用姓名", max_length=50, editable=False)
    gender = models.CharField("性别", max_length=1, choices=Gender, blank=True)
    ethnicity = models.CharField("民族", max_length=2, choices=ETHNICITIES, blank=True)
    born_on = PartialDateField("出生日期", guarded=True)
    id_type = models.CharField("证件类型", max_length=12, choices=IdType, default=IdType.RESIDENT)
    id_number = SealedField("证件号码", index="id_index", blank=True)
    id_index = models.CharField("证件号索引", max_length=32, null=True, editable=False)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.name_key = fold_name(self.name)[:50]
        if isinstance(self.id_number, Sealed):
            try:  # the document may have changed under an unchanged number
                check_id_number(self.id_number.reveal(), self.id_type)
            except ValidationError as error:
                raise ValidationError({"id_type": [f"证件类型与号码不符：{error.messages[0]}"]}) from error
        if isinstance(self.id_number, str) and self.id_number:
            try:
                self.id_number = check_id_number(self.id_number, self.id_type)
            except ValidationError as error:
                raise ValidationError({"id_number": error.messages}) from error
            # Set before the constraints are checked, so that a number in use is named beside its field.
            self.id_index = crypto.blind_index(self.id_number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold_name(self.name)[:50]
        super().save(*args, **kwargs)

    @property
    def full_id_number(self) -> str:
        """The number in full. Only for code that records why (core.audit.record_reveal)."""
        if isinstance(self.id_number, Sealed):
            return self.id_number.reveal()
        return str(self.id_number or "")


def check_id_number(number: str, id_type: str) -> str:
    """The number as stored, without blanks and dashes, when it fits its document; raises ValidationError with
    what to do.

    Numbers of GB 11643 are checked to the last digit; for other documents nobody publishes a check, so
    only their length (4 to 30) and letters are.
    """
    number = number.replace(" ", "").replace("-", "").upper()
    if id_type in _GB_11643:
        validate_identity_number(number)
    elif not (4 <= len(number) <= 30 and number.replace("(", "").replace(")", "").isalnum()):
        raise ValidationError("证件号码应为 4 至 30 位的字母和数字，请核对后重填。")
    return number
