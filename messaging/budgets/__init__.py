"""Budgets: hours of spending counted by a worker, months judged, campaigns stopped.

    schedule (which hours to count) → counting (SpentHour) → spending (a month) → judging (within, warned, reached)
      → enforcing (the level of each budget, the limit of each lane)

A campaign is stopped within LOOK_EVERY of the moment at which the texts that left reached the budget: what leaves in
that time is beyond it. Texts count when AWS has taken them, at our own table's price until AWS tells what it charged.
"""
