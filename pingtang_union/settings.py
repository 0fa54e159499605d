"""Settings, all from the environment (.env is read when present). Secrets have no default."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from pingtang_union.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- Who and where -------------------------------------------------------------------------
FEDERATION_NAME = env("FEDERATION_NAME", default="平塘县总工会")
DEBUG = env.bool("DEBUG", default=False)
STYLEGUIDE = env.bool("STYLEGUIDE", default=DEBUG)  # whether /styleguide/ shows the components
SECRET_KEY = env("SECRET_KEY")
DATA_KEY = env("DATA_KEY")
if len(DATA_KEY) != 64 or set(DATA_KEY.lower()) - set("0123456789abcdef"):
    raise ImproperlyConfigured(
        "DATA_KEY 必须是 64 位十六进制数（32 字节），可用 python3 -c "
        '"import secrets; print(secrets.token_hex(32))" 生成。'
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "pingtang_union.urls"
WSGI_APPLICATION = "pingtang_union.wsgi.application"

# --- Apps ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "treebeard",
    "axes",
    "auditlog",
    "django_filters",
    "django_htmx",
    "neapolitan",
    "django_tasks",
    "django_tasks_db",
    "pingtang_union.proof",
    "pingtang_union.ledger",
    "pingtang_union.workflow",
    "pingtang_union.pages",
    "pingtang_union",  # commands and the shared admin, which comes after those whose pages it replaces
    "members",
    "awards",
    "campaigns",
    "relief",
]
MIDDLEWARE = [
    "pingtang_union.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pingtang_union.middleware.ContentSecurityPolicyMiddleware",
    "pingtang_union.middleware.HostileAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pingtang_union.middleware.NoStoreMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pingtang_union.middleware.SessionGuardMiddleware",
    "pingtang_union.middleware.MaskedTextMiddleware",
    "pingtang_union.middleware.NoNumberInAddressMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "pingtang_union.core.database.DatabaseMiddleware",
]
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
                "pingtang_union.pages.menu.portal",
            ],
        },
    },
]

# --- Database ------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if "DATABASE_URL" not in env.ENVIRON:
        (BASE_DIR / "var").mkdir(exist_ok=True)
    # A worker writes beside the server: WAL lets readers go on, IMMEDIATE takes the write
    # lock at once instead of failing half-way, and the timeout waits for it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
# Kept between requests: connecting costs more than most pages. Threads of the application server live as long as it;
# those of the development server serve one request each, and would leave theirs open.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=0 if DEBUG else 600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Background work -----------------------------------------------------------------------
# `manage.py worker` runs what is queued in the database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
# Ledgers up to this size are checked while the person waits: some thousand rows, about a second.
LEDGER_INLINE_BYTES = env.int("LEDGER_INLINE_BYTES", default=300_000)
# How many days a brought file and its checked rows are kept, sealed; 0 keeps them for ever.
LEDGER_FILES_KEPT_DAYS = env.int("LEDGER_FILES_KEPT_DAYS", default=0)
# In memory alone; a file beyond the limit of ledgers is counted, and kept nowhere.
FILE_UPLOAD_HANDLERS = ["pingtang_union.ledger.reading.uploads.LimitedUploadHandler"]
# So that whoever picks a whole folder is told how many files the page takes, and not that the address is wrong.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# How far a running import is, written by the worker and read by the server. Files, since what a worker writes into
# the database inside its one transaction nobody else sees.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "progress": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": env("PROGRESS_DIR", default=str(BASE_DIR / "var" / "progress")),
        "TIMEOUT": 24 * 3600,
    },
    # A superior's form between its upload and the download of the filled one, sealed.
    "forms": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(Path(env("PROGRESS_DIR", default=str(BASE_DIR / "var" / "progress"))) / "forms"),
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
    # How often an address asked (pages.public.throttle): files, so that all processes of the server count together.
    "tries": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(Path(env("PROGRESS_DIR", default=str(BASE_DIR / "var" / "progress"))) / "tries"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

FILTERS_EMPTY_CHOICE_LABEL = "全部"

# --- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "pingtang_union.core.validators.LettersAndDigitsValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = env.int("SESSION_IDLE_MINUTES", default=30) * 60  # SessionGuardMiddleware renews it
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=30))
AXES_LOCKOUT_PARAMETERS = ["username"]  # a whole township may share one address
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # wants the address too: an account must lock wherever the guesses come from
    "security.W019",  # wants no frames at all: Unfold shows related forms in a frame of the same site
]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
AXES_ENABLE_ACCESS_FAILURE_LOG = True

# --- Audit log -----------------------------------------------------------------------------
AUDITLOG_DISABLE_REMOTE_ADDR = False
AUDITLOG_MASK_TRACKING_FIELDS = ()

# --- Language and time ---------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "pingtang_union" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Static files --------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The demo serves straight from the packages; production collects and hashes.
WHITENOISE_USE_FINDERS = env.bool("SERVE_UNCOLLECTED_STATIC", default=False)
if WHITENOISE_USE_FINDERS:  # no compressed copies lie beside the packages' files
    MIDDLEWARE.insert(0, "django.middleware.gzip.GZipMiddleware")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Transport -----------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Unfold shows related forms in a frame of the same site
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Log -----------------------------------------------------------------------------------
# On standard error, which the service hands to the journal. logs.py lets no person's data through.
_CONSOLE = {"handlers": ["console"], "propagate": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "impersonal": {
            "()": "pingtang_union.logs.Formatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "impersonal"}},
    "loggers": {
        "axes": {**_CONSOLE, "level": "WARNING"},
        # Django's own console is for DEBUG only: without these a 500 would leave no trace. Paths, no query or form.
        "django.request": {**_CONSOLE, "level": "ERROR"},
        "django.security": {**_CONSOLE, "level": "WARNING"},
        "django_tasks_db": {**_CONSOLE, "level": "ERROR"},
        "pingtang_union": {**_CONSOLE, "level": "INFO"},
        # What the application server says of a request that broke off quotes the address with its query.
        "gunicorn.error": _CONSOLE,  # at the level of its own option
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
