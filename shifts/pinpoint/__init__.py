"""What Amazon Pinpoint and its shift management sample have left behind: endpoints become employees, shifts shifts."""

from shifts.pinpoint.endpoints import Endpoints
from shifts.pinpoint.table import Shifts

__all__ = ["Endpoints", "Shifts"]
