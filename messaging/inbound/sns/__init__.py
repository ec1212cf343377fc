"""Deciding whether a request came from Amazon SNS, and from a topic of ours.

Read in this order: ``envelope`` (what was posted), ``topic`` (which region and partition), ``certificate``
and ``certificates`` (whose key), ``signature`` (what was signed), ``verify`` (all of it, in order),
``subscription`` (saying yes to a topic). No models, no views, no settings: the caller passes everything in.
"""
