"""The project's settings, with one more page: the empty one that the webhook is measured beside."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
