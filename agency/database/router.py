"""Sends the wrapped data keys to their own database and everything else to the main one."""

from typing import Any


class KeystoreRouter:
    """`keystore` models live in the keystore; nothing else does. `privacy` is another role's way into the main one: it migrates nothing."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "keystore" if model._meta.app_label == "keystore" else None

    db_for_write = db_for_read

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return (obj1._meta.app_label == "keystore") == (obj2._meta.app_label == "keystore")

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != "privacy" and (app_label == "keystore") == (db == "keystore")
