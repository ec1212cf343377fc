"""How incidents went in a span of days: by day, by contact, by policy.

spans     which days somebody asks for
figures   shares and medians
outcomes  what became of an incident, worked out by the database
days      what is counted of a day, and of several together (pure)
counting  days are counted from the incidents
kept      days that are over are kept, and counted anew when one of their incidents changes
work      the list a worker looks at
tables    rows for files, the header first
"""
