"""Settings: everything an operator may change is an environment variable HEADWAY_*."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.functional import SimpleLazyObject

from headway.config.environment import (
    allotted,
    data_folder,
    database,
    email,
    memory,
    networks,
    secret_key,
    whole_number,
)

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()
STORE = DATA / "events"
MEMORY = memory()
SPARK_CONF = os.environ.get("HEADWAY_SPARK_CONF", "")
BASE_URL = os.environ.get("HEADWAY_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE = BASE_URL.startswith("https://")

# Read when something is first signed, so that looking at the settings writes no file.
SECRET_KEY = SimpleLazyObject(lambda: secret_key(DATA))
DEBUG = os.environ.get("HEADWAY_DEBUG") == "1"
ALLOWED_HOSTS = [
    *os.environ.get("HEADWAY_HOSTS", "localhost 127.0.0.1 [::1]").split(),
    urlsplit(BASE_URL).hostname or "localhost",
]

INSTALLED_APPS = [
    "headway.accounts",
    "headway.feed",
    "headway.ingest",
    "headway.metrics",
    "headway.outlook",
    "headway.surveys",
    "headway.uptime",
    "headway.goals",
    "headway.alerting",
    "headway.notify",
    "headway.web",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "headway.web.middleware.SecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "headway.web.middleware.ErrorPages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "headway.web.forms.controls.Controls"
ROOT_URLCONF = "headway.config.urls"
WSGI_APPLICATION = "headway.config.wsgi.application"

DATABASES = {"default": database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "headway.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"login": "headway.accounts.signing_in.SignIn"}
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
# Sign-ins are counted by address: behind a proxy, by the one that it has written down.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE else 0
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# The server itself speaks plain HTTP, so an https address means that a proxy stands before it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"

MAIL = email()
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST = MAIL.host
EMAIL_PORT = MAIL.port
EMAIL_HOST_USER = MAIL.user
EMAIL_HOST_PASSWORD = MAIL.password
EMAIL_USE_TLS = MAIL.tls
EMAIL_USE_SSL = MAIL.ssl
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("HEADWAY_MAIL_FROM", "Headway <headway@localhost>")

UPLOAD_MEGABYTES = whole_number("HEADWAY_UPLOAD_MEGABYTES", 100)
DELIVERY_MEGABYTES = whole_number("HEADWAY_DELIVERY_MEGABYTES", 20)
INBOX_MEGABYTES = whole_number("HEADWAY_INBOX_MEGABYTES", 10_000)
INBOX_REQUESTS = whole_number("HEADWAY_INBOX_REQUESTS", 48)
CHECK_NETWORKS = networks("HEADWAY_CHECK_NETWORKS")
ALLOTTED = allotted("HEADWAY_ALLOTTED")

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

STATIC_URL = "/static/"
# Static files are served from the packages themselves: there is no collecting step.
WHITENOISE_USE_FINDERS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HEADWAY_LOG_LEVEL", "INFO")},
}
