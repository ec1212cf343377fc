"""Settings of the project, read from the environment with django-environ.

Every variable has a default that works on one machine. docs/settings.md lists them for operators.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ

from config import looks
from config.database import database
from config.logs import logging_config
from config.plug_ins import PLUG_INS
from config.secrets import read_files
from config.security.policy import DIRECTIVES

BASE_DIR = Path(__file__).resolve().parent.parent
read_files(os.environ)
env = environ.Env()


def words(name: str, default: list[str]) -> list[str]:
    """A list of the environment, separated by commas, with or without spaces."""
    return [word.strip() for word in env.list(name, default=default) if word.strip()]


DEBUG = env.bool("DEBUG", default=False)

# A development key is good enough for DEBUG only; `make serve` makes and keeps a real one (config.checks says so).
SECRET_KEY = env.str("SECRET_KEY", default="insecure-development-key" if DEBUG else "")
if not SECRET_KEY:
    raise environ.ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to a long random string: "
        'python -c "import secrets; print(secrets.token_urlsafe(50))". `make serve` makes one by itself.'
    )
# Probes and people on this machine always may; a name that only reaches this machine opens nothing to others.
ALLOWED_HOSTS: list[str] = [*words("ALLOWED_HOSTS", []), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS: list[str] = words("CSRF_TRUSTED_ORIGINS", [])
PORT = env.int("PORT", default=8000)
# A proxy of ours is the only one who can reach us: it speaks HTTPS with browsers, and tells who they are.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_rq",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "axes",
    "csp",
    "messaging.apps.MessagingConfig",
    "incidents.apps.IncidentsConfig",
    "shifts.apps.ShiftsConfig",
    "optout.apps.OptoutConfig",
    "config.apps.ProjectConfig",
]

MIDDLEWARE = [
    # First, so that whatever happens to a request is counted and has its id in the log.
    "config.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.security.headers.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.security.numbers.Numbers",
    "config.zones.Zones",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last: it answers in place of a login form that axes refused.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the apps: the first page of the admin is the project's.
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


DATABASE_URL = env.str("DATABASE_URL", default="")
if not DATABASE_URL:
    (BASE_DIR / "var").mkdir(exist_ok=True)
    DATABASE_URL = f"sqlite:///{BASE_DIR / 'var' / 'textback.sqlite3'}"
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# One queue for each kind of waiting, so that a long drain of texts never delays a reply or a timer. What may take
# seconds (campaigns, imports, calls to Connect) is slow: at least one worker keeps away from it. Calls to other
# people's systems are webhooks: nothing of ours waits for these.
RQ_QUEUES = {
    # A drain takes 50 s, up to 30 more while a call hangs, and at its end as long as the database is away. A run of
    # webhooks takes 60 s and 15 more.
    name: {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": 300 if name in ("lanes", "webhooks") else 120,
        "DEFAULT_RESULT_TTL": 0,
    }
    for name in ("lanes", "inbound", "timers", "default", "slow", "webhooks")
}
# Counts of who asks how often, and what Unfold's search found. A list, because Django takes a comma in a string for one
# more server; short waits, because all of them go on without Redis.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.cache.Cache",
        "LOCATION": [REDIS_URL],
        "KEY_PREFIX": "textback",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
# Whoever sees that page may empty queues; jobs are only wake-ups, there is nothing in them to see.
RQ_SHOW_ADMIN_LINK = False

MESSAGING: dict[str, Any] = {
    **PLUG_INS,
    # Days; 0 keeps them for ever. Consent is kept.
    "RETENTION_TEXTS_DAYS": env.int("RETENTION_TEXTS_DAYS", default=730),
    "RETENTION_EVENTS_DAYS": env.int("RETENTION_EVENTS_DAYS", default=90),
    # Opt-outs of people who were erased are found by it. Empty: SECRET_KEY, which must then never change.
    "PRIVACY_KEY": env.str("PRIVACY_KEY", default=""),
    "ORGANISATION": env.str("ORGANISATION", default="Textback"),
    "ORIGINATION_IDENTITY": env.str("ORIGINATION_IDENTITY", default=""),
    "CONFIGURATION_SET": env.str("CONFIGURATION_SET", default=""),
    "SNS_TOPIC_ARNS": words("SNS_TOPIC_ARNS", []),
    # Alarms of CloudWatch come through the same webhook, from topics of their own.
    "TOPIC_READERS": dict.fromkeys(words("SNS_ALARM_TOPIC_ARNS", []), "incidents.alerts.topic.Alarms"),
    "SNS_SIGNING_CERT_FILE": env.str("SNS_SIGNING_CERT_FILE", default=""),
    # How texts come from SNS: to the webhook, or from a queue that `manage.py receive_sqs` reads.
    "INBOUND": env.str("INBOUND", default="webhook"),
    "SQS_INBOUND": env.str("SQS_INBOUND", default=""),
    "SQS_DEAD_LETTERS": env.str("SQS_DEAD_LETTERS", default=""),
    "ALLOW_LOCAL_SNS_CERT": env.bool("ALLOW_LOCAL_SNS_CERT", default=False),
    "WEBHOOKS_ALLOW_HTTP": env.bool("WEBHOOKS_ALLOW_HTTP", default=False),
    "WEBHOOKS_ALLOWED_NETWORKS": words("WEBHOOKS_ALLOWED_NETWORKS", []),
    "WEBHOOKS_PORTS": words("WEBHOOKS_PORTS", ["443", "8443"]),
    "WEBHOOKS_KEEP_DAYS": env.int("WEBHOOKS_KEEP_DAYS", default=30),
    "WEBHOOKS_KEEP_OFF_DAYS": env.int("WEBHOOKS_KEEP_OFF_DAYS", default=7),
    "WEBHOOKS_KEEP_OFF_EVENTS": env.int("WEBHOOKS_KEEP_OFF_EVENTS", default=100_000),
}
INCIDENTS_WAIT_SECONDS = env.int("INCIDENTS_WAIT_SECONDS", default=40)
# Amazon Connect calls whoever texts AGENT: instance, contact flow, a queue or a number to call from. Else staff do.
CONNECT_INSTANCE_ID = env.str("CONNECT_INSTANCE_ID", default="")
CONNECT_CONTACT_FLOW_ID = env.str("CONNECT_CONTACT_FLOW_ID", default="")
CONNECT_QUEUE_ID = env.str("CONNECT_QUEUE_ID", default="")
CONNECT_SOURCE_PHONE_NUMBER = env.str("CONNECT_SOURCE_PHONE_NUMBER", default="")
# Where people reach us; links in texts begin with it.
PUBLIC_URL = env.str("PUBLIC_URL", default="")
# CAN-SPAM wants a way to opt out that works for 30 days after the message.
PREFERENCES_LINK_DAYS = env.int("PREFERENCES_LINK_DAYS", default=30)
SIMULATOR_URL = env.str("SIMULATOR_URL", default="")

# Requests a minute of one token, and of one address without a token; 0: without limit.
API_RATE = env.int("API_RATE", default=30_000)
API_RATE_ANONYMOUS = env.int("API_RATE_ANONYMOUS", default=300)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.security.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["messaging.api.base.ModelPermissions"],
    "DEFAULT_PARSER_CLASSES": ["messaging.api.parsers.JSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "messaging.api.base.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["messaging.api.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "messaging.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["config.security.rates.PerToken", "config.security.rates.Strangers"],
    "EXCEPTION_HANDLER": "messaging.api.errors.handler",
    "PAGE_SIZE": 50,
    # Without a proxy of ours in front, X-Forwarded-For is what a stranger says of himself.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Tokens are for machines: they are kept hashed, and live until somebody revokes them in the admin.
REST_KNOX = {"TOKEN_TTL": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Textback API",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.documenting.document",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    # The page: operations by heading, a filter, the list of schemas closed.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "filter": True, "docExpansion": "list", "defaultModelsExpandDepth": 0},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
# What texts to people are shipped in; staff's pages are in English. docs/languages.md tells how to add one.
LANGUAGES = [("en", "English"), ("es", "Spanish"), ("fr", "French"), ("de", "German")]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# A body larger than an SNS delivery can be is refused by Django before a view sees it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# Where HTTPS is, nothing goes without it. On one machine without a proxy there is only plain HTTP.
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Probes come from inside, by plain HTTP, and a redirect tells them nothing.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600)
# Other hosts below ours, and browsers' preload lists, are for the owner of the domain to decide, at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# The only cookie that a script reads is CSRF's: the API's documentation sends it back.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# The strictest that a page of our own needs; config.security.headers relaxes it where other people's pages need more.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords for one name from one address, then a quarter of an hour without any.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "config.security.logins.Handler"
AXES_CLIENT_IP_CALLABLE = "messaging.clients.client_address"
AXES_CLIENT_STR_CALLABLE = "config.security.logins.described"
AXES_LOCKOUT_CALLABLE = "config.security.logins.locked_out"
AXES_RESET_ON_SUCCESS = True
# Who goes on trying neither prolongs the lock nor fills the database.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# config.admin has a page of its own for them.
AXES_ENABLE_ADMIN = False

UNFOLD = looks.UNFOLD

# Phone numbers and secrets are masked in every line, whoever writes it.
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"), env.str("LOG_FORMAT", default="text"))

# Who may read /metrics: whoever has the token, and whoever asks from these networks. Nobody else, by default; without a
# proxy this machine, for a proxy on it would bring the whole internet from here.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED = words("METRICS_ALLOWED", [] if BEHIND_PROXY else ["127.0.0.0/8", "::1/128"])
# config.apps starts it.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="production")
