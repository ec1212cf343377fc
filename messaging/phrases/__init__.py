"""What people are texted in our own words: phrases, in the recipient's language, as shipped or as staff have put them.

    languages   whose language it is; ``speaking`` is the one place where a text's language is chosen
    phrase      one phrase: its key, its English words, what a translation and staff must keep of it
    own         what staff say instead, as this process last read it
    checking    whether words can stand for a phrase                                              pure
    catalogue   every phrase of the house, by what plugs in as settings.MESSAGING["WORDS"]
    writing     the only writer of TextTemplate

Translations are gettext's: each app's locale/. ``make messages`` brings them up to date.
"""

from messaging.phrases.languages import of_number, speaking
from messaging.phrases.own import fitting
from messaging.phrases.phrase import Phrase

__all__ = ["Phrase", "fitting", "of_number", "speaking"]
