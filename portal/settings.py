"""Django settings: the only place that reads the environment.

Every name is documented in `.env.example`. A missing value that would be unsafe stops the process at once; a value
that is merely wrong is reported by a system check (`portal/checks.py`) with a hint.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from portal.allauth_settings import OidcProvider, allauth_settings
from portal.broker_settings import cache_settings, celery_settings
from portal.browser_policies import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY  # noqa: F401 - settings of libraries
from portal.environment import Environment, traces_are_sent_by_http, traces_are_wanted
from portal.languages import LANGUAGES as LANGUAGES  # a setting like the others
from portal.local.private_files import private_folder
from portal.local.secrets import LOOPBACK_HOSTS, kept_secret, new_encryption_key, new_secret_key
from portal.logs import keep_out, logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(BASE_DIR / ".env")

# --- Where things are -------------------------------------------------------------------------------------------------

STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / ".numberdesk")))
private_folder(STATE_DIR)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
PUBLIC_HOST = _public.hostname or ""
IS_LOCAL = PUBLIC_HOST in LOOPBACK_HOSTS
IS_HTTPS = _public.scheme == "https"

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[PUBLIC_HOST, *(sorted(LOOPBACK_HOSTS) if IS_LOCAL else [])])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"{_public.scheme}://{_public.netloc}"])
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

# --- Secrets ----------------------------------------------------------------------------------------------------------


def _secret(name: str, make_local: Callable[[], str]) -> str:
    """The environment's value; for a local run one that is made once and kept; otherwise a clear refusal."""
    value: str = env.str(name, default="")
    if value:
        return value
    if not IS_LOCAL and not DEBUG:
        raise ImproperlyConfigured(
            f"{name} is not set, nor is {name}_FILE. It is required because PUBLIC_URL ({PUBLIC_URL}) is not this "
            f"machine: see docs/operations.md for how to make one."
        )
    return kept_secret(STATE_DIR / name.lower(), make_local)


SECRET_KEY = _secret("SECRET_KEY", new_secret_key)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
TOKEN_ENCRYPTION_KEYS = [
    key.strip() for key in _secret("TOKEN_ENCRYPTION_KEYS", new_encryption_key).split(",") if key.strip()
]

# --- Meta -------------------------------------------------------------------------------------------------------------

GRAPH_API_URL = env.str("GRAPH_API_URL", default="https://graph.facebook.com").rstrip("/")
GRAPH_API_VERSION = env.str("GRAPH_API_VERSION", default="v25.0")
# The names that other programs know a proxy by, in either spelling.
HTTPS_PROXY = env.str("HTTPS_PROXY", default="") or env.str("https_proxy", default="")
NO_PROXY = env.str("NO_PROXY", default="") or env.str("no_proxy", default="")
META_BUSINESS_ID = env.str("META_BUSINESS_ID", default="")
META_SYSTEM_USER_TOKEN = env.str("META_SYSTEM_USER_TOKEN", default="")
META_APP_ID = env.str("META_APP_ID", default="")
META_APP_SECRET = env.str("META_APP_SECRET", default="")
META_LOGIN_CONFIG_ID = env.str("META_LOGIN_CONFIG_ID", default="")
META_EXTENDED_CREDIT_ID = env.str("META_EXTENDED_CREDIT_ID", default="")
META_SDK_URL = env.str("META_SDK_URL", default="https://connect.facebook.net/en_US/sdk.js")
# Message events of Embedded Signup are taken from this host and its subdomains only.
META_MESSAGE_ORIGIN = env.str("META_MESSAGE_ORIGIN", default="https://facebook.com").rstrip("/")
WEBHOOK_VERIFY_TOKEN = env.str("WEBHOOK_VERIFY_TOKEN", default="")

# --- Sync -------------------------------------------------------------------------------------------------------------

SYNC_INTERVAL_MINUTES = env.int("SYNC_INTERVAL_MINUTES", default=60)
SYNC_TICK_SECONDS = env.float("SYNC_TICK_SECONDS", default=30.0)
# A working engine renews its hold on WABAs every third of this; one that died leaves them to others after it.
SYNC_LEASE_SECONDS = env.int("SYNC_LEASE_SECONDS", default=30)
SYNC_WABAS_A_CALL = env.int("SYNC_WABAS_A_CALL", default=100)
SYNC_THREADS = env.int("SYNC_THREADS", default=48)
PROFILE_INTERVAL_HOURS = env.int("PROFILE_INTERVAL_HOURS", default=24)

# --- Web server -------------------------------------------------------------------------------------------------------

BIND = env.str("BIND", default="127.0.0.1:8000")
# Whose word is taken on whom a request comes from: networks, or "unix" for a proxy that comes by a socket.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# True only in the process that runs web, worker and scheduler together (`manage.py serve`).
EMBEDDED_WORKER = env.bool("EMBEDDED_WORKER", default=False)
REDIS_URL = env.str("REDIS_URL", default="")
# The embedded worker lives inside the one web process. Without Redis, processes would not share what they remember.
WEB_CONCURRENCY = 1 if EMBEDDED_WORKER else env.int("WEB_CONCURRENCY", default=2 if REDIS_URL else 1)

# --- Demo -------------------------------------------------------------------------------------------------------------

# True when `make run` made the data up; the pages then say so, and the login page says who may sign in.
DEMO = env.bool("DEMO", default=False)
# One login per role: username → the group that gives the role.
DEMO_LOGINS = {
    "admin": "Administrators",
    "lead": "Team leads",
    "manager": "Account managers",
    "auditor": "Auditors",
    "viewer": "Viewers",
}
DEMO_PASSWORD = "numberdesk-demo"  # noqa: S105 - everyone may know it

# --- Application ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before ours, whose admin takes out the tables that these put in.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "portal.apps.PortalConfig",
    "clients.apps.ClientsConfig",
    "phones.apps.PhonesConfig",
    "clients.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
]

# Those that set headers come before WhiteNoise, so that its files have them too.
MIDDLEWARE = [
    "portal.web.request_times.RequestsAreTimed",
    "portal.web.traced_requests.RequestsAreTraced",
    "portal.web.client_address.SchemeIsWhatTrustedProxiesSay",
    "portal.web.middleware.SecretAddressesLeaveInNoReferrer",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.health.HealthIsToldUnderAnyName",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clients.signing_in.middleware.SessionsEnd",
    "portal.web.middleware.SignedInPagesAreNotStored",
    "portal.web.middleware.FormAddressesLeadToTheirPage",
    "portal.web.middleware.StatementsThatTakeTooLongAreSaid",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.web.middleware.TimesInThePersonsZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.quotas.QuotasAreKept",
    "django_structlog.middlewares.RequestMiddleware",
    "clients.audit.middleware.RequestsAreAudited",
    "clients.signing_in.middleware.SecondFactorComesFirst",
    "allauth.account.middleware.AccountMiddleware",
    "clients.signing_in.middleware.StaleSignInsAreAskedAgain",
    "clients.passwords.middleware.WaitsAreAnswered",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "clients.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_LOADERS = ["portal.web.template_loaders.UnindentedLoader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", _LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.desk",
                "portal.local.practice_phone.practice_phone",
                "phones.views.rail.rail",
            ],
            "builtins": ["portal.web.templatetags.desk", "phones.templatetags.phones"],
        },
    }
]
FORM_RENDERER = "portal.web.form_renderer.FormRenderer"

# --- Database ---------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Measured: with these, 800 concurrent read-then-write transactions all pass; with the defaults 482 fail.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    )
else:
    DATABASES["default"].update(CONN_MAX_AGE=env.int("CONN_MAX_AGE", default=60), CONN_HEALTH_CHECKS=True)
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)  # seconds
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        # Measured: compiling made one search of 220 ms take 2.7 s.
        "-c jit=off -c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    )

# --- Backups ----------------------------------------------------------------------------------------------------------

# Where backups are kept; empty: none is taken by itself.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_HOURS = env.float("BACKUP_HOURS", default=24.0)
BACKUP_KEPT = max(1, env.int("BACKUP_KEPT", default=14))
# A local portal has its keys beside the database. Elsewhere whoever gets a backup should not get them with it.
BACKUP_KEYS_BESIDE = env.bool("BACKUP_KEYS_BESIDE", default=IS_LOCAL)

# --- Broker and cache -------------------------------------------------------------------------------------------------

# Tests on one Redis keep apart by prefix.
REDIS_PREFIX = env.str("REDIS_PREFIX", default="numberdesk:")

CACHES = {"default": cache_settings(REDIS_URL, prefix=REDIS_PREFIX)}
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=4)
vars().update(celery_settings(has_redis=bool(REDIS_URL), prefix=REDIS_PREFIX))
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")

# --- People -----------------------------------------------------------------------------------------------------------

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "phones:home"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = [
    "clients.passwords.backend.CountedPasswords",
    # Checks nothing, because the one above ends the search: sessions name it that began before there was the other.
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "clients.signing_in.session_store"
# A session ends when nobody has used it for this long, and after so many hours anyway.
SESSION_COOKIE_AGE = env.int("SESSION_IDLE_MINUTES", default=120) * 60
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
# For how long after a password, a code or a passkey people are not asked again before what needs it.
FRESH_SIGN_IN_MINUTES = env.int("FRESH_SIGN_IN_MINUTES", default=15)
# The roles, by the names of their groups, whose people need a second factor.
MFA_REQUIRED_ROLES = env.list("MFA_REQUIRED_ROLES", default=[])
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_HTTPS else "language"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # so that no picture that is taken is ever on a disk
# What one person may ask for in a while, and one token of the HTTP API without a number of its own; 0: without a limit.
PAGES_A_MINUTE = env.int("PAGES_A_MINUTE", default=300)
FILES_AN_HOUR = env.int("FILES_AN_HOUR", default=60)
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=300)
# What one person asks for and a second one has to agree to: "deregister", "bulk-register".
TWO_PERSON_APPROVAL = env.list("TWO_PERSON_APPROVAL", default=[])
# How far the audit log goes back; 0: for ever.
AUDIT_KEPT_DAYS = env.int("AUDIT_KEPT_DAYS", default=400)

# Single sign-on with an OpenID Connect provider, whose groups give the roles: who is in none of them does not get in.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="Single sign-on")
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
# Pairs of a group of the provider and a role: desk-admins=Administrators,desk-leads=Team leads
OIDC_GROUPS = env.list("OIDC_GROUPS", default=[])
vars().update(
    allauth_settings(
        is_https=IS_HTTPS,
        is_plain_local=IS_LOCAL and not IS_HTTPS,
        fresh_minutes=FRESH_SIGN_IN_MINUTES,
        provider=OidcProvider(OIDC_NAME, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET),
    )
)

# --- Browser security -------------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
DEFAULT_EXCEPTION_REPORTER_FILTER = "portal.web.error_pages.SecretsHidden"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Pages ------------------------------------------------------------------------------------------------------------

# The partner, as clients know it: on the pages that clients open.
PARTNER_NAME = env.str("PARTNER_NAME", default="Numberdesk")
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
CSRF_FAILURE_VIEW = "phones.views.signup.error_pages.csrf_failure"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served straight from the source tree, so that no build step can be forgotten.
WHITENOISE_USE_FINDERS = True

# --- Mail and logs ----------------------------------------------------------------------------------------------------

if env.str("EMAIL_URL", default=""):
    EMAIL_CONFIG = env.email_url("EMAIL_URL")
elif IS_LOCAL:
    _FILES = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_CONFIG = {"EMAIL_BACKEND": _FILES, "EMAIL_FILE_PATH": str(STATE_DIR / "mails")}
else:
    EMAIL_CONFIG = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
vars().update(EMAIL_CONFIG)
SENDS_MAIL = EMAIL_CONFIG["EMAIL_BACKEND"] != "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 15  # seconds of silence
# Whether teams' channels may have addresses of this machine and its network, and plain http ones.
CHANNELS_MAY_BE_PRIVATE = env.bool("CHANNELS_MAY_BE_PRIVATE", default=False)
# The hosts that channels may have, "*.example.com" for all below one; empty: any on the public internet.
CHANNEL_HOSTS = [name.lower() for name in env.list("CHANNEL_HOSTS", default=[])]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"numberdesk@{PUBLIC_HOST or 'localhost'}")
SENTRY_DSN = env.str("SENTRY_DSN", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
TRACING, TRACES_BY_HTTP = traces_are_wanted(env), traces_are_sent_by_http(env)
LOGGING = logging_config(LOG_LEVEL)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it believes any X-Forwarded-For; portal/web/client_address.py does not
# Wherever a library prints one of these, no log shows it.
keep_out(
    *(SECRET_KEY, *SECRET_KEY_FALLBACKS, *TOKEN_ENCRYPTION_KEYS),
    *(META_SYSTEM_USER_TOKEN, META_APP_SECRET, WEBHOOK_VERIFY_TOKEN, OIDC_CLIENT_SECRET, METRICS_TOKEN),
    *(str(DATABASES["default"].get("PASSWORD") or ""), EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""),
    *(unquote(urlsplit(address).password or "") for address in (REDIS_URL, HTTPS_PROXY)),
)
