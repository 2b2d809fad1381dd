"""Addresses of paid figures and campaigns."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
