"""Erasing a person on request, telling a person what is held of them, and erasing what is older than it is kept."""
