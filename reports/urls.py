"""Addresses of figures and reports."""

from django.urls import path

from reports import views, views_exports, views_links, views_performance, views_settings, views_week

urlpatterns = [
    path("performance", views_performance.performance, name="performance"),
    path("performance/steps", views_performance.performance_steps, name="performance_steps"),
    path("performance/posts", views_performance.posts, name="posts"),
    path("performance/posts/<uuid:post_id>", views_performance.post, name="post"),
    path("performance/source", views_performance.figure_source, name="figure_source"),
    path("reports", views.reports, name="reports"),
    path("reports/settings", views_settings.report_settings, name="report_settings"),
    path("reports/settings/test", views_settings.send_test, name="send_test"),
    path("reports/settings/send", views_settings.send_now, name="send_now"),
    path("reports/settings/recipients", views_settings.add_recipient, name="add_recipient"),
    path("reports/settings/recipients/<uuid:recipient_id>/ask", views_settings.ask_recipient, name="ask_recipient"),
    path("reports/settings/recipients/<uuid:recipient_id>/remove", views_settings.remove_recipient, name="remove_recipient"),
    path("reports/settings/people/<uuid:membership_id>/retry", views_settings.retry_address, name="retry_address"),
    path("reports/links/<uuid:link_id>/withdraw", views_week.withdraw_link, name="withdraw_link"),
    path("reports/credits/<uuid:credit_id>/remove", views_week.remove_credit, name="remove_credit"),
    path("reports/<str:week>", views_week.week, name="week"),
    path("reports/<str:week>/pdf", views_week.week_pdf, name="week_pdf"),
    path("reports/<str:week>/csv", views_week.week_csv, name="week_csv"),
    path("reports/<str:week>/xlsx", views_week.week_xlsx, name="week_xlsx"),
    path("reports/<str:week>/approve", views_week.approve_week, name="approve_week"),
    path("reports/<str:week>/hold", views_week.hold_week, name="hold_week"),
    path("reports/<str:week>/send", views_week.send_week, name="send_week"),
    path("reports/<str:week>/credits", views_week.add_credit, name="add_credit"),
    path("reports/<str:week>/links", views_week.make_link, name="make_link"),
    path("shared/reports/<str:secret>", views_links.shared_report, name="shared_report"),
    path("email/stop/<str:token>", views_links.stop_mail, name="stop_mail"),
    path("email/events", views_links.mail_events, name="mail_events"),
    path("email/confirm/<str:token>", views_links.confirm_recipient, name="confirm_recipient"),
    path("exports", views_exports.export_list, name="exports"),
    path("exports/progress", views_exports.export_progress, name="export_progress"),
    path("exports/files/<uuid:export_id>", views_exports.export_file, name="export_file"),
    path("exports/files/<uuid:export_id>/delete", views_exports.delete_export, name="delete_export"),
    path("exports/of/<slug:name>", views_exports.export, name="export"),
]
