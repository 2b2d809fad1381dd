"""The keystore as a Django application of its own, so that its migrations run in its own database."""

from django.apps import AppConfig


class KeystoreConfig(AppConfig):
    name = "agency.keystore"
    label = "keystore"
