"""Alerts: monitoring systems open and close incidents by themselves.

formats    what each system sends → Signals                                               pure
paths, matching, words, decisions: fields of JSON, labels, texts, what is to be done      pure
tokens     the keys to a source's door
intake     a delivery becomes rows, and a worker is woken
topic      the same, for what comes through SNS
handling   an alert is worked: the only writer of its outcome and of troubles
storms     what is over the limit of a source, told in one incident
windows    times in which nobody is texted
held       what is held of people, and for how long
guide      how a source is set up, for the page of the admin
work       the list of alerts that wait
"""
