"""Incidents: the list by urgency, the form that opens one, one incident as a story, and reports."""

from django.contrib import admin
from django.forms import Script

from incidents.admin.actions import ActingAdmin
from incidents.admin.listing import ListAdmin
from incidents.admin.opening import OpeningAdmin
from incidents.admin.page import StoryAdmin
from incidents.admin.reports import ReportsAdmin
from incidents.models import Incident


@admin.register(Incident)
class IncidentAdmin(OpeningAdmin, ActingAdmin, ListAdmin, ReportsAdmin, StoryAdmin):
    """Incidents."""

    class Media:
        css = {"all": ("messaging/pages.css", "incidents/incident.css", "incidents/open.css")}
        js = (
            Script("messaging/dialogs.js", defer=True),
            Script("messaging/follow.js", defer=True),
            Script("incidents/incident.js", defer=True),
            Script("incidents/list.js", defer=True),
            Script("incidents/open.js", defer=True),
        )
