"""The inbox of staff: people, and the thread of each.

people   the list: who waits, who wrote last, who is called so
whom     the person that an address means
thread   one person's texts, both ways, told as bubbles
actions  what staff do in a thread: answer, put a text where it belongs, mark it as dealt with
page     the pages
"""

from messaging.admin.inbox.page import InboxAdmin, thread_link

__all__ = ["InboxAdmin", "thread_link"]
