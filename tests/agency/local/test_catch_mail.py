"""The mail catcher: every accepted message is a whole file, refused ones are none."""

import email
import email.policy
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from agency.local.home import free_port
from agency.local.mailbox import open_mailbox


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    number = free_port()
    controller = open_mailbox(tmp_path, number, refuse=[r"^bounce@"], defer=[r"^later@"])
    yield number
    controller.stop()


def send(port: int, *recipients: str) -> dict[str, tuple[int, bytes]]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "reports@example.com", "people@example.com", "Week 21 · Brass Studio"
    message.set_content("Views: 1,420,180\n.a line that starts with a dot\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        return client.send_message(message, to_addrs=list(recipients))


def test_a_message_is_on_disk_when_the_sender_is_told_so(port: int, tmp_path: Path) -> None:
    assert send(port, "one@example.com", "two@example.com") == {}
    [path] = tmp_path.iterdir()
    assert path.suffix == ".eml"
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert found["Subject"] == "Week 21 · Brass Studio"
    assert found.get_all("Delivered-To") == ["one@example.com", "two@example.com"]
    assert found.get_content().splitlines() == ["Views: 1,420,180", ".a line that starts with a dot"]


def test_files_sort_in_the_order_in_which_messages_came(port: int, tmp_path: Path) -> None:
    for number in range(5):
        send(port, f"person{number}@example.com")
    found = [email.message_from_bytes(path.read_bytes())["Delivered-To"] for path in sorted(tmp_path.iterdir())]
    assert found == [f"person{number}@example.com" for number in range(5)]


def test_a_refused_address_is_told_for_good_and_the_others_get_the_message(port: int, tmp_path: Path) -> None:
    refused = send(port, "bounce@example.com", "one@example.com")
    assert refused["bounce@example.com"][0] == 550
    [path] = tmp_path.iterdir()
    assert email.message_from_bytes(path.read_bytes()).get_all("Delivered-To") == ["one@example.com"]


def test_a_deferred_address_is_told_to_come_back_and_nothing_is_stored(port: int, tmp_path: Path) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(port, "later@example.com")
    assert refusal.value.recipients["later@example.com"][0] == 451
    assert list(tmp_path.iterdir()) == []
