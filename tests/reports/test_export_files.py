"""Exports: short ones leave at once, long ones are made in the background, sealed, fetched by whoever asked, and gone after a day."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from agency import clock, exports, scope
from agency.keyring import data_key
from agency.models import AuditRow, DueWork, Membership
from agency.outlets import sheets
from agency.roles import Role
from agency.sealing import KeyDestroyed
from reports import export_files, views_exports
from reports.exports import EXPORTS
from reports.models import ExportFile, ExportPart, export_key_ref
from tests.campaigns.planting import plant_ad_account, plant_campaign, plant_days
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PERIOD = "from=2026-05-01&to=2026-05-31"
DAYS = [date(2026, 5, 1) + timedelta(days=n) for n in range(31)]
LONG = f"/exports/of/campaign-days?{PERIOD}"


@pytest.fixture
def admin(cast: Cast) -> Client:
    with scope.inside(cast.brass.pk):
        one = plant_ad_account(cast.admin)
        plant_campaign(one, 1, '=HYPERLINK("https://evil.example")')
        plant_days(one, 1, DAYS, campaign=1)
        plant_days(one, 2, DAYS[:3], campaign=2)
    return sign_in(cast.admin)


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows are long, and a part holds a thousand bytes."""
    monkeypatch.setattr(views_exports, "AT_ONCE", 10)
    monkeypatch.setattr(export_files, "_PART", 1000)
    monkeypatch.setattr(sheets, "_CHUNK", 500)


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def files(cast: Cast) -> list[ExportFile]:
    with scope.inside(cast.brass.pk):
        return list(ExportFile.objects.all())


def verbs(cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    with scope.inside(cast.brass.pk):
        return list(AuditRow.objects.filter(verb__startswith="export.").order_by("pk").values_list("verb", "facts"))


def test_a_short_one_leaves_at_once_with_its_name_and_is_on_record(cast: Cast, admin: Client) -> None:
    answer = admin.get(f"/exports/of/campaigns?{PERIOD}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="campaigns-brass-ads-2026-05-01-2026-05-31.csv"'
    first, second = rows_of(answer)
    assert (first["Campaign"], first["Spend (USD)"], first["CTR"]) == ('\'=HYPERLINK("https://evil.example")', "155", "0.02")
    assert (second["Campaign"], second["Campaign id"], second["Status"]) == ("", "2", "Not in TikTok's list")
    assert verbs(cast) == [("export.made", {"count": 2, "kind": "campaigns"})]
    assert files(cast) == []


def test_a_workbook_holds_the_same_and_what_it_means(cast: Cast, admin: Client) -> None:
    answer = admin.get(f"/exports/of/campaigns?{PERIOD}&as=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head, first, _ = book.worksheets[0].iter_rows(values_only=True)
    row = dict(zip(head, first, strict=True))
    assert (row["Campaign"], row["Spend (USD)"], row["Impressions"]) == ('=HYPERLINK("https://evil.example")', 155, 31_000)
    assert book.worksheets[0]["B2"].data_type in {"s", "inlineStr"}
    meanings = {line[0]: line[2] for line in book["Definitions"].iter_rows(values_only=True)}
    assert meanings["CTR"] == "Clicks / impressions, as a ratio of the period's sums"


def test_a_long_one_is_made_in_the_background_and_fetched_by_whoever_asked(cast: Cast, admin: Client, long: None) -> None:
    offer = admin.get(LONG)
    assert "Export 34 days of campaigns (CSV)" in offer.content.decode()
    assert files(cast) == [], "looking at the offer asks for nothing"
    assert admin.post(LONG).headers["Location"] == "/exports"
    assert "0 of 34 rows" in admin.get("/exports").content.decode()
    work_off("export")
    (file,) = files(cast)
    page = admin.get("/exports").content.decode()
    assert f"/exports/files/{file.pk}" in page
    assert "34 rows" in page
    answer = admin.get(f"/exports/files/{file.pk}")
    body = b"".join(answer.streaming_content)
    assert len(body) == int(answer.headers["Content-Length"]) == file.byte_count
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(lines) == 34
    assert lines[0]["Day (UTC)"] == "2026-05-01"
    assert file.part_count > 2
    assert [verb for verb, _ in verbs(cast)] == ["export.asked", "export.made", "export.downloaded"]


def test_nothing_of_a_file_can_be_read_in_the_database(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    work_off("export")
    with scope.inside(cast.brass.pk):
        sealed = b"".join(bytes(part) for part in ExportPart.objects.values_list("sealed", flat=True))
    assert len(sealed) > 300
    assert b"2026-05" not in sealed
    assert b"evil" not in sealed


def test_nobody_else_sees_a_file(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    work_off("export")
    (file,) = files(cast)
    for other in (cast.reviewer, cast.manager, cast.moon_admin):
        client = sign_in(other)
        assert client.get(f"/exports/files/{file.pk}").status_code == 404
        assert client.post(f"/exports/files/{file.pk}/delete").status_code == 404
        assert "Brass Ads" not in client.get("/exports").content.decode()


def test_asked_twice_it_is_made_once_and_a_doubled_message_makes_nothing(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    admin.post(LONG)
    assert len(files(cast)) == 1
    work_off("export")
    with scope.inside(cast.brass.pk):
        before = list(ExportPart.objects.values())
    work_off("export")
    with scope.inside(cast.brass.pk):
        assert list(ExportPart.objects.values()) == before
    admin.post(LONG)
    assert len(files(cast)) == 2, "a file that is ready is of its moment; asked again, a newer one is made"


def test_after_a_day_file_and_key_are_gone(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    work_off("export")
    (file,) = files(cast)
    assert data_key(export_key_ref(file.pk))
    with scope.inside(cast.brass.pk):
        ExportFile.objects.update(expires_at=clock.now())
    DueWork.objects.filter(kind="export").update(due_at=clock.now())
    work_off("export")
    assert_gone(cast, file)


def assert_gone(cast: Cast, file: ExportFile) -> None:
    with scope.inside(cast.brass.pk):
        assert not ExportFile.objects.exists()
        assert not ExportPart.objects.exists()
    assert not DueWork.objects.filter(kind="export").exists()
    with pytest.raises(KeyDestroyed):
        data_key(export_key_ref(file.pk))


@pytest.mark.parametrize("is_made", [True, False])
def test_a_file_can_be_deleted_before_it_is_ready_and_after(cast: Cast, admin: Client, long: None, is_made: bool) -> None:
    admin.post(LONG)
    if is_made:
        work_off("export")
    (file,) = files(cast)
    assert admin.post(f"/exports/files/{file.pk}/delete").status_code == 302
    assert_gone(cast, file)
    work_off("export")
    assert verbs(cast)[-1][0] == "export.deleted"


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_makes_it_whole(
    cast: Cast, admin: Client, long: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post(LONG)
    real = export_files.seal

    def dies(*args: Any) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(export_files, "seal", dies)
    with pytest.raises(KeyboardInterrupt):
        work_off("export")
    with scope.inside(cast.brass.pk):
        assert not ExportPart.objects.exists()
    monkeypatch.setattr(export_files, "seal", real)
    DueWork.objects.filter(kind="export").update(claimed_until=clock.now() - timedelta(seconds=1))
    work_off("export")
    (file,) = files(cast)
    assert (file.state, file.row_count) == ("done", 34)


def test_what_cannot_be_made_says_so_after_three_tries(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    DueWork.objects.filter(kind="export").update(attempt_count=export_files.MOST_TRIES)
    work_off("export")
    assert "could not be made" in admin.get("/exports").content.decode()
    (file,) = files(cast)
    assert admin.get(f"/exports/files/{file.pk}").status_code == 302, "there is nothing to fetch"


def test_whoever_lost_the_right_meanwhile_gets_nothing(cast: Cast, admin: Client, long: None) -> None:
    admin.post(LONG)
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.admin.pk).update(role=Role.CLIENT_VIEWER)
    work_off("export")
    (file,) = files(cast)
    assert (file.state, file.sentence) == ("failed", "The access of whoever asked has ended.")
    assert admin.get(f"/exports/files/{file.pk}").status_code == 403


def test_what_is_longer_than_a_file_may_be_is_refused_in_words(
    cast: Cast, admin: Client, long: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export_files.MOST, "csv", 20)
    answer = admin.post(LONG)
    assert answer.status_code == 422
    assert "34 days of campaigns are more than a file may hold (20). Ask for fewer days." in answer.content.decode()
    assert files(cast) == []


def test_only_so_many_are_made_for_one_person_at_a_time(cast: Cast, admin: Client, long: None) -> None:
    for level in ("campaigns", "groups", "ads"):
        for form in ("csv", "xlsx"):
            answer = admin.post(f"{LONG}&level={level}&as={form}")
    assert answer.status_code == 422
    assert "Ask again when one of them is ready" in answer.content.decode()
    assert len(files(cast)) == export_files.MOST_AT_ONCE


def test_an_export_of_peoples_data_asks_again_who_it_is(cast: Cast, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXPORTS, "campaigns", replace(EXPORTS["campaigns"], about_people=True))
    monkeypatch.setattr(views_exports, "confirmed_lately", lambda request: False)
    assert admin.get(f"/exports/of/campaigns?{PERIOD}").headers["Location"].startswith("/sign-in/again?next=")


def test_an_unknown_export_and_one_of_another_role_are_refused(cast: Cast, admin: Client) -> None:
    assert admin.get("/exports/of/nothing").status_code == 404
    assert sign_in(cast.viewer).get("/exports/of/campaigns").status_code == 403
    assert "No advertiser account is linked" in sign_in(cast.moon_admin).get("/exports/of/campaigns").content.decode()
    assert sign_in(cast.creator).get("/exports/of/campaigns").status_code == 403


def test_progress_is_told_while_a_file_is_made(cast: Cast, admin: Client, long: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "_TELL_EVERY", 10)
    seen: list[str] = []
    admin.post(LONG)
    (file,) = files(cast)
    real = exports.pieces

    def slow(*args: Any) -> Iterator[bytes]:
        for piece in real(*args):
            seen.append(str(export_files.progress(file)))
            yield piece

    monkeypatch.setattr(exports, "pieces", slow)
    work_off("export")
    assert seen[-1] == "30", "told in the cache, where others can see it before the end"
