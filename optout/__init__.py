"""Consent: the place of the self-managed opt-out. Nothing of it is built yet."""
