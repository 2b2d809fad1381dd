"""What pages and acts are called where people read the audit log. Words only; a test sees that no page is missing."""

# By the name of the address.
PAGES = {
    "ad_sync_state": "How an ad account's sync stands",
    "audit": "Audit log",
    "audit_export": "Audit log, exported",
    "campaigns": "Campaigns",
    "campaigns_origin": "Campaigns, where the figures came from",
    "choose": "A newly connected account",
    "choose_ad_accounts": "Ad accounts to choose from",
    "disconnect": "A disconnected account",
    "disconnect_ads": "Disconnected ad accounts",
    "export": "Exported figures",
    "export_file": "An exported file",
    "export_progress": "Progress of exports",
    "exports": "Exported files",
    "health_page": "Health of the platform",
    "integrations": "Connected accounts",
    "member": "One person's access",
    "people": "People",
    "performance": "Performance",
    "performance_steps": "Progress of a sync",
    "reports": "List of weekly reports",
    "sync_state": "How an account's sync stands",
    "week": "Weekly report",
    "week_pdf": "Weekly report as PDF",
}
# By the name under which they are recorded; staff read a workspace's data in them too.
MAILS = {
    "connection_lost_mail": "Mail that a connection stopped working",
    "grant_end_mail": "Mail that TikTok's access to an account will end",
}
# What these show is about the workspace's people, its ad accounts or the platform, and not about creators' accounts.
PAGES_WITHOUT_CREATORS = (
    "ad_sync_state",
    "audit",
    "audit_export",
    "campaigns",
    "campaigns_origin",
    "choose_ad_accounts",
    "disconnect_ads",
    "health_page",
    "member",
    "people",
)

VERBS = {
    "audit.exported": "Audit log exported",
    "connection.attached": "Account attached",
    "connection.broke": "Connection stopped working",
    "connection.ended": "Account disconnected",
    "connection.made": "Account connected",
    "consent.started": "Sent to TikTok's consent page",
    "export.asked": "Long export asked for",
    "export.deleted": "Exported file deleted",
    "export.downloaded": "Exported file fetched",
    "export.made": "Figures exported",
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
    "report.composed": "Report written",
    "report.delivered": "Report delivered",
    "report.not_delivered": "Report not delivered",
    "report_mail.resumed": "Report mail resumed",
    "report_mail.stopped": "Report mail stopped",
    "sync.requested": "Refresh asked for",
    "workspace.created": "Workspace made",
}


# By the name of the model; the rest read well as they are.
SUBJECTS = {"consentrequest": "consent request", "syncrun": "sync", "weeklyreport": "weekly report"}


def page_called(name: str) -> str:
    """A page for people."""
    return PAGES.get(name) or MAILS.get(name, name.replace("_", " ").capitalize())


def verb_called(verb: str) -> str:
    """An act for people."""
    return VERBS.get(verb, verb.replace(".", " ").replace("_", " ").capitalize())
