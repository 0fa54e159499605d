from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.urls import include, path

from pingtang_union.urls import urlpatterns as of_the_portal
from tests.tiny.models import Visit


@permission_required("tiny.view_visit", raise_exception=True)
def visits(request):
    return HttpResponse("、".join(visit.place for visit in Visit.objects.visible_to(request.user)))


urlpatterns = [path("", include(([path("visits/", visits, name="visits")], "tiny"))), *of_the_portal]
