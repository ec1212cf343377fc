"""The words of shifts. Pure."""

# What a shift's code may look like.
CODE_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?"
