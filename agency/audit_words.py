"""What pages and acts are called where people read the audit log. Words only; a test sees that no page is missing."""

# By the name of the address.
PAGES = {
    "ad_sync_state": "How an ad account's sync stands",
    "audience": "Audience",
    "audit": "Audit log",
    "audit_export": "Audit log, exported",
    "brands": "Brands",
    "choose": "A newly connected account",
    "choose_ad_accounts": "Ad accounts to choose from",
    "disconnect": "A disconnected account",
    "disconnect_ads": "Disconnected ad accounts",
    "figure_source": "Where a figure comes from",
    "health_page": "Health of the platform",
    "integrations": "Connected accounts",
    "member": "One person's access",
    "people": "People",
    "performance": "Performance",
    "performance_steps": "Progress of a sync",
    "post": "A post's figures",
    "posts": "List of posts",
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
    "brands",
    "choose_ad_accounts",
    "disconnect_ads",
    "health_page",
    "member",
    "people",
)

VERBS = {
    "audit.exported": "Audit log exported",
    "brand.made": "Brand made",
    "brand.removed": "Brand removed",
    "brand.renamed": "Brand renamed",
    "connection.attached": "Account attached",
    "connection.brand_changed": "Account put in another brand",
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
    "report_mail.resumed": "Report mail resumed",
    "report_mail.stopped": "Report mail stopped",
    "sync.requested": "Refresh asked for",
    "workspace.cadence_agreed": "Posts a week agreed",
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
