"""The one settings file. Values come from the environment through typed readers; nothing secret has a default in production."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from agency import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where this runs --------------------------------------------------------------------------------------------------
ENVIRONMENT = env.one_of("ENVIRONMENT", ("production", "demo", "test"), "production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False
# Tests and `manage.py check` need an address that parses, not one that answers.
_SPARE = None if PRODUCTION else "spare"


def _spare(value: str) -> str | None:
    return value if _SPARE else None


SECRET_KEY = env.text("SECRET_KEY", _spare("only-for-tests-and-checks-never-for-people"))
APP_URL = env.text("APP_URL", _spare("http://127.0.0.1:8000")).rstrip("/")
APP_HOST = urlsplit(APP_URL).netloc
APP_IS_HTTPS = APP_URL.startswith("https://")

# --- who runs it (another operator runs it under its own name) ----------------------------------------------------------
OPERATOR_NAME = env.text("OPERATOR_NAME", "Logic Target LLC")
OPERATOR_PLACE = env.text("OPERATOR_PLACE", "Walnut, CA, USA")
PRODUCT_NAME = env.text("PRODUCT_NAME", "Logic Target Agency Platform")
PRIVACY_CONTACT = env.text("PRIVACY_CONTACT", "privacy@logictarget.online")
SECURITY_CONTACT = env.text("SECURITY_CONTACT", "security@logictarget.online")
OPERATIONS_CONTACT = env.text("OPERATIONS_CONTACT", "operations@logictarget.online")  # hears of alarms
REFERENCE_PREFIX = env.text("REFERENCE_PREFIX", "LT")  # of what people quote to us: LT-4F7K-22
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # what Prometheus shows at /internal/metrics; empty: the address does not exist
HOSTING_PLACE = env.text("HOSTING_PLACE", "the United States (us-east-1)")
# Companies that handle data for the operator: "name | what for | where" each.
SUBPROCESSORS = env.rows(
    "SUBPROCESSORS",
    (
        "Amazon Web Services, Inc. | Servers, database, object storage, backups | United States (us-east-1)",
        "Amazon Web Services, Inc. (KMS) | Keys that the encryption rests on | United States (us-east-1)",
        "Amazon Web Services, Inc. (SES) | Sending reports and notices by mail | United States (us-east-1)",
    ),
    columns=3,
)
BUSINESS_CENTER_ID = env.text("TIKTOK_BUSINESS_CENTER_ID", "7600853899726716944")

# --- TikTok -------------------------------------------------------------------------------------------------------------
TIKTOK_APP_ID = env.text("TIKTOK_APP_ID", "7600593971684835329")
TIKTOK_APP_SECRET = env.text("TIKTOK_APP_SECRET", _spare("spare"))
TIKTOK_REDIRECT_URI = env.text("TIKTOK_REDIRECT_URI", f"{APP_URL}/tiktok/auth/callback")
TIKTOK_AUTH_BASE = env.text("TIKTOK_AUTH_BASE", "https://www.tiktok.com")
TIKTOK_BUSINESS_BASE = env.text("TIKTOK_BUSINESS_BASE", "https://business-api.tiktok.com")
TIKTOK_DEVELOPERS_BASE = env.text("TIKTOK_DEVELOPERS_BASE", "https://open.tiktokapis.com")
TIKTOK_COMMENT_LONGEST = env.number("TIKTOK_COMMENT_LONGEST", 150)  # UTF-16 units of an answer; TikTok's pages say 150, one says 1,200
TIKTOK_PKCE = env.one_of("TIKTOK_PKCE", ("hex", "base64url", "off"), "hex")
# Where pictures of accounts may be fetched: a host, or ".example.com" for all below it. Outside production also where local TikTok is.
_PICTURE_HOSTS = [".tiktokcdn.com", ".tiktokcdn-us.com", ".tiktokcdn-eu.com"]
if not PRODUCTION:
    _PICTURE_HOSTS += [urlsplit(TIKTOK_BUSINESS_BASE).hostname or ""]
TIKTOK_PICTURE_HOSTS = env.words("TIKTOK_PICTURE_HOSTS") or _PICTURE_HOSTS
TIKTOK_CALL_DEADLINE_SECONDS = env.number("TIKTOK_CALL_DEADLINE_SECONDS", 20)
# The app at TikTok for Developers, for Sign in with TikTok. Without its key it is not offered.
TIKTOK_LOGIN_KEY = env.text("TIKTOK_LOGIN_KEY", "")
TIKTOK_LOGIN_SECRET = env.text("TIKTOK_LOGIN_SECRET", "")
TIKTOK_LOGIN_REDIRECT_URI = env.text("TIKTOK_LOGIN_REDIRECT_URI", f"{APP_URL}/tiktok/sign-in/callback")
# How old a webhook's signature may be: as long as TikTok repeats a delivery, for repetitions may carry the first one's.
TIKTOK_WEBHOOK_SECONDS = env.number("TIKTOK_WEBHOOK_SECONDS", 72 * 3600 + 300)

# --- keys ---------------------------------------------------------------------------------------------------------------
KEY_SERVICE = env.text("KEY_SERVICE", _spare("file:.local/unset/master.key"))

# Answers to token renewals, sealed, until the database has them. On a disk that survives the process.
TOKEN_JOURNAL = env.text("TOKEN_JOURNAL", str(BASE_DIR / ".local" / "journal"))

# Heads of the audit log's chain, where the database cannot reach: a folder on a disk of its own, or s3://bucket/prefix.
AUDIT_ANCHORS = env.text("AUDIT_ANCHORS", TOKEN_JOURNAL)

# --- data ---------------------------------------------------------------------------------------------------------------
_NOWHERE = _spare("postgresql://nobody@127.0.0.1:1/nothing")
# A pooled connection is tried before it is handed out: after a restart of PostgreSQL the whole pool is dead.
_POOL = {"CONN_HEALTH_CHECKS": True, "OPTIONS": {"pool": {"min_size": 0, "max_size": env.number("DATABASE_POOL_SIZE", 8), "timeout": 10}}}
DATABASES = {
    # The web and the workers. Owns nothing and cannot step around row-level security.
    "default": env.database("DATABASE_URL", _NOWHERE) | (_POOL if env.flag("DATABASE_POOL", ENVIRONMENT != "test") else {}),
    # Migrations only.
    "owner": env.database("DATABASE_OWNER_URL", _NOWHERE),
    # Erasure and what it must find: sees all workspaces. Used by privacy/ alone.
    "privacy": env.database("DATABASE_PRIVACY_URL", _NOWHERE),
    # Wrapped data keys and nothing else: a database of its own with short backups, so that destroying a key is final.
    "keystore": env.database("KEYSTORE_URL", _NOWHERE),
}
# Reads all workspaces and changes none: for verifying and exporting the audit log, which no web process does.
DATABASE_BACKUP_URL = env.text("DATABASE_BACKUP_URL", "")
BACKUP_FOLDER = env.text("BACKUP_FOLDER", "")  # where `manage.py backup` writes: a disk that the database's host does not lose
DATABASE_ROUTERS = ["agency.database.router.KeystoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SCOPE_GUARD = not PRODUCTION  # an unscoped query on a workspace's table raises, instead of showing nothing

# The rate budget that all workers share. It may live in the cache, but never where keys are evicted.
RATE_URL = env.text("RATE_URL", env.text("CACHE_URL", _spare("redis://127.0.0.1:1/2")))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("CACHE_URL", _spare("redis://127.0.0.1:1/1")),
        "KEY_FUNCTION": "privacy.stores.cache_key",  # refuses what the register of stores does not know
    }
}

# --- jobs ---------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("BROKER_URL", _spare("redis://127.0.0.1:1/0"))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # without it a killed child loses its task
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 250_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
# A task longer than the visibility timeout would run twice at once; the hard limit above stays well below it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_ROUTES = {
    "metrics.tasks.sync_due": {"queue": "sync"},
    "metrics.tasks.ad_sync_due": {"queue": "sync"},
    "community.tasks.comments_due": {"queue": "sync"},
    "community.tasks.ad_comments_due": {"queue": "sync"},
    "community.tasks.send_one": {"queue": "interactive"},
    "reports.tasks.*": {"queue": "reports"},
    "privacy.tasks.*": {"queue": "upkeep"},
    "*_due": {"queue": "interactive"},
}
# How long claimed work is left to whoever claimed it: more than two deadlines of a call, renewed at every step of a long job.
LEASE_SECONDS = 2 * TIKTOK_CALL_DEADLINE_SECONDS + 5
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 2 if ENVIRONMENT == "demo" else 5)
# Each kind of due work and the task that sweeps it. A lost message costs one sweep, never work.
SWEEPS = {
    "sync": "metrics.tasks.sync_due",
    "ad_sync": "metrics.tasks.ad_sync_due",
    "comments": "community.tasks.comments_due",
    "ad_comments": "community.tasks.ad_comments_due",
    "comments_back": "community.tasks.back_due",
    "comment_sending": "community.tasks.sendings_due",
    "refresh": "integrations.tasks.refresh_due",
    "advertiser_look": "integrations.tasks.look_due",
    "revoke": "integrations.tasks.revoke_due",
    "unanswered": "integrations.tasks.unanswered_due",
    "avatar": "integrations.tasks.avatars_due",
    "connection_lost_mail": "integrations.tasks.tell_due",
    "grant_end_mail": "integrations.tasks.tell_ends_due",
    "notice": "reports.tasks.notices_due",
    "event": "integrations.tasks.events_due",
    "old_events": "integrations.tasks.old_events_due",
    "old_consents": "integrations.tasks.old_consents_due",
    "engagement_end": "agency.tasks.engagements_due",
    "workspace_closed": "integrations.tasks.closed_workspaces_due",
    "report": "reports.tasks.compose_due",
    "delivery": "reports.tasks.deliver_due",
    "report_release": "reports.tasks.release_due",
    "confirm_mail": "reports.tasks.confirm_due",
    "unusual_day": "reports.tasks.unusual_days_due",
    "review_mail": "reports.tasks.review_mails_due",
    "export": "reports.tasks.exports_due",
    "erase": "privacy.tasks.erase_due",
    "deletion_mail": "privacy.tasks.tell_due",
    "archive": "privacy.tasks.archives_due",
    "correction_mail": "privacy.tasks.corrections_due",
}
_EVERY_SWEEP = {
    "due_work": "agency.tasks.sweep_due",
    # Not rows of due work: the audit log of all workspaces is sealed as it grows; the others look at tables of their own.
    "seal_audit": "agency.tasks.seal_audit_due",
    "deletion_forms": "privacy.tasks.forms_due",
    "person_copies": "privacy.tasks.person_copies_due",
}
_EVERY = {
    "promises": ("privacy.tasks.look_at_promises", timedelta(minutes=1)),
    "alarms": ("integrations.tasks.tell_alarms", timedelta(minutes=1)),
    "plan_deletions": ("privacy.tasks.plan_due", timedelta(minutes=10)),
    "what_has_run_out": ("agency.tasks.clear_what_has_run_out", timedelta(hours=1)),
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": timedelta(seconds=SWEEP_SECONDS), "options": {"expires": SWEEP_SECONDS * 2}}
    for name, task in _EVERY_SWEEP.items()
} | {
    # A message that nobody took before the next one came is worth nothing.
    name: {"task": task, "schedule": pause, "options": {"expires": pause.total_seconds()}}
    for name, (task, pause) in _EVERY.items()
}

# --- mail ---------------------------------------------------------------------------------------------------------------
globals().update(env.mail("EMAIL_URL", _spare("smtp://127.0.0.1:1")))
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"{PRODUCT_NAME} <reports@logictarget.online>")
MAIL_DOMAIN = env.text("MAIL_DOMAIN", "logictarget.online")  # the right-hand side of Message-IDs
MAIL_EVENTS_TOPIC = env.text("MAIL_EVENTS_TOPIC", "")  # the SNS topic through which SES tells of bounces and complaints
MAIL_FOLDER = env.text("MAIL_FOLDER", "")  # where the demo's mail catcher puts messages; readable at /dev/mail

# --- time ---------------------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
CLOCK_FILE = env.text("CLOCK_FILE", "")  # outside production the platform can follow another clock; agency/clock.py

# --- applications -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "agency",
    "agency.keystore",
    "integrations",
    "metrics",
    "campaigns",
    "community",
    "reports",
    "privacy",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "agency.middleware.RestoredMiddleware",
    "agency.middleware.HeadersMiddleware",
    "agency.middleware.MethodsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "agency.middleware.WorkspaceMiddleware",
]
ROOT_URLCONF = "agency.urls"
WSGI_APPLICATION = "agency.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agency.chrome.chrome",
            ],
        },
    },
]
STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / ".local" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"  # looks for a file once it is asked for, and not for all of them in every test
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.InMemoryStorage"
    },  # nothing uses Django's file storage; objects go through agency/storage.py
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- people -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agency.Person"
AUTHENTICATION_BACKENDS = ["agency.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher" if ENVIRONMENT != "test" else "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "agency.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "agency.forms.ForgottenPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account exists only through an invitation that was answered from its mailbox
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"change_password": "5/5m/user"}  # tries at signing in are counted by agency/guessing.py
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "agency.adapters.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "agency.forms.EnrolmentForm",
    "add_webauthn": "agency.forms.PasskeyForm",
    "authenticate_webauthn": "agency.forms.PasskeyCodeForm",
    "login_webauthn": "agency.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "agency.forms.PasskeyAgainForm",
    "authenticate": "agency.forms.CodeForm",
    "reauthenticate": "agency.forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not APP_IS_HTTPS  # production refuses to start without https
MFA_TOTP_ISSUER = PRODUCT_NAME
MFA_TOTP_TOLERANCE = 0
STAFF_SECOND_FACTOR_MAX_AGE = timedelta(hours=12)
INVITATION_LIFETIME = timedelta(days=7)

# --- web hardening --------------------------------------------------------------------------------------------------------
ALLOWED_HOSTS = [urlsplit(APP_URL).hostname, urlsplit(TIKTOK_REDIRECT_URI).hostname, *env.words("EXTRA_HOSTS")]
CSRF_TRUSTED_ORIGINS = [APP_URL]
SESSION_ENGINE = "agency.sessions"
SESSION_COOKIE_NAME = "__Host-session" if APP_IS_HTTPS else "session"  # the prefix is refused by browsers without TLS
SESSION_COOKIE_SECURE = APP_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would arrive empty at the OAuth callback
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if APP_IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = APP_IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "agency.views.stale_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = APP_IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_TLS_EDGE", False) else None
SECURE_HSTS_SECONDS = 63_072_000 if APP_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Connect is a POST that redirects to TikTok's consent pages, and browsers hold redirects to this rule too.
        "form-action": [SELF, *("{0.scheme}://{0.netloc}".format(urlsplit(base)) for base in (TIKTOK_AUTH_BASE, TIKTOK_BUSINESS_BASE))],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "frame-src": [NONE] if PRODUCTION else [SELF],  # the demo's mail reader shows a mail in a frame
    }
}

# --- logs -----------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "agency.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},  # its INFO lines carry whole addresses
        "httpcore": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
