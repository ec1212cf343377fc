"""Consent for other systems: how somebody stands, what was said of it, and saying it for them."""
