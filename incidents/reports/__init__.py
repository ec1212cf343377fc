"""How incidents went in a span of days: by day, by contact, by policy.

spans     which days somebody asks for
figures   shares and medians
outcomes  what became of an incident, for the database to group by
reading   the queries
tables    rows for files, the header first
"""
