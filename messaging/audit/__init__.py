"""The audit: what the database says is consistent, and nothing is stuck or lost. docs/operating.md has every check.

findings   what a check is, and what it may find
running    every check of settings.MESSAGING["AUDITS"], each on its own; suspects are looked at twice
report     the same for people and for machines
ground     the ground floor's plug-in; the modules beside it have its checks, by kind
"""

from messaging.audit.findings import Finding
from messaging.audit.running import Incomplete, perform, run

__all__ = ["Finding", "Incomplete", "perform", "run"]
