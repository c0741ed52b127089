"""Settings: everything that differs between installations comes from the environment; no business number lives here."""
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from povertyapp.keys import load_keys

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
PRODUCT_VERSION = "1.0"

# Everything mutable lives here: database, uploads, broker folder, rendered files.
VAR = Path(env.str("POVERTYAPP_VAR", default=str(BASE_DIR / "var"))).resolve()
VENDOR = Path(env.str("POVERTYAPP_VENDOR", default=str(VAR / "vendor")))
POVERTYAPP_FONTS = Path(env.str("POVERTYAPP_FONTS", default=str(VAR / "fonts")))
try:
    for folder in (VAR, VENDOR):
        folder.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"数据目录 {folder} 无法建立或不可用（{error.strerror}）；请核对 POVERTYAPP_VAR 和目录权限") from error

_given = [env.str(name, default="") for name in
          ("POVERTYAPP_SECRET_KEY", "POVERTYAPP_FIELD_KEYS", "POVERTYAPP_INDEX_KEY")]
_kept = {} if all(_given) else load_keys(VAR)
SECRET_KEY = _given[0] or _kept["secret_key"]
POVERTYAPP_FIELD_KEYS = _given[1] or _kept["field_keys"]
POVERTYAPP_INDEX_KEY = _given[2] or _kept["index_key"]

DEBUG = env.bool("POVERTYAPP_DEBUG", default=False)
ALLOWED_HOSTS = env.list("POVERTYAPP_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("POVERTYAPP_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "simple_history",
    "office",
    "villages",
    "households",
    "funds",
    "assessment",
]

# How many proxies of our own stand in front (0: none): the address of a person is then read from X-Forwarded-For.
PROXIES = env.int("POVERTYAPP_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

MIDDLEWARE = [
    "office.middleware.BehindProxies",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "office.middleware.SessionRules",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "office.middleware.Failures",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "povertyapp.urls"
WSGI_APPLICATION = "povertyapp.wsgi.application"

TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "povertyapp.navigation.shell",
    ]},
}]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
if not DATABASES["default"].get("ENGINE", "").endswith(("postgresql", "sqlite3")):
    raise ImproperlyConfigured("DATABASE_URL 应写成 postgres://用户:密码@主机:5432/库名，或不设（用内置的 SQLite）")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers wait their turn instead of failing; readers never wait. A row that REPLACE takes away counts as deleted, so that
    # the triggers that keep money see it (funds.freezes).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30, "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                        "PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES: dict[str, str] = {}

# Shared by all processes, so that a one-time code or a limit counted in one of them holds in all.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR / "cache"}}
if redis_cache := env.str("CACHE_URL", default=""):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_cache}}

# Who may come in
AUTH_USER_MODEL = "office.Officer"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher",
                    "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("username", "name")}},
    {"NAME": "office.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "office.passwords.ThreeKindsOfCharacters"},
    {"NAME": "office.passwords.NotUsedRecently"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "office.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # lock-out is axes' task; two counters would contradict each other
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "office.accounts.SecondFactorAdapter"
MFA_FORMS = {"authenticate": "office.accounts.CodeForm", "reauthenticate": "office.accounts.CodeAgainForm",
             "activate_totp": "office.accounts.ActivateForm"}
MFA_TOTP_TOLERANCE = 1  # half a minute: clocks of phones and servers differ
MFA_TOTP_ISSUER = "精准扶贫建档立卡管理"
AXES_FAILURE_LIMIT = env.int("POVERTYAPP_LOGIN_FAILURES", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("POVERTYAPP_LOGIN_LOCK_MINUTES", default=30))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says until when; a try meanwhile must not make it untrue
AXES_LOCKOUT_CALLABLE = "office.accounts.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SESSION_IDLE_MINUTES = env.int("POVERTYAPP_IDLE_MINUTES", default=30)
PASSWORD_MAX_AGE_DAYS = env.int("POVERTYAPP_PASSWORD_DAYS", default=90)
PASSWORD_HISTORY = 5
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
_https = env.bool("POVERTYAPP_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "office.failures.csrf_failed"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"],
    "font-src": [SELF], "connect-src": [SELF], "form-action": [SELF], "base-uri": [NONE], "frame-ancestors": [NONE],
    "manifest-src": [SELF],
}}
PERMISSIONS_POLICY: dict[str, list] = {"geolocation": [], "camera": [], "microphone": [], "payment": [], "usb": []}

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("POVERTYAPP_STATIC", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", VENDOR)]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "css").exists()     # until an image build has collected them
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = VAR / "files"
KEEP_FILES_DAYS = env.int("POVERTYAPP_KEEP_FILES_DAYS", default=30)      # of exported ledgers; their record stays
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_LIMIT_BYTES = env.int("POVERTYAPP_UPLOAD_MB", default=100) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Worker and schedule
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    _broker = VAR / "broker"
    (_broker / "queue").mkdir(parents=True, exist_ok=True)
    (_broker / "control").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"), "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
    }
else:
    # One more try at once, then the page goes on: by default every send to an absent Redis waits six seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 3, "visibility_timeout": 3600,
                                       "max_retries": 1, "interval_start": 0}
# A page must answer even when the broker is away: the job row waits and the schedule sends it again.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ALWAYS_EAGER = env.bool("POVERTYAPP_EAGER", default=False)
CELERY_BEAT_SCHEDULE = {
    "send-waiting-jobs-again": {"task": "office.tasks.send_waiting_jobs", "schedule": 60.0},
    "recompute-what-changed": {"task": "assessment.tasks.recompute_changed", "schedule": crontab(hour=2, minute=10)},
    "sweep-ledger-files": {"task": "funds.tasks.sweep_files", "schedule": crontab(hour=3, minute=40)},
    "draft-quarterly-bulletins": {"task": "assessment.tasks.draft_bulletins",
                                  "schedule": crontab(hour=3, minute=0, day_of_month="1", month_of_year="1,4,7,10")},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {"TITLE": "精准扶贫建档立卡管理 API", "VERSION": "1", "SERVE_INCLUDE_SCHEMA": False,
                        "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"]}

LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("POVERTYAPP_LOG", default="WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
