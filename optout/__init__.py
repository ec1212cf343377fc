"""Consent: what people say of being texted, who may be texted, and the history of both."""
