"""Addresses of the comment inbox."""

from django.urls import path

from community import views, views_acts, views_report, views_sending

urlpatterns = [
    path("community", views.community, name="community"),
    path("community/replies", views_sending.community_replies, name="community_replies"),
    path("community/report", views_report.community_report, name="community_report"),
    path("community/export", views_report.community_export, name="community_export"),
    path("community/filter", views.community_narrowing, name="community_narrowing"),
    path("community/news", views.community_news, name="community_news"),
    path("community/bulk", views_acts.community_bulk, name="community_bulk"),
    path("community/bulk/undo", views_acts.community_undo_bulk, name="community_undo_bulk"),
    path("community/aim", views_acts.community_aim, name="community_aim"),
    path("community/views", views_acts.community_views, name="community_views"),
    path("community/views/<uuid:view_id>/removal", views_acts.community_forget_view, name="community_forget_view"),
    path("community/acts/<uuid:act_id>/undo", views_acts.community_undo, name="community_undo"),
    path("community/<uuid:comment_id>", views.community_thread, name="community_thread"),
    path("community/<uuid:comment_id>/done", views_acts.community_done, name="community_done"),
    path("community/<uuid:comment_id>/open", views_acts.community_open, name="community_open"),
    path("community/<uuid:comment_id>/later", views_acts.community_later, name="community_later"),
    path("community/<uuid:comment_id>/assignment", views_acts.community_assignment, name="community_assignment"),
    path("community/<uuid:comment_id>/tags", views_acts.community_tag, name="community_tag"),
    path("community/<uuid:comment_id>/tags/<uuid:tag_id>/removal", views_acts.community_untag, name="community_untag"),
    path("community/<uuid:comment_id>/replies", views_sending.community_reply, name="community_reply"),
    path("community/<uuid:comment_id>/like", views_sending.community_like, name="community_like"),
    path("community/<uuid:comment_id>/unlike", views_sending.community_unlike, name="community_unlike"),
    path("community/<uuid:comment_id>/hide", views_sending.community_hide, name="community_hide"),
    path("community/<uuid:comment_id>/show", views_sending.community_show, name="community_show"),
    path("community/<uuid:comment_id>/delete", views_sending.community_delete, name="community_delete"),
    path("community/<uuid:comment_id>/doing", views_sending.community_doing, name="community_doing"),
    path("community/<uuid:comment_id>/answering", views_sending.community_answering, name="community_answering"),
    path("community/sendings/<uuid:sending_id>/stop", views_sending.community_stop, name="community_stop"),
    path("community/<uuid:comment_id>/notes", views_acts.community_note, name="community_note"),
]
