"""What has to exist before the platform starts in containers: the master key, the tables, the demo's people. Safe to run again."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

key = Path(os.environ["KEY_SERVICE"].removeprefix("file:"))
if not key.exists():
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)))
for command in (["migrate", "--no-input"], ["migrate_keystore", "--no-input"], ["demo_world", "--people-file", "/data/keys/people.json"]):
    subprocess.run([sys.executable, "manage.py", *command], check=True)  # noqa: S603
