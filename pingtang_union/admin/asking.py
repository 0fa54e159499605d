"""Small pages beside a record: a form that asks, a service that does it, a message that says what was done.

An admin declares such a page as a method. It runs on a POST of a valid form and gives the message, or the page that
follows:

    @asks("撤销荣誉", permission="revoke", icon="block", form=RevokeForm, intro="撤销须有文件依据。")
    def revoke(self, request, award, form):
        services.revoke_award(award=award, by=request.user, **form.cleaned_data)
        return f"已撤销：{award}。"
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from unfold.decorators import action
from unfold.enums import ActionVariant

from pingtang_union.admin.forms import PlainForm
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import permission_of


def asks(
    label: str,
    *,
    permission: str,
    icon: str,
    path: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
    intro: str | Callable[[Any], str] = "",
    facts: Callable[[Any], Collection[tuple[str, Any]]] = lambda record: (),
    **asked: Any,
) -> Callable[[Callable[..., str | HttpResponseBase]], Any]:
    """Make a method the page of a button: of one record, or of the list where it stands in `actions_list`.

    permission: what `has_<permission>_permission` answers. path: the end of the address, the method's name if not
    given. `intro` and `facts` (label and text) stand above the form. The rest as `AskingMixin.ask` takes it.
    """

    def declare(do: Callable[..., str | HttpResponseBase]) -> Any:
        @action(description=label, url_path=path or do.__name__, permissions=[permission], icon=icon, variant=variant)
        @wraps(do)
        def view(self: Any, request: HttpRequest, object_id: str | None = None) -> HttpResponseBase:
            record = None if object_id is None else self.visible_or_404(request, object_id)
            return self.ask(
                request,
                record,
                lambda form: do(self, request, record, form),
                label=label,
                intro=intro if isinstance(intro, str) else intro(record),
                facts=facts(record),
                is_danger=variant == ActionVariant.DANGER,
                **asked,
            )

        return view

    return declare


def role_may(verb: str, model: type[Model] | None = None) -> Callable[..., bool]:
    """`has_<…>_permission` of an admin: whether the role has the permission `verb` on `model`, the admin's own if not
    given. On which records is `visible_to`'s matter, and the service's."""

    def may(self: Any, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(permission_of(model or self.model, verb))

    return may


class AskingMixin:
    """For the admin of records that have such pages; put it before the admin base."""

    def unfit_actions(self, request: HttpRequest, record: Any) -> Collection[str]:
        """Ends of addresses of the buttons that have nothing to do on `record` as it stands."""
        return ()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons that the role permits and that fit the record."""
        offered = super().get_actions_detail(request, object_id)
        record = self.get_object(request, str(object_id)) if offered else None
        unfit = self.unfit_actions(request, record) if record is not None else ()
        return [button for button in offered if button.path not in unfit]

    def kept(self, request: HttpRequest) -> str:
        """What the address of the record keeps of the way here."""
        return ""

    def onward(self, request: HttpRequest, record: Any) -> str:
        """Where one goes on once the record is dealt with; "" is back to it."""
        return ""

    def ask(
        self,
        request: HttpRequest,
        record: Any,
        do: Callable[[Any], str | HttpResponseBase],
        *,
        label: str,
        form: Callable[..., Any] = PlainForm,
        error_field: str | None = None,
        submit: str = "",
        is_danger: bool = False,
        leads_on: bool = False,
        **shown: Any,
    ) -> Any:
        """Ask with `form`; on a valid POST `do(form)` does it, and the way leads back to the record (`leads_on`: to the
        next one), or to the list when the record is no longer the user's to see. What a service refuses is said above
        the form, or beside `error_field`. `shown` goes into admin/form_page.html."""
        back = self.address("change", record.pk) + self.kept(request) if record else self.address("changelist")
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        filled = form(*sent, user=request.user, record=record)
        if request.method == "POST" and filled.is_valid():
            onward = self.onward(request, record) if leads_on else ""
            try:
                done = do(filled)
            except DomainError as error:
                filled.add_error(error_field, str(error))
            else:
                if isinstance(done, HttpResponseBase):
                    return done
                messages.success(request, done)
                if onward:
                    return redirect(onward)
                is_visible = record is not None and self.get_queryset(request).filter(pk=record.pk).exists()
                return redirect(back if is_visible else self.address("changelist"))
        return self.page(
            request,
            "admin/form_page.html",
            title=f"{record or self.opts.verbose_name}：{label}",
            original=record,
            back=back,
            form=filled,
            submit_label=submit or label,
            submit_variant="danger" if is_danger else "primary",
            **shown,
        )

    def shown_once(self, request: HttpRequest, record: Any, *, label: str, value: str, note: str) -> HttpResponse:
        """A secret of a record, on a page that no cache keeps."""
        return self.page(
            request,
            "admin/revealed.html",
            title=f"{record}：{label}",
            original=record,
            label=label,
            value=value,
            note=note,
            back=self.address("change", record.pk),
        )
