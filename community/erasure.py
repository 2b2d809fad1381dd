"""What this app holds about an account, and about somebody who commented: their comments, what hangs on those, and searches for them."""

from django.db.models import Q, QuerySet

from community.models import Comment, Mention, Note, PostReading, Reading, SavedView, Sending, ThreadTag, Triage
from integrations.models import Connection


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Everything about an account, children before parents."""
    here = {"workspace_id": connection.workspace_id}
    of_account = here | {"account__connection_id": connection.pk}
    threads = here | {"thread__account__connection_id": connection.pk}
    return (
        Mention.objects.filter(**here, note__thread__account__connection_id=connection.pk),
        Note.objects.filter(**threads),
        ThreadTag.objects.filter(**threads),
        Triage.objects.filter(**threads),
        Sending.objects.filter(**threads),
        Comment.objects.filter(**of_account, is_reply=True),
        Comment.objects.filter(**of_account),
        PostReading.objects.filter(**of_account),
        Reading.objects.filter(**of_account),
    )


def rows_of_commenter(connection: Connection, author_id: str) -> tuple[QuerySet, ...]:
    """Everything about somebody who commented on an account's posts, by TikTok's mark of them: their comments with the threads below them,
    notes and acts on those, and saved views that look for them. Children before parents. Nothing at all without a mark."""
    here = {"workspace_id": connection.workspace_id}
    theirs = Comment.objects.filter(**here, account__connection_id=connection.pk, tiktok_author_id=author_id).exclude(tiktok_author_id="")
    threads = theirs.filter(is_reply=False).values("pk")
    handles = set(theirs.exclude(author_handle="").values_list("author_handle", flat=True))
    looking = Q(wanted__author=author_id) if author_id else Q(pk__in=[])
    for handle in handles:
        looking |= Q(wanted__q__icontains=handle)
    return (
        SavedView.objects.filter(looking, **here),
        Mention.objects.filter(**here, note__thread__in=threads),
        Note.objects.filter(**here, thread__in=threads),
        ThreadTag.objects.filter(**here, thread__in=threads),
        Triage.objects.filter(**here, thread__in=threads),
        Sending.objects.filter(Q(thread__in=threads) | Q(comment__in=theirs.values("pk")), **here),
        Comment.objects.filter(Q(thread__in=threads, is_reply=True) | Q(pk__in=theirs.filter(is_reply=True).values("pk")), **here),
        theirs,
    )
