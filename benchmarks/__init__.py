"""What `make bench` runs: each figure is a ratio of two things measured side by side in one run.

Times of one machine say little about another, and a test that waits for a stopwatch fails on a busy day; a ratio of two
things that were measured in turns, many times, holds. So speed is measured here and asserted nowhere.
"""
