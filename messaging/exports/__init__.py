"""What another system has exported, read row by row and brought into the house.

files      the files that are meant, packed or not
records    the rows of a file: CSV, JSON lines, or JSON documents with a list in them
streaming  JSON documents of any size, an element at a time (pure)
dynamodb   DynamoDB's typed attributes as plain values (pure)
moments    times as systems write them (pure)
run        one run: what was taken, what was not and why
planned    what a plan would have written by now
progress   how far a run is, for whoever waits
reporting  the report of what was not taken

A source (an object with ``take``) brings a few thousand rows at a time: memory does not grow with the files. It must
change nothing when it is given the same rows again, so that a run that was interrupted is just begun anew.
"""

from messaging.exports.records import Row
from messaging.exports.run import Run, Source, bring_in

__all__ = ["Row", "Run", "Source", "bring_in"]
