"""What RQ's cron runs, and how often."""

from django.conf import settings
from rq import cron

from messaging import jobs

SWEEP_SECONDS = 2
# Dead letters have waited an hour for us already, and each look costs a request to AWS.
DRAIN_SECONDS = 300

cron.register(
    jobs.sweep,
    queue_name="default",
    interval=SWEEP_SECONDS,
    # A sweep not begun when the next ones come is worth nothing: it expires, so that they never pile up.
    ttl=2 * SWEEP_SECONDS,
    job_timeout=60,
    result_ttl=0,
    failure_ttl=3600,
)

if settings.MESSAGING["SQS_DEAD_LETTERS"]:
    cron.register(
        jobs.drain_dead_letters,
        queue_name="slow",
        interval=DRAIN_SECONDS,
        ttl=DRAIN_SECONDS,
        job_timeout=120,
        result_ttl=0,
        failure_ttl=3600,
    )
