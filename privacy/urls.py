"""Addresses of the privacy pages and of the public ones."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
