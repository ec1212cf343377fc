"""The API's router: each app names its own resources."""

from rest_framework.routers import DefaultRouter

from incidents.api.urls import ROUTES as INCIDENTS
from messaging.api.urls import ROUTES as MESSAGING
from optout.api.urls import ROUTES as CONSENT
from shifts.api.urls import ROUTES as SHIFTS

router = DefaultRouter()
for prefix, viewset, basename in [*INCIDENTS, *SHIFTS, *CONSENT, *MESSAGING]:
    router.register(prefix, viewset, basename=basename)
