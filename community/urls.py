"""Addresses of the comment inbox."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
