"""What pages and acts are called where people read the audit log. Words only; a test sees that no page is missing."""

# By the name of the address.
PAGES = {
    "ad_sync_state": "How an ad account's sync stands",
    "account_page": "One person's sign-in",
    "accounts": "Everybody who can sign in",
    "audit": "Audit log",
    "audit_export": "Audit log, exported",
    "community": "Comments",
    "community_thread": "A comment",
    "archive": "A copy of an account's data",
    "deletion": "A request for deletion",
    "choose": "A newly connected account",
    "choose_ad_accounts": "Ad accounts to choose from",
    "disconnect": "A disconnected account",
    "disconnect_ads": "Disconnected ad accounts",
    "download_archive": "A copy of an account's data, downloaded",
    "figure_source": "Where a figure comes from",
    "health_page": "Health of the platform",
    "integrations": "Connected accounts",
    "member": "One person's access",
    "people": "People",
    "performance": "Performance",
    "performance_steps": "Progress of a sync",
    "privacy_evidence": "Evidence of a promise",
    "privacy_incidents": "Incidents",
    "privacy_promises": "Promises",
    "privacy_register": "Register of what is held",
    "privacy_request": "A request for deletion",
    "privacy_requests": "Requests for deletion",
    "privacy_run": "A deletion run",
    "post": "A post's figures",
    "posts": "List of posts",
    "reports": "List of weekly reports",
    "sync_state": "How an account's sync stands",
    "week": "Weekly report",
    "week_pdf": "Weekly report as PDF",
    "reset_second_factor": "One person's sign-in",
    "workspace_page": "The workspace and its engagement",
    "workspaces": "List of workspaces",
    "join_workspace": "The workspace and its engagement",
}
# By the name under which they are recorded; staff read a workspace's data in them too.
MAILS = {
    "connection_lost_mail": "Mail that a connection stopped working",
    "deletion_mail": "Mail about a request for deletion",
    "grant_end_mail": "Mail that TikTok's access to an account will end",
}
# What these show is about the workspace's people, its ad accounts or the platform, and not about creators' accounts.
PAGES_WITHOUT_CREATORS = (
    "account_page", "accounts", "ad_sync_state", "audit", "audit_export", "choose_ad_accounts", "disconnect_ads", "health_page",
    "join_workspace", "member", "people", "reset_second_factor", "workspace_page", "workspaces",
)  # fmt: skip

VERBS = {
    "audit.exported": "Audit log exported",
    "comment.answered": "Reply to a comment asked for",
    "comment.assigned": "Comment assigned",
    "comment.deleted": "Deleting an own comment asked for",
    "comment.done": "Comment done",
    "comment.hidden": "Hiding a comment asked for",
    "comment.liked": "Liking a comment asked for",
    "comment.noted": "Note on a comment",
    "comment.opened": "Comment opened again",
    "comment.put_off": "Comment put off",
    "comment.sending_stopped": "Act on TikTok stopped in time",
    "comment.shown": "Showing a comment again asked for",
    "comment.tagged": "Comment tagged",
    "comment.unliked": "Taking a like back asked for",
    "comment.undone": "Act on a comment taken back",
    "comment.untagged": "Tag taken off a comment",
    "comment_aim.changed": "Aim for comments changed",
    "archive.asked": "Copy of an account's data asked for",
    "archive.downloaded": "Copy of an account's data downloaded",
    "deletion.approved": "Deletion approved",
    "deletion.asked": "Deletion asked for",
    "deletion.began": "Deletion began",
    "deletion.cancelled": "Deletion request taken back",
    "deletion.done": "Data deleted",
    "deletion.failed": "Deletion run needs the privacy team",
    "deletion.refused": "Deletion request refused",
    "connection.attached": "Account attached",
    "connection.broke": "Connection stopped working",
    "connection.ended": "Account disconnected",
    "connection.made": "Account connected",
    "consent.started": "Sent to TikTok's consent page",
    "invitation.made": "Invited",
    "invitation.resent": "Invitation sent again",
    "invitation.withdrawn": "Invitation withdrawn",
    "membership.began": "Access began",
    "membership.changed": "Access changed",
    "membership.ended": "Access ended",
    "notice.not_sent": "Mail about a connection not delivered",
    "notice.sent": "Mail about a connection delivered",
    "page.read": "Looked at a page",
    "person.closed": "Sign-in closed",
    "person.opened": "Sign-in opened again",
    "person.sign_in_linked": "TikTok linked for signing in",
    "person.second_factor_reset": "Second factor reset",
    "person.signed_out": "Signed out everywhere",
    "promises.exported": "Evidence of promises exported",
    "report.composed": "Report written",
    "report.delivered": "Report delivered",
    "report.not_delivered": "Report not delivered",
    "report_mail.resumed": "Report mail resumed",
    "report_mail.stopped": "Report mail stopped",
    "sync.requested": "Refresh asked for",
    "sync_pace.chosen": "Pace of the sync chosen",
    "workspace.changed": "Workspace changed",
    "workspace.closed": "Workspace closed",
    "workspace.created": "Workspace made",
    "workspace.opened": "Workspace opened again",
}


# By the name of the model; the rest read well as they are.
SUBJECTS = {
    "consentrequest": "consent request",
    "dataarchive": "copy of data",
    "deletionrequest": "deletion request",
    "deletionrun": "deletion run",
    "publicrequest": "public deletion request",
    "syncrun": "sync",
    "weeklyreport": "weekly report",
}


def page_called(name: str) -> str:
    """A page for people."""
    return PAGES.get(name) or MAILS.get(name, name.replace("_", " ").capitalize())


def verb_called(verb: str) -> str:
    """An act for people."""
    return VERBS.get(verb, verb.replace(".", " ").replace("_", " ").capitalize())
