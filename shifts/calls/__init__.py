"""Calling back who texts AGENT: by Amazon Connect where it is set up, else by the staff.

callbacks  the only writer of CallBack: a request is noted, placed, given to staff, taken, called, not reached, closed
connect    asks Amazon Connect
decisions  whether Connect is asked again, and what staff read (pure)
people     whose turn among the staff it is, and why somebody may not (pure)
telling    queues what the employee is told
words      what the employee is told (pure)
work       the list of calls to be placed
"""
