"""Django's PostgreSQL, where it is asked for each request whether a connection still lives."""
