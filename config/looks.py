"""How the admin looks and what is plugged into it: django-unfold's settings."""

from django.templatetags.static import static

UNFOLD = {
    "SITE_TITLE": "Textback",
    "SITE_HEADER": "Textback",
    "SITE_SUBHEADER": "two-way SMS",
    "SITE_SYMBOL": "sms",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("home/icon.svg")},
    ],
    "SCRIPTS": [lambda request: static("home/zone.js"), lambda request: static("home/focus.js")],
    "STYLES": [lambda request: static("messaging/unfold.css")],
    "DASHBOARD_CALLBACK": "config.home.dashboard",
    "COMMAND": {"search_callback": "config.search.found", "show_history": False},
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "config.sidebar.navigation"},
}
