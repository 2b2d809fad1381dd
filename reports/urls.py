"""Addresses of figures and reports."""

from django.urls import path

from reports import views, views_performance

urlpatterns = [
    path("performance", views_performance.performance, name="performance"),
    path("performance/steps", views_performance.performance_steps, name="performance_steps"),
    path("performance/posts", views_performance.posts, name="posts"),
    path("performance/posts/<uuid:post_id>", views_performance.post, name="post"),
    path("performance/source", views_performance.figure_source, name="figure_source"),
    path("reports", views.reports, name="reports"),
    path("reports/<str:week>", views.week, name="week"),
    path("reports/<str:week>/pdf", views.week_pdf, name="week_pdf"),
    path("email/stop/<str:token>", views.stop_mail, name="stop_mail"),
]
