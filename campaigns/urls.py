"""Routes of campaigns, one a line: officers, leaders and staff below campaigns/, anyone below activities/."""

from typing import Any

from django.urls import path

from campaigns.forms.activities import CoverageForm, OutcomeForm, VillageAidForm
from campaigns.models import Coverage, Outcome, Photo, VillageAid
from campaigns.views import activities, plans, public
from pingtang_union.core.views import Role

app_name = "campaigns"
add = activities.PartAddView.of
remove = activities.PartRemoveView.of
# fmt: off
urlpatterns: list[Any] = [
    path("activities/", public.calendar, name="public_calendar"),
    path("activities/calendar.ics", public.calendar_file, name="public_ics"),
    path("activities/<int:pk>/", public.activity, name="public_activity"),
    path("activities/photos/<int:pk>/", public.photo, name="public_photo"),
    path("campaigns/", activities.ActivityView.as_view(role=Role.LIST), name="activity_list"),
    path("campaigns/new/", activities.ActivityView.as_view(role=Role.CREATE), name="activity_create"),
    path("campaigns/plan/", plans.PlanView.as_view(), name="plan"),
    path("campaigns/series/<int:pk>/<str:year>/", plans.EditionView.as_view(), name="edition"),
    path("campaigns/series/<int:pk>/<str:year>/copy/", plans.CopyView.as_view(), name="edition_copy"),
    path("campaigns/<int:pk>/", activities.ActivityView.as_view(role=Role.DETAIL), name="activity_detail"),
    path("campaigns/<int:pk>/edit/", activities.ActivityView.as_view(role=Role.UPDATE), name="activity_update"),
    path("campaigns/<int:pk>/report/", activities.ReportView.as_view(), name="activity_report"),
    path("campaigns/<int:pk>/cancel/", activities.CancelView.as_view(), name="activity_cancel"),
    path("campaigns/<int:pk>/offer/", activities.OfferView.as_view(), name="activity_offer"),
    path("campaigns/<int:pk>/withdraw/", activities.WithdrawView.as_view(), name="activity_withdraw"),
    path("campaigns/<int:pk>/outcomes/", add(OutcomeForm), name="outcome_add"),
    path("campaigns/<int:pk>/villages/", add(VillageAidForm), name="villageaid_add"),
    path("campaigns/<int:pk>/coverage/", add(CoverageForm), name="coverage_add"),
    path("campaigns/<int:pk>/photos/", activities.PhotosView.as_view(), name="photo_add"),
    path("campaigns/photos/<int:pk>/", activities.PhotoView.as_view(), name="photo"),
    path("campaigns/outcomes/<int:pk>/remove/", remove(Outcome), name="outcome_remove"),
    path("campaigns/villages/<int:pk>/remove/", remove(VillageAid), name="villageaid_remove"),
    path("campaigns/coverage/<int:pk>/remove/", remove(Coverage), name="coverage_remove"),
    path("campaigns/photos/<int:pk>/remove/", remove(Photo), name="photo_remove"),
]
# fmt: on
