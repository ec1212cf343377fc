"""Clients of the API, as messaging has them."""

from tests.messaging.api.conftest import api, client_with

__all__ = ["api", "client_with"]
