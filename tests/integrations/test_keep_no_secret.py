"""What the databases hold after a whole connection, from consent to disconnect: no token, code, verifier or secret in any form."""

import base64
import os

import psycopg
import pytest
from django.conf import settings

from agency.secret import Secret
from integrations.tiktok import oauth
from tests.integrations.connecting import come_back, only_connection, start
from tests.integrations.steering import RENEW, calls, make_due, tokens
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off


def everything(url: str) -> bytes:
    """Every text and binary value of every table, as the superuser sees it."""
    with psycopg.connect(url, autocommit=True) as admin:
        tables = [
            row[0] for row in admin.execute("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'")
        ]
        rows = [bytes(str(row[0]), "utf-8") for table in tables for row in admin.execute(f"SELECT t::text FROM {table} t")]
    assert tables
    return b"\n".join(rows).lower()


def forms(secret: str) -> set[bytes]:
    """A secret as it might lie around, in the case-folded dump: as it is, in hex, and in base64 at each of the three offsets."""
    raw = secret.encode()
    found = {raw, raw.hex().encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\x00" * offset + raw)
        found.add(encoded[4 if offset else 0 : -4])
    return {form.lower() for form in found}


def test_no_table_holds_a_token_a_code_a_verifier_or_the_secret(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {settings.TIKTOK_APP_SECRET}
    real_verifier = oauth.new_verifier

    def noted_verifier() -> Secret:
        verifier = real_verifier()
        secrets.add(verifier.reveal())
        return verifier

    monkeypatch.setattr(oauth, "new_verifier", noted_verifier)
    admin = sign_in(committed_cast.admin)
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    secrets |= {sent["code"], sent["state"]}
    come_back(admin, sent)
    connection = only_connection(committed_cast.admin)
    secrets |= set(tokens(connection))
    work_off("sync")
    make_due("refresh", connection)
    work_off("refresh")
    assert calls(tiktok, RENEW) == 1
    secrets |= set(tokens(connection))
    platform = os.environ["DATABASE_ADMIN_URL"]
    keystore = platform.replace("/platform_", "/keystore_")
    assert len(secrets) == 8

    def search() -> None:
        for url in (platform, keystore):
            dump = everything(url)
            assert not [form for secret in secrets for form in forms(secret) if form in dump]

    assert str(connection.pk).encode() in everything(platform), "the dump shows rows at all"
    assert connection.key_ref.encode() in everything(keystore)
    search()
    admin.post(f"/settings/integrations/{connection.pk}/disconnect")
    work_off("revoke")
    search()
    dump = everything(platform)
    assert bytes(connection.access_token_sealed).hex().encode() not in dump
    assert connection.key_ref.encode() not in everything(keystore)
