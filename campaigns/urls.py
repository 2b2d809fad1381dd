"""Addresses of paid figures and campaigns."""

from django.urls import path

from campaigns import views

urlpatterns = [
    path("campaigns", views.campaigns, name="campaigns"),
    path("campaigns/origin", views.origin, name="campaigns_origin"),
]
