"""Every figure leads to its definition and to TikTok's answers behind it, with and without script."""

import re
from datetime import timedelta

import pytest

from agency import clock, scope
from integrations.models import ApiCall
from metrics.dictionary import METRICS
from reports.key_figures import FIGURES as KEY_FIGURES
from reports.source_page import FIGURES
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def test_every_key_figure_has_a_definition() -> None:
    assert set(KEY_FIGURES) <= set(FIGURES)
    assert {key for key, _ in FIGURES.values()} <= set(METRICS)


def test_the_request_ids_are_those_of_tiktoks_own_log(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    page = client.get("/performance?metric=views").content.decode()
    href = re.search(r'href="(/performance/source[^"]*)"', page)[1].replace("&amp;", "&")
    for figure in FIGURES:
        answer = client.get(href.replace("figure=views", f"figure={figure}"))
        said = answer.content.decode()
        key, kind = FIGURES[figure]
        assert METRICS[key].name in said
        assert ("/business/get/" if kind == "days" else "/business/video/list/") in said
        told = set(re.findall(r'data-l="Request id"><code>([^<]+)</code>', said))
        assert told
        assert told <= {entry["request_id"] for entry in tiktok.log()}, figure
        panel = client.get(href.replace("figure=views", f"figure={figure}"), headers={"HX-Request": "true"}).content.decode()
        assert panel.lstrip().startswith("<section")
        assert told == set(re.findall(r'data-l="Request id"><code>([^<]+)</code>', panel))
    assert "7 days out of 1 answer of TikTok" in client.get(href).content.decode()


def test_an_unknown_figure_and_a_foreign_post_are_not_found(cast: Cast) -> None:
    client = sign_in(cast.viewer)
    assert client.get("/performance/source").status_code == 404
    assert client.get("/performance/source?figure=revenue").status_code == 404
    assert client.get("/performance/source?post=6b2d5a52-0c58-4c10-9f11-3f35a0b6ad10").status_code == 404


def test_where_tiktok_has_answered_nothing_that_is_said(cast: Cast) -> None:
    said = sign_in(cast.viewer).get("/performance/source?figure=views").content.decode()
    assert "TikTok has answered nothing for these days yet." in said
    assert not re.findall(r"data-l=", said)


def test_a_corrected_day_leads_to_the_call_that_corrected_it(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        first = ApiCall.objects.filter(endpoint="/business/get/").count()
    tiktok.advance(2 * 86_400)
    work_off("refresh", "sync")
    last = clock.today()
    said = client.get(f"/performance/source?figure=views&from={last - timedelta(days=9)}&to={last}").content.decode()
    with scope.inside(cast.brass.pk):
        assert ApiCall.objects.filter(endpoint="/business/get/").count() > first
    assert "out of 2 answers of TikTok" in said
