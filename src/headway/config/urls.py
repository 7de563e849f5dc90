"""Every address: sign-in, the API, and the pages."""

from __future__ import annotations

from allauth.account import views as account
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from headway.api.root import api
from headway.web.pages import invitation, mails, shared, survey_script

# Of allauth only what Headway uses, under the names by which its own views find one another.
sign_in = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(sign_in)),
    # Browsers ask for it beside documents that name no icon, such as a chart by itself.
    path("favicon.ico", RedirectView.as_view(url=static("headway/icon.svg"))),
    path("invitation/<str:raw>/", invitation.accept, name="invitation"),
    path("shared/<str:raw>/", shared.page, name="shared"),
    path("unsubscribe/<str:raw>/", mails.unsubscribe, name="unsubscribe"),
    path("survey.js", survey_script.code, name="survey_script"),
    path("survey.json", survey_script.offers, name="survey_offers"),
    path("api/", api.urls),
    path("", include("headway.web.urls")),
]

handler404 = "headway.web.middleware.missing"
handler500 = "headway.web.middleware.broken"
