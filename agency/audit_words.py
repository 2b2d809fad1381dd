"""What pages and acts are called where people read the audit log. Words only; a test sees that no page is missing."""

# By the name of the address.
PAGES = {
    "ad_sync_state": "How an ad account's sync stands",
    "audit": "Audit log",
    "audit_export": "Audit log, exported",
    "choose": "A newly connected account",
    "choose_ad_accounts": "Ad accounts to choose from",
    "disconnect": "A disconnected account",
    "disconnect_ads": "Disconnected ad accounts",
    "health_page": "Health of the platform",
    "integrations": "Connected accounts",
    "member": "One person's access",
    "people": "People",
    "performance": "Performance",
    "performance_steps": "Progress of a sync",
    "report_settings": "Settings of weekly reports",
    "reports": "List of weekly reports",
    "sync_state": "How an account's sync stands",
    "week": "Weekly report",
    "week_csv": "Weekly report as CSV",
    "week_pdf": "Weekly report as PDF",
    "week_xlsx": "Weekly report as XLSX",
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
    "choose_ad_accounts",
    "disconnect_ads",
    "health_page",
    "member",
    "people",
    "report_settings",
)

VERBS = {
    "audit.exported": "Audit log exported",
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
    "page.read": "Looked at a page",
    "person.closed": "Sign-in closed",
    "person.opened": "Sign-in opened again",
    "report.composed": "Report written",
    "report.delivered": "Report delivered",
    "report.not_delivered": "Report not delivered",
    "post.credited": "Post credited to a creator",
    "post.uncredited": "Credit taken back",
    "report.approved": "Report approved",
    "report.held": "Report held back",
    "report.released": "Report sent",
    "report_link.made": "Link to a report made",
    "report_link.opened": "Link to a report opened",
    "report_link.withdrawn": "Link to a report withdrawn",
    "report_recipient.asked": "Extra address asked",
    "report_recipient.confirmed": "Extra address confirmed",
    "report_recipient.removed": "Extra address removed",
    "report_schedule.changed": "Report settings changed",
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
