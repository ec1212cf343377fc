"""Where people find their preferences."""

from django.urls import path

from optout.preferences import Preferences

urlpatterns = [path("preferences/<str:token>/", Preferences.as_view(), name="preferences")]
