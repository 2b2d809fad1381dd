"""Anchors in a bucket, against a stand-in of S3 that runs in this process."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import ImproperlyConfigured
from moto import mock_aws

from agency.anchors import Anchor, BucketAnchors, FolderAnchors, anchors_from

NOON = datetime(2026, 5, 18, 12, tzinfo=UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.session.Session().client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="evidence")
        yield client


def test_anchors_come_back_in_order_and_the_newest_is_the_last(s3: Any) -> None:
    kept = BucketAnchors("evidence", "/platform", s3)
    assert kept.last() is None
    made = [Anchor(n, f"{n:064x}", NOON + timedelta(seconds=n)) for n in (1, 5, 12)]
    for anchor in made:
        kept.add(anchor)
    assert kept.last() == made[-1]
    assert kept.lines() == [anchor.as_line() for anchor in made]
    names = [entry["Key"] for entry in s3.list_objects_v2(Bucket="evidence")["Contents"]]
    assert all(name.startswith("platform/audit/") for name in names)
    assert s3.get_object(Bucket="evidence", Key=names[0])["Body"].read().decode() == made[-1].as_line()


def test_an_anchor_is_never_written_over(s3: Any) -> None:
    kept = BucketAnchors("evidence", "", s3)
    kept.add(Anchor(1, "aa" * 32, NOON))
    with pytest.raises(ClientError):
        kept.add(Anchor(1, "aa" * 32, NOON))


def test_the_setting_names_a_folder_or_a_bucket() -> None:
    assert isinstance(anchors_from("some/folder"), FolderAnchors)
    for wrong in ("ftp://host/folder", "s3:///no-bucket"):
        with pytest.raises(ImproperlyConfigured):
            anchors_from(wrong)
