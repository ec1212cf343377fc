"""What the sample "Incident notification mechanism using Amazon Pinpoint two-way SMS" has left behind."""

from incidents.pinpoint.table import IncidentTable

__all__ = ["IncidentTable"]
