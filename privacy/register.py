"""Everything we hold, on one list: what for, how long, how it goes. Adding a model means adding a line; a test insists."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["tiktok", "operational", "people", "trace", "technical"]


@dataclass(frozen=True)
class Entry:
    """One table."""

    model: str
    kind: Kind
    purpose: str
    kept: str
    goes: str


REGISTER: dict[str, Entry] = {
    e.model: e
    for e in (
        Entry("agency.Person", "people", "Sign-in", "As long as the person is a member", "On the person's request"),
        Entry("agency.Workspace", "operational", "Tenant", "Engagement plus 90 days", "With the engagement"),
        Entry("agency.Brand", "operational", "Groups accounts", "Engagement plus 90 days", "With the workspace"),
        Entry(
            "agency.Membership", "people", "Roles and grants, past ones too", "Engagement plus 90 days", "With the workspace or the person"
        ),
        Entry("agency.Invitation", "people", "Offers of a role", "Engagement plus 90 days", "With the workspace"),
        Entry("agency.AuditRow", "trace", "Who did what", "Kept; holds ids only", "Unlinked when its subject goes"),
        Entry(
            "agency.AuditSubject",
            "trace",
            "Salts under which accounts stand in the audit log",
            "As long as the account",
            "With the account",
        ),
        Entry("agency.AuditTail", "technical", "Numbers of audit rows that wait to be sealed", "Seconds", "When the row is sealed"),
        Entry(
            "agency.AuditSeal",
            "trace",
            "The chain over the audit rows",
            "Kept; holds numbers and MACs",
            "Never; holds nothing about people",
        ),
        Entry("agency.Restoration", "technical", "That the database came out of a backup", "Always", "Never; holds nothing about people"),
        Entry("agency.DueWork", "technical", "What must happen", "Until it has happened", "When it is done"),
        Entry("agency.Guess", "technical", "Keyed hashes of accounts that somebody tried to enter", "An hour", "By expiry"),
        Entry("agency.SignInLink", "people", "Keyed hash of a TikTok account that signs somebody in", "Until unlinked", "With the person"),
        Entry("agency.AddressBook", "technical", "Keyed hashes that lead to a workspace", "As long as what they lead to", "With its row"),
        Entry("keystore.WrappedKey", "technical", "Data keys", "Until disconnect", "Destroyed at disconnect"),
        Entry("integrations.FeatureSwitch", "operational", "What a workspace uses", "Engagement plus 90 days", "With the workspace"),
        Entry("integrations.SyncPace", "operational", "How often figures are looked at", "Engagement plus 90 days", "With the workspace"),
        Entry("integrations.Proof", "people", "Who showed at TikTok whose account it is, sealed", "A week", "Its key in minutes; by age"),
        Entry("integrations.ConsentRequest", "operational", "Trips to TikTok's consent page", "A week", "By expiry"),
        Entry(
            "integrations.Connection",
            "tiktok",
            "Sealed tokens, handle, scopes",
            "Tokens until disconnect, the rest 90 days more",
            "With the account",
        ),
        Entry("integrations.Avatar", "tiktok", "Small pictures of accounts", "90 days after disconnect", "With the account"),
        Entry("integrations.AdAccount", "tiktok", "Which ad accounts are read", "90 days after unlinking", "With the ad account"),
        Entry(
            "integrations.PendingRevocation",
            "tiktok",
            "Tokens that only remain to be revoked",
            "24 hours",
            "When TikTok confirmed, or after 24 hours",
        ),
        Entry(
            "integrations.Notice",
            "people",
            "What a member is to hear about an account",
            "48 hours",
            "When the letter has left, or by expiry",
        ),
        Entry(
            "integrations.Letter",
            "people",
            "That a member was written to, so that nobody is too often",
            "A day, or until the next letter",
            "With the next letter or the membership",
        ),
        Entry("integrations.WebhookEvent", "tiktok", "What TikTok told us unasked", "30 days", "When it is that old, or with the account"),
        Entry("integrations.SyncRun", "operational", "How the sync stands", "As long as the connection", "With the account"),
        Entry("integrations.ApiCall", "trace", "Where a figure came from", "As long as the figure", "With the account"),
        Entry("metrics.Account", "tiktok", "Counters of the profile", "90 days after disconnect", "With the account"),
        Entry("metrics.AccountDay", "tiktok", "Daily figures", "90 days after disconnect", "With the account"),
        Entry("metrics.Post", "tiktok", "Posts and their counters", "90 days after disconnect", "With the account"),
        Entry("metrics.PostSnapshot", "tiktok", "Dated counters of posts", "90 days after disconnect", "With the account"),
        Entry("metrics.GainedDay", "tiktok", "What an account's posts gained by day", "90 days after disconnect", "With the account"),
        Entry(
            "metrics.WorkspaceDay",
            "tiktok",
            "Days summed over a workspace's accounts",
            "90 days after disconnect",
            "With the accounts' days",
        ),
        Entry("metrics.BrandDay", "tiktok", "Days summed over a brand's accounts", "90 days after disconnect", "With the accounts' days"),
        Entry(
            "metrics.Mention",
            "tiktok",
            "What others say about a brand: words and names while TikTok lists them, then only counters",
            "Words 90 days, counters until 90 days after disconnect",
            "Words when TikTok lists them no more, the rest with the account",
        ),
        Entry("metrics.AccountAudience", "tiktok", "Followers by age, gender and place", "90 days after disconnect", "With the account"),
        Entry("metrics.ActiveHours", "tiktok", "Followers active by hour", "90 days after disconnect", "With the account"),
        Entry("metrics.PostAudience", "tiktok", "Where a post was found and who watched", "90 days after disconnect", "With the account"),
        Entry("metrics.AdCampaign", "tiktok", "Campaigns and their budgets", "90 days after disconnect", "With the ad account"),
        Entry("metrics.AdGroup", "tiktok", "Ad groups, bids and schedules", "90 days after disconnect", "With the ad account"),
        Entry("metrics.Ad", "tiktok", "Ads, and the posts they show", "90 days after disconnect", "With the ad account"),
        Entry("metrics.AdDay", "tiktok", "Daily figures of ads", "90 days after disconnect", "With the ad account"),
        Entry("metrics.AdSum", "tiktok", "Sums over the daily figures of ads", "90 days after disconnect", "With the ad account"),
        Entry("metrics.AdAccountDay", "tiktok", "TikTok's daily totals of ad accounts", "90 days after disconnect", "With the ad account"),
        Entry("reports.ExportFile", "tiktok", "Long exports that people asked for", "24 hours", "After a day, or with any account"),
        Entry("reports.ExportPart", "tiktok", "Their content, sealed under a key of its own", "24 hours", "With the file; its key first"),
        Entry("community.Reading", "operational", "How far comments are read", "90 days after disconnect", "With the account"),
        Entry("community.PostReading", "operational", "How far a post's comments are read", "90 days after disconnect", "With the account"),
        Entry("community.Comment", "tiktok", "Public comments and their authors", "90 days after disconnect", "With account or author"),
        Entry("community.UnderAd", "tiktok", "Under which ads comments stand", "90 days after unlinking", "With ad account or comment"),
        Entry("community.GroupReading", "operational", "How far ads' comments are read", "90 days after unlinking", "With the ad account"),
        Entry("community.Triage", "operational", "Who did what with a comment", "90 days after disconnect", "With the comment"),
        Entry("community.Tag", "operational", "Words that comments are sorted by", "Engagement plus 90 days", "With the workspace"),
        Entry("community.ThreadTag", "operational", "Tags on comments", "90 days after disconnect", "With the comment"),
        Entry("community.Note", "operational", "What the team notes about a comment", "90 days after disconnect", "With the comment"),
        Entry("community.Mention", "operational", "Who was named in a note", "90 days after disconnect", "With the note"),
        Entry("community.Sending", "operational", "Replies and other acts on TikTok", "90 days after disconnect", "With the comment"),
        Entry("community.SavedView", "people", "A person's own filters", "Engagement plus 90 days", "With the workspace or the author"),
        Entry("community.Forgotten", "people", "Keyed marks of who asked to be forgotten", "Engagement plus 90 days", "With the workspace"),
        Entry("community.Aim", "operational", "How soon comments are to be answered", "Engagement plus 90 days", "With the workspace"),
        Entry("reports.ReportSchedule", "operational", "When the report goes", "Engagement plus 90 days", "With the workspace"),
        Entry(
            "reports.WeeklyReport",
            "tiktok",
            "What was reported",
            "Engagement plus 90 days",
            "With the workspace; an erased account's part with the account",
        ),
        Entry("reports.Delivery", "people", "Who got a report", "Engagement plus 90 days", "With the workspace"),
        Entry("agency.Suppression", "technical", "Keyed hashes of addresses that bounced", "Until it is lifted", "By word of its owner"),
        Entry("reports.ReportStep", "trace", "Who approved, held or sent a report", "As long as the report", "With the report"),
        Entry(
            "reports.ExtraRecipient",
            "people",
            "Addresses that get reports",
            "Engagement plus 90 days",
            "With the workspace, or when removed",
        ),
        Entry("reports.ShareLink", "operational", "Links to reports and when they end", "As long as the report", "With the report"),
        Entry("reports.Credit", "people", "Which posts concern which creator", "As long as the post", "With the account or the membership"),
        Entry("reports.StoppedMail", "people", "Who stopped which mails", "As long as the membership", "With the membership"),
        Entry("reports.ReviewCall", "people", "Calls to reviewers of a report", "As long as the report", "With the report or the member"),
        Entry(
            "agency.Session", "people", "Who is signed in, on what kind of device", "14 days", "By expiry, by signing out, with the person"
        ),
        Entry("account.EmailAddress", "people", "Sign-in address", "As long as the person", "With the person"),
        Entry("account.EmailConfirmation", "people", "Confirmation of an address", "Unused", "With the person"),
        Entry("mfa.Authenticator", "people", "Second factors, sealed", "As long as the person", "With the person"),
        Entry(
            "privacy.PublicRequest",
            "people",
            "What came through the public deletion form, sealed",
            "Until answered, 30 days",
            "Its key, when it is answered",
        ),
        Entry(
            "privacy.DeletionRequest",
            "people",
            "Who asked for a deletion, and how it stands",
            "Kept; names nobody once done",
            "Names go with the run, the address with the last mail",
        ),
        Entry("privacy.RequestStep", "trace", "Who did what about a request", "Kept; holds no names", "Never; holds ids of staff only"),
        Entry(
            "privacy.DeletionRun", "trace", "The runs that erase", "Kept; names nobody once done", "What it sweeps for goes with its key"
        ),
        Entry("privacy.RunFinding", "trace", "What a run found, per place", "Kept; counts only", "Never; holds nothing about people"),
        Entry("privacy.Certificate", "trace", "Signed proofs of deletion", "Kept; names nobody", "Never; holds nothing about people"),
        Entry("privacy.PromiseCheck", "technical", "Whether promises are kept, day by day", "400 days", "By age"),
        Entry(
            "privacy.Incident",
            "trace",
            "What was not as promised, and what was done",
            "Kept; names nobody",
            "Never; holds nothing about people",
        ),
        Entry("privacy.DataArchive", "people", "Who asked for a copy of an account's data", "90 days after disconnect", "With the account"),
        Entry(
            "privacy.ArchivePart",
            "tiktok",
            "The copies themselves, sealed",
            "24 hours",
            "Its key and the rows, after a day or with the account",
        ),
        Entry("privacy.PersonCopy", "people", "Who asked for a copy of their own data", "As long as the person", "With the person"),
        Entry("privacy.PersonCopyPart", "people", "Those copies, sealed", "24 hours", "Its key and the rows, after a day"),
        Entry(
            "privacy.Correction",
            "people",
            "What somebody said is wrong, and the answer",
            "Engagement plus 90 days",
            "With the workspace; about an account, with the account",
        ),
        Entry("auth.Permission", "technical", "Django's own; unused", "Always", "Never; holds nothing about people"),
        Entry("auth.Group", "technical", "Django's own; unused", "Always", "Never; holds nothing about people"),
        Entry("contenttypes.ContentType", "technical", "Django's own", "Always", "Never; holds nothing about people"),
    )
}
