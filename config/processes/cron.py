"""What RQ's cron runs, and how often."""

from rq import cron

from messaging import jobs

SWEEP_SECONDS = 2

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
