"""Addresses of figures and reports."""

from django.urls import path

from reports import views, views_brands, views_exports, views_performance

urlpatterns = [
    path("performance", views_performance.performance, name="performance"),
    path("performance/steps", views_performance.performance_steps, name="performance_steps"),
    path("performance/posts", views_performance.posts, name="posts"),
    path("performance/posts/<uuid:post_id>", views_performance.post, name="post"),
    path("performance/audience", views_performance.audience, name="audience"),
    path("performance/mentions", views_performance.mentions, name="mentions"),
    path("performance/source", views_performance.figure_source, name="figure_source"),
    path("settings/brands", views_brands.brands, name="brands"),
    path("settings/brands/cadence", views_brands.agree_on_cadence, name="agree_on_cadence"),
    path("settings/brands/accounts/<uuid:connection_id>", views_brands.assign_brand, name="assign_brand"),
    path("settings/brands/<uuid:brand_id>/name", views_brands.rename_brand, name="rename_brand"),
    path("settings/brands/<uuid:brand_id>/remove", views_brands.remove_brand, name="remove_brand"),
    path("reports", views.reports, name="reports"),
    path("reports/<str:week>", views.week, name="week"),
    path("reports/<str:week>/pdf", views.week_pdf, name="week_pdf"),
    path("exports", views_exports.export_list, name="exports"),
    path("exports/progress", views_exports.export_progress, name="export_progress"),
    path("exports/files/<uuid:export_id>", views_exports.export_file, name="export_file"),
    path("exports/files/<uuid:export_id>/delete", views_exports.delete_export, name="delete_export"),
    path("exports/of/<slug:name>", views_exports.export, name="export"),
    path("email/stop/<str:token>", views.stop_mail, name="stop_mail"),
]
