"""A week's report as files, and what was corrected since."""

import io

import pytest
from pypdf import PdfReader

from agency import scope
from integrations.models import Connection
from metrics.models import AccountDay
from reports import composition
from reports.models import WeeklyReport
from tests.metrics.planting import plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.planting import plant_ad, plant_ad_account, utc
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
HOSTILE = '=HYPERLINK("http://x") #read("/etc/passwd") \u202e🔥'


@pytest.fixture
def reported(cast: Cast, at: At) -> Cast:
    """Week 21 with Spark Ads, a creator's posts and a hostile caption."""
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        plant_post(account, utc(2026, 5, 20), caption=HOSTILE, views=350)
        ads = plant_ad_account(cast.admin)
        plant_ad(ads, W21.days, post="71")
        plant_ad(ads, W21.before.days, post="71", impressions=800)
    compose(cast.brass)
    return cast


def text_of(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())


def test_the_pdf_says_what_the_page_says(reported: Cast) -> None:
    answer = sign_in(reported.viewer).get("/reports/2026-W21/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="brass-2026-W21.pdf"'
    assert len(answer.content) <= 150 * 1024
    said = text_of(answer.content)
    for words in (
        "Week 21 · Brass Studio · May 18 – May 24",
        "Source: TikTok Marketing API · Generated 2026-05-28 12:00 UTC",
        "Total views 700",
        "CPM (USD) $10.00",
        "Days of Los Angeles time.",
        "Reports contain only aggregated metrics.",
        '=HYPERLINK("http://x") #read("/etc/passwd")',
    ):
        assert words in said, words
    assert "Corrected since" not in said
    assert "\u202e" not in said


def test_the_news_of_the_week_begins_a_line(reported: Cast) -> None:
    made = sign_in(reported.viewer).get("/reports/2026-W21/pdf").content
    lines = PdfReader(io.BytesIO(made)).pages[0].extract_text().splitlines()
    assert any(line.startswith("Views ") for line in lines), lines[:6]
    assert not any(line.startswith("Source: ") and "Views" in line for line in lines), lines[:6]


def test_a_pdf_of_the_same_report_has_the_same_bytes(reported: Cast) -> None:
    client = sign_in(reported.viewer)
    assert client.get("/reports/2026-W21/pdf").content == client.get("/reports/2026-W21/pdf").content


def test_what_tiktok_corrected_stands_beside_what_was_sent(reported: Cast) -> None:
    client = sign_in(reported.viewer)
    assert "Corrected since" not in client.get("/reports/2026-W21").content.decode()
    with scope.inside(reported.brass.pk):
        AccountDay.objects.filter(date=W21.sunday).update(video_views=150)
    page = client.get("/reports/2026-W21").content.decode()
    card = page.split('id="fix-h"', 1)[1].split("</section>", 1)[0]
    assert "2 figures" not in card  # views, Sunday, and the engagement rate they are in
    assert "3 figures" in card
    assert card.count("TikTok has corrected this.") == 3
    assert "as sent </span>700</s>" in card
    assert "now </span>750</b>" in card
    assert "Sun 24" in card
    assert "Sat 23" not in card
    assert "Corrected since" in text_of(client.get("/reports/2026-W21/pdf").content)


def test_a_day_that_was_not_final_when_the_report_was_written_is_said_to_have_been_counted_on(cast: Cast, at: At) -> None:
    at(utc(2026, 5, 19, 0))
    account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        WeeklyReport.objects.create(
            workspace=cast.brass,
            week="2026-W21",
            content=composition.compose(cast.brass, W21, now=utc(2026, 5, 25, 9)).as_json(),
            content_hash="x",
            definitions_version=1,
            composed_at=utc(2026, 5, 25, 9),
            released_at=utc(2026, 5, 25, 9),
        )
        AccountDay.objects.filter(date=W21.sunday).update(video_views=101)
    at(MIDWEEK)
    card = sign_in(cast.viewer).get("/reports/2026-W21").content.decode().split('id="fix-h"', 1)[1]
    assert "TikTok still counted this when the report was written." in card


def test_an_account_that_left_since_makes_no_corrections(reported: Cast) -> None:
    with scope.inside(reported.brass.pk):
        Connection.objects.filter(handle="brassorbit3").update(state=Connection.State.DISCONNECTED)
    page = sign_in(reported.viewer).get("/reports/2026-W21").content.decode()
    assert "@brassorbit3 is no longer connected: what TikTok corrected since is not known." in page
    assert "<dl" not in page.split('id="fix-h"', 1)[1].split("</section>", 1)[0]
