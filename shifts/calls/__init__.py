"""Calling back who texts AGENT: by Amazon Connect where it is set up, else by the staff.

callbacks  the only writer of CallBack: a request is noted, placed, given to staff, closed
connect    asks Amazon Connect
decisions  whether Connect is asked again, and what staff read (pure)
words      what the employee is told (pure)
work       the list of calls to be placed
"""
