"""The processes of Textback: made ready (bootstrap), kept alive (supervise), and what runs inside them.

`Procfile` lists them. bootstrap.py and __main__.py run before Django's settings exist and must not need them.
"""
