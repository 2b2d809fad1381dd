"""What each column of each table on the register holds. What for, how long and how it goes is as the register says of the table,
unless it says so here. A column that is not here fails the build, so whoever adds one decides what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from privacy.register import REGISTER

HOLDS = {
    "name": "Names and addresses",
    "words": "What was written or shown",
    "tiktok_id": "TikTok's identifiers",
    "sealed": "Sealed, hashed or keyed",
    "key": "Our own identifiers",
    "fact": "Figures, moments, states and settings",
}


@dataclass(frozen=True)
class Columns:
    """Columns of one table by what they hold; each string lists names. `otherwise`: columns, how long they are kept, how they go."""

    key: str = ""
    name: str = ""
    tiktok_id: str = ""
    words: str = ""
    sealed: str = ""
    fact: str = ""
    otherwise: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Column:
    """One column, with what is declared about it."""

    name: str
    holds: str
    purpose: str
    kept: str
    goes: str
    is_apart: bool  # kept or erased otherwise than its table

    @property
    def words(self) -> str:
        """What it holds, in words."""
        return HOLDS[self.holds]


def columns_of(model: str) -> Iterator[Column]:
    """Every declared column of a table, in the order of HOLDS."""
    entry, declared = REGISTER[model], COLUMNS[model]
    apart = {name: (kept, goes) for names, kept, goes in declared.otherwise for name in names.split()}
    for holds in HOLDS:
        for name in getattr(declared, holds).split():
            kept, goes = apart.get(name, (entry.kept, entry.goes))
            yield Column(name, holds, entry.purpose, kept, goes, name in apart)


COLUMNS: dict[str, Columns] = {
    "agency.Person": Columns(key="id", name="email name", sealed="password", fact="last_login theme is_active joined_at erasure_began_at"),
    "agency.Session": Columns(
        key="person_id",
        words="device",
        sealed="session_key session_data",
        fact="expire_date began_at seen_at",
        otherwise=(("session_data session_key", "14 days", "By signing out, by expiry, with the person"),),
    ),
    "agency.Workspace": Columns(
        key="id",
        name="slug name",
        fact="accent time_zone posts_per_week created_at engagement_starts_on engagement_ends_on closed_at erasure_began_at",
    ),
    "agency.Brand": Columns(key="workspace_id id", name="name"),
    "agency.Membership": Columns(key="workspace_id id person_id", words="purpose", fact="role created_at last_seen_at ends_at ended_at"),
    "agency.Invitation": Columns(
        key="workspace_id id invited_by_id accepted_by_id",
        name="email",
        words="purpose",
        fact="role access_ends_at created_at expires_at accepted_at withdrawn_at",
    ),
    "agency.AuditRow": Columns(
        key="workspace_id id ref subject_id person_id",
        words="purpose facts",
        sealed="mac",
        fact="at verb subject_kind role",
    ),
    "agency.AuditSubject": Columns(key="workspace_id id", sealed="salt"),
    "agency.AuditTail": Columns(key="row_id workspace_id", fact="announced_at"),
    "agency.AuditSeal": Columns(key="row_id workspace_id", sealed="mac", fact="position sealed_at"),
    "agency.DueWork": Columns(
        key="id workspace_id ref claim",
        fact="kind due_at priority claimed_until served_at again_at attempt_count",
    ),
    "agency.AddressBook": Columns(key="id workspace_id ref", sealed="keyed_hash", fact="kind is_live created_at"),
    "agency.SignInLink": Columns(key="person_id", sealed="keyed_hash", fact="linked_at"),
    "agency.Guess": Columns(key="id", sealed="keyed_hash", fact="at"),
    "agency.Suppression": Columns(key="id", sealed="keyed_hash", fact="cause since"),
    "agency.Restoration": Columns(key="id", fact="taken_at restored_at replayed_at"),
    "keystore.WrappedKey": Columns(key="ref", sealed="wrapped", fact="created_at"),
    "integrations.FeatureSwitch": Columns(key="workspace_id id person_id", fact="feature is_on changed_at"),
    "integrations.SyncPace": Columns(key="workspace_id id person_id", fact="pace changed_at"),
    "integrations.ConsentRequest": Columns(
        key="workspace_id id person_id connection_id",
        sealed="browser_hash verifier_sealed",
        fact="flow scopes_asked redirect_uri started_at expires_at used_at outcome",
        otherwise=(("verifier_sealed browser_hash", "10 minutes of use, a week at most", "Of no use once the trip is over; by expiry"),),
    ),
    "integrations.Proof": Columns(
        key="id wanted_by",
        sealed="state_hash browser_hash verifier_sealed account_sealed",
        fact="state cause started_at expires_at used_at",
        otherwise=(("verifier_sealed account_sealed", "10 minutes of use, 20 at most", "Emptied when used or late, the key destroyed"),),
    ),
    "integrations.Connection": Columns(
        key="workspace_id id brand_id connected_by_id disconnected_by_id",
        name="handle display_name",
        tiktok_id="tiktok_open_id",
        sealed="access_token_sealed refresh_token_sealed",
        fact=(
            "kind avatar_tag state state_since broken_reason generation scopes_asked scopes_granted connected_at access_expires_at "
            "refresh_expires_at end_told_at token_refreshed_at refresh_state refresh_started_at disconnected_at tiktok_revoked_at "
            "delete_data_on erasure_began_at"
        ),
        otherwise=(
            ("access_token_sealed refresh_token_sealed", "Until disconnect", "At disconnect: the key is destroyed, the columns emptied"),
        ),
    ),
    "integrations.PendingRevocation": Columns(key="workspace_id id connection_id", sealed="token_sealed", fact="created_at give_up_at"),
    "integrations.Letter": Columns(key="workspace_id id membership_id", fact="created_at ended_at"),
    "integrations.Notice": Columns(key="workspace_id id connection_id about membership_id letter_id", fact="kind day created_at"),
    "integrations.WebhookEvent": Columns(
        key="workspace_id id connection_id",
        words="payload",
        sealed="digest",
        fact="name happened_at received_at state",
    ),
    "integrations.AdAccount": Columns(
        key="workspace_id id connection_id linked_by_id",
        name="name",
        tiktok_id="advertiser_id",
        fact="currency time_zone tiktok_status opened_at state state_since figures_from figures_seen_at delete_data_on",
    ),
    "integrations.Avatar": Columns(
        key="workspace_id id connection_id",
        words="wanted_url picture",
        sealed="source_hash",
        fact="looked_at",
    ),
    "integrations.SyncRun": Columns(
        key="workspace_id id connection_id ad_account_id",
        words="sentence",
        fact="kind state generation started_at finished_at done_count total_count cursor due_at failure_count quiet_count last_success_at",
    ),
    "integrations.ApiCall": Columns(
        key="workspace_id id connection_id",
        tiktok_id="tiktok_request_id",
        fact="endpoint code http_status called_at duration_ms",
    ),
    "metrics.AdCampaign": Columns(
        key="workspace_id id ad_account_id call_id",
        tiktok_id="tiktok_campaign_id",
        words="name",
        fact=(
            "objective campaign_type automation_type is_smart is_budget_optimized budget budget_mode operation_status secondary_status "
            "created_at modified_at first_seen_at changed_at"
        ),
    ),
    "metrics.AdGroup": Columns(
        key="workspace_id id ad_account_id call_id",
        tiktok_id="tiktok_adgroup_id tiktok_campaign_id",
        words="name",
        fact=(
            "optimization_goal billing_event budget budget_mode scheduled_budget bid_price conversion_bid_price starts_at ends_at is_smart "
            "operation_status secondary_status created_at modified_at first_seen_at changed_at"
        ),
    ),
    "metrics.Ad": Columns(
        key="workspace_id id ad_account_id call_id",
        tiktok_id="tiktok_ad_id tiktok_adgroup_id tiktok_campaign_id identity_id tiktok_item_id video_id",
        words="name ad_text landing_page_url",
        fact="ad_format identity_type operation_status secondary_status created_at modified_at first_seen_at changed_at",
    ),
    "metrics.AdDay": Columns(
        key="workspace_id id ad_account_id call_id",
        tiktok_id="tiktok_ad_id tiktok_adgroup_id tiktok_campaign_id",
        fact=(
            "date spend impressions clicks conversions video_views video_views_2s video_views_6s video_views_whole likes comments shares "
            "follows first_seen_at changed_at"
        ),
    ),
    "metrics.AdAccountDay": Columns(
        key="workspace_id id ad_account_id call_id",
        fact="date spend impressions clicks conversions video_views first_seen_at changed_at",
    ),
    "metrics.AdSum": Columns(
        key="workspace_id id ad_account_id",
        tiktok_id="tiktok_id tiktok_campaign_id",
        fact=(
            "level span date rows_count spend impressions clicks conversions video_views video_views_2s video_views_6s video_views_whole "
            "likes comments shares follows spend_lacking impressions_lacking clicks_lacking conversions_lacking video_views_lacking "
            "video_views_2s_lacking video_views_6s_lacking video_views_whole_lacking likes_lacking comments_lacking shares_lacking "
            "follows_lacking"
        ),
    ),
    "metrics.AccountAudience": Columns(key="workspace_id id account_id call_id", fact="date ages genders countries cities seen_at"),
    "metrics.ActiveHours": Columns(key="workspace_id id account_id call_id", fact="date counts seen_at"),
    "metrics.PostAudience": Columns(
        key="workspace_id id post_id call_id",
        fact="date sources countries cities genders viewer_types retention seen_at",
    ),
    "metrics.GainedDay": Columns(
        key="workspace_id id account_id", fact="date looks_count begun_count lacking_count views likes comments shares"
    ),
    "metrics.WorkspaceDay": Columns(
        key="workspace_id id",
        fact=(
            "date accounts_count views with_views profile_views with_profile_views viewers with_viewers likes comments shares "
            "with_engagement followers with_followers"
        ),
    ),
    "metrics.BrandDay": Columns(
        key="workspace_id id brand_id",
        fact=(
            "date accounts_count views with_views profile_views with_profile_views viewers with_viewers likes comments shares "
            "with_engagement followers with_followers"
        ),
    ),
    "metrics.Account": Columns(
        key="workspace_id id connection_id brand_id profile_call",
        fact=(
            "followers_count videos_count profile_seen_at days_seen_at posts_seen_at posts_whole_of posts_whole_at mentions_seen_at "
            "mentions_begun_at mentions_whole_of mentions_whole_at judged_until"
        ),
    ),
    "metrics.AccountDay": Columns(
        key="workspace_id id account_id call_id",
        fact=(
            "date video_views profile_views likes comments shares followers_count new_followers lost_followers viewers first_seen_at "
            "changed_at"
        ),
    ),
    "metrics.Post": Columns(
        key="workspace_id id account_id call_id",
        tiktok_id="tiktok_item_id",
        words="caption share_url",
        fact=(
            "created_at media_type duration_seconds views likes comments shares favorites reach watch_through_rate average_watched_seconds "
            "watched_seconds first_seen_at seen_at look_at quiet_count gone_at"
        ),
    ),
    "metrics.PostSnapshot": Columns(key="workspace_id id post_id call_id", fact="hour taken_at views likes comments shares favorites"),
    "metrics.Mention": Columns(
        key="workspace_id id account_id call_id",
        name="author",
        tiktok_id="tiktok_id tiktok_item_id",
        words="text link",
        fact="kind created_at views likes comments shares reach first_seen_at seen_at gone_at",
        otherwise=(("text link author", "90 days, or until TikTok lists it no more", "Emptied while the counters stay; with the account"),),
    ),
    "community.Forgotten": Columns(key="workspace_id id", sealed="mark", fact="until"),
    "community.Reading": Columns(key="workspace_id id account_id", fact="began_at read_at"),
    "community.PostReading": Columns(key="workspace_id id account_id post_id", fact="look_at whole_at began_at cursor is_listed counted"),
    "community.Comment": Columns(
        key="workspace_id id account_id post_id ad_account_id thread_id call_id settled_act assignee_id",
        name="author_handle author_name",
        tiktok_id="tiktok_comment_id tiktok_author_id",
        words="text",
        fact=(
            "is_reply is_own has_image language likes_count replies_count replies_read_count replies_cursor replies_began_at is_liked "
            "is_pinned shown said_at edited_at gone_at first_seen_at seen_at settled_at answered_at waits_since stirred_at last_said_at "
            "later_until done_at"
        ),
    ),
    "community.UnderAd": Columns(
        key="workspace_id id comment_id ad_account_id call_id",
        tiktok_id="tiktok_ad_id tiktok_adgroup_id tiktok_campaign_id answers",
        fact="seen_at",
    ),
    "community.GroupReading": Columns(
        key="workspace_id id ad_account_id",
        tiktok_id="tiktok_adgroup_id",
        fact="look_at whole_at began_at first_on window_on page",
    ),
    "community.Sending": Columns(
        key="workspace_id id thread_id comment_id person_id call_id",
        tiktok_id="tiktok_comment_id",
        words="text sentence",
        fact="kind asked_at goes_at state state_since called_at looked_count",
    ),
    "community.Triage": Columns(key="workspace_id id thread_id person_id assignee_id tag_id", fact="kind at before until undone_at"),
    "community.Tag": Columns(key="workspace_id id", words="name"),
    "community.ThreadTag": Columns(key="workspace_id id thread_id tag_id person_id", fact="at"),
    "community.Note": Columns(key="workspace_id id thread_id person_id", words="text", fact="at"),
    "community.Mention": Columns(key="workspace_id id note_id person_id", fact="seen_at"),
    "community.SavedView": Columns(key="workspace_id id person_id", words="name wanted", fact="created_at"),
    "community.Aim": Columns(key="workspace_id id person_id", fact="seconds changed_at"),
    "reports.ReportSchedule": Columns(
        key="workspace_id id",
        name="reply_to",
        fact="weekday hour review review_hours holds_while_broken next_week",
    ),
    "reports.ExportFile": Columns(
        key="workspace_id id membership_id",
        words="asked title file_name sentence",
        sealed="asked_hash",
        fact="name form row_count byte_count part_count state asked_at made_at expires_at",
    ),
    "reports.ExportPart": Columns(key="workspace_id id file_id", sealed="sealed", fact="place"),
    "reports.WeeklyReport": Columns(
        key="workspace_id id",
        words="content",
        sealed="content_hash",
        fact="week definitions_version composed_at slot_at goes_at released_at accounts_erased_count erased_at",
        otherwise=(("content", "Engagement plus 90 days", "An erased account's part is cut out, the rest with the workspace"),),
    ),
    "reports.ReviewCall": Columns(key="workspace_id id report_id membership_id", fact="created_at outcome"),
    "reports.ReportStep": Columns(key="workspace_id id report_id person_id", fact="kind at"),
    "reports.ExtraRecipient": Columns(
        key="workspace_id id added_by_id",
        name="email",
        fact="asked_at refused confirmed_at stopped_at removed_at",
    ),
    "reports.ShareLink": Columns(
        key="workspace_id id report_id made_by_id",
        fact="made_at expires_at withdrawn_at opened_count opened_at",
    ),
    "reports.Delivery": Columns(
        key="workspace_id id report_id person_id extra_id",
        words="detail",
        fact="role state message_id created_at sent_at",
    ),
    "reports.StoppedMail": Columns(key="workspace_id id membership_id", fact="kind stopped_at"),
    "reports.Credit": Columns(key="workspace_id id post_id creator_id credited_by_id", fact="credited_at"),
    "privacy.PublicRequest": Columns(
        key="id",
        sealed="said_sealed",
        fact="reference state way created_at mailed_at verified_at sorted_at answered_at due_at",
        otherwise=(("said_sealed", "Until answered, 30 days", "Its key is destroyed and the column emptied with the answer"),),
    ),
    "privacy.DeletionRequest": Columns(
        key="workspace_id id account_id asked_by_id public_request_id",
        name="account_name contact",
        words="identity_note",
        fact="reference source of state generation created_at due_at run_at done_at",
        otherwise=(
            ("account_id account_name identity_note", "Until the run is done", "Emptied by the run"),
            ("contact", "Until the last mail", "Emptied when whoever asked was told of the end"),
        ),
    ),
    "privacy.RequestStep": Columns(
        key="workspace_id id request_id person_id",
        words="note",
        fact="state at",
        otherwise=(("note", "Until the run is done", "Emptied by the run"),),
    ),
    "privacy.DeletionRun": Columns(
        key="workspace_id id request_id subject_id",
        words="sentence",
        sealed="subject_sealed",
        fact="reference cause of state due_at scheduled_at started_at swept_at finished_at attempt_count places_count",
        otherwise=(("subject_id subject_sealed", "As long as the run", "Emptied at its end, the key destroyed"),),
    ),
    "privacy.RunFinding": Columns(key="workspace_id id run_id", fact="place erased_count redacted_count left_count"),
    "privacy.Certificate": Columns(key="workspace_id id run_id", words="document", sealed="signature", fact="key_id issued_at"),
    "privacy.PromiseCheck": Columns(key="id", words="evidence", fact="promise result at"),
    "privacy.Incident": Columns(
        key="id opened_by_id closed_by_id",
        words="title what",
        fact="promise opened_at told_at mended_at closed_at",
    ),
    "privacy.DataArchive": Columns(
        key="workspace_id id account_id asked_by_id",
        name="account_name",
        fact="state rows_count bytes_count created_at ready_at expires_at",
        otherwise=(("account_name", "24 hours", "Emptied when the copy expires"),),
    ),
    "privacy.ArchivePart": Columns(key="workspace_id id archive_id", sealed="sealed", fact="number"),
    "privacy.PersonCopy": Columns(
        key="id person_id", fact="state rows_count bytes_count asked_at claimed_until ready_at told_at expires_at"
    ),
    "privacy.PersonCopyPart": Columns(key="id copy_id", sealed="sealed", fact="number"),
    "privacy.Correction": Columns(
        key="workspace_id id account_id asked_by_id answered_by_id",
        name="contact",
        words="said answer",
        fact="reference state asked_at due_at answered_at",
        otherwise=(("contact", "Until the last mail", "Emptied when whoever wrote was told of the end"),),
    ),
    "account.EmailAddress": Columns(key="id user_id", name="email", fact="verified primary"),
    "account.EmailConfirmation": Columns(key="id email_address_id", sealed="key", fact="created sent"),
    "mfa.Authenticator": Columns(key="id user_id", sealed="data", fact="type created_at last_used_at"),
    "auth.Permission": Columns(key="id content_type_id", fact="name codename"),
    "auth.Group": Columns(key="id", fact="name"),
    "contenttypes.ContentType": Columns(key="id", fact="app_label model"),
}
