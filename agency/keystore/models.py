"""Wrapped data keys, in a database of their own. Destroying a row makes everything sealed under it unreadable, in backups too."""

from django.db import models


class WrappedKey(models.Model):
    """One data key, wrapped by the key service. `ref` is `connection:<id>:<generation>`, `person:<id>` or `workspace:<id>`."""

    ref = models.CharField(max_length=80, primary_key=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.ref
