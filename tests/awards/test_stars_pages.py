"""Officers' pages of star unions."""

import pytest

from awards.models import Scorecard
from tests.factories import DimensionFactory, SchemeFactory, StarItemFactory, ThresholdFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme():
    scheme = SchemeFactory(title="好花红星级工会评定标准")
    for name in ("组织建设", "队伍建设"):
        dimension = DimensionFactory(scheme=scheme, name=name)
        StarItemFactory.create_batch(2, dimension=dimension)
    ThresholdFactory(scheme=scheme, stars=4, least=30)
    return scheme


def test_smoke(scheme, officer, township_officer, signed_in):
    client = signed_in(officer)
    assert client.get("/stars/").status_code == 200
    r = client.post(f"/stars/new/{scheme.pk}/", {"union": officer.union_id})
    card = Scorecard.objects.get()
    assert r.url == f"/stars/{card.pk}/score/"
    r = client.get(r.url)
    f = r.context["form"]
    data = {n.html_name: 8 for n in f if n.name.startswith("score")} | {"version": f["version"].value(), "then": "next"}
    r = client.post(f"/stars/{card.pk}/score/1/", data)
    assert r.url == f"/stars/{card.pk}/score/2/"
    assert client.get(f"/stars/{card.pk}/").status_code == 200
    assert signed_in(township_officer).get("/stars/").status_code == 200
    item = f.lines[0].item.pk
    assert client.get(f"/stars/{card.pk}/evidence/{item}/").status_code == 200
