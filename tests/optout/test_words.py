"""What people type about consent, and what it means. Long because it is mostly tables."""

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from incidents.understanding import understand as understand_answer
from messaging.inbound.keywords import CARRIER_OPT_OUTS
from optout.vocabulary import COURTESY, COURTESY_PHRASES, INSISTENCE, LANGUAGES, PARTED, SAID_AT_WORK, SAME_AS
from optout.words import Action, Meaning, is_plea, reserved, the_key, understand

# A text, and the word that it is.
OPTS_OUT = [
    # STOP, as people type it
    ("STOP", "STOP"),
    ("stop", "STOP"),
    ("Stop", "STOP"),
    ("sToP", "STOP"),
    ("Stop.", "STOP"),
    ("STOP!!!", "STOP"),
    ("stop?", "STOP"),
    ("...stop...", "STOP"),
    ('"STOP"', "STOP"),
    ("'stop'", "STOP"),
    ("“Stop”", "STOP"),
    ("‘stop’", "STOP"),
    ("«stop»", "STOP"),
    ("(stop)", "STOP"),
    ("*STOP*", "STOP"),
    ("#stop", "STOP"),
    ("@STOP", "STOP"),
    ("¡Stop!", "STOP"),
    ("  stop  ", "STOP"),
    ("\tSTOP\r\n", "STOP"),
    ("\n\nstop", "STOP"),
    ("\N{NO-BREAK SPACE}STOP\N{NO-BREAK SPACE}", "STOP"),
    ("S\N{ZERO WIDTH SPACE}TOP", "STOP"),
    ("ST\N{SOFT HYPHEN}OP", "STOP"),
    ("\N{ZERO WIDTH NO-BREAK SPACE}stop", "STOP"),
    ("ＳＴＯＰ", "STOP"),
    ("Ⓢⓣⓞⓟ", "STOP"),
    ("stóp", "STOP"),
    ("stop 🛑", "STOP"),
    ("🛑🛑STOP🛑🛑", "STOP"),
    ("STOP😡", "STOP"),
    ("✋🏽 stop ✋🏽", "STOP"),
    ("stop 🙏🏿", "STOP"),
    ("S T O P", "STOP"),
    ("s t o p", "STOP"),
    ("s.t.o.p", "STOP"),
    ("S.T.O.P.", "STOP"),
    ("S-T-O-P", "STOP"),
    ("S\nT\nO\nP", "STOP"),
    ("stop stop STOP", "STOP"),
    ("Stop. Stop! STOP!!", "STOP"),
    ("STOPPPP", "STOP"),
    ("stoooop", "STOP"),
    ("Stop\nSent from my iPhone", "STOP"),
    ("STOP\n--\nBen Baker", "STOP"),
    # with courtesy and insistence
    ("STOP please", "STOP"),
    ("please stop", "STOP"),
    ("Please, stop.", "STOP"),
    ("pls stop thx", "STOP"),
    ("Stop. Thank you", "STOP"),
    ("Stop, thank you very much!", "STOP"),
    ("stop thank u", "STOP"),
    ("hi, stop", "STOP"),
    ("Hello. Please stop. Thanks. Bye", "STOP"),
    ("Good morning, stop please", "STOP"),
    ("sorry, stop", "STOP"),
    ("stop, sir", "STOP"),
    ("please STOP please STOP", "STOP"),
    ("STOP now", "STOP"),
    ("stop immediately!", "STOP"),
    ("ok stop", "STOP"),
    ("ok, stop, end", "STOP"),
    ("opt out now", "OPT-OUT"),
    ("unsubscribe asap", "UNSUBSCRIBE"),
    ("ok revoke", "REVOKE"),
    ("arrêtez maintenant", "ARRETEZ"),
    ("sofort abmelden", "ABMELDEN"),
    ("stop por favor", "STOP"),
    ("Hola, stop, gracias", "STOP"),
    ("stop bitte", "STOP"),
    ("stop svp", "STOP"),
    ("stop s'il vous plaît", "STOP"),
    ("stop s’il te plaît", "STOP"),
    ("stop s´il vous plait", "STOP"),
    ("Hallo, bitte stop, vielen Dank", "STOP"),
    # the other words that AWS takes by itself
    ("ARRET", "ARRET"),
    ("arrêt", "ARRET"),
    ("Arrêt.", "ARRET"),
    ("arre\N{COMBINING CIRCUMFLEX ACCENT}t", "ARRET"),
    ("arrêt s'il vous plaît merci", "ARRET"),
    ("CANCEL", "CANCEL"),
    ("cancel!", "CANCEL"),
    ("please cancel", "CANCEL"),
    ("cancel please", "CANCEL"),
    ("END", "END"),
    ("end.", "END"),
    ("end, thanks", "END"),
    ("e n d", "END"),
    ("OPT-OUT", "OPT-OUT"),
    ("OPTOUT", "OPT-OUT"),
    ("opt out", "OPT-OUT"),
    ("OPT_OUT", "OPT-OUT"),
    ("Opt - Out", "OPT-OUT"),
    ("opt out please", "OPT-OUT"),
    ("QUIT", "QUIT"),
    ("quit quit", "QUIT"),
    ("REMOVE", "REMOVE"),
    ("please remove, thanks", "REMOVE"),
    ("TD", "TD"),
    ("t.d.", "TD"),
    ("UNSUBSCRIBE", "UNSUBSCRIBE"),
    ("un-subscribe", "UNSUBSCRIBE"),
    ("Un subscribe", "UNSUBSCRIBE"),
    ("unsubscribe 🙏", "UNSUBSCRIBE"),
    ("REVOKE", "REVOKE"),
    ("revoke.", "REVOKE"),
    # Spanish
    ("PARAR", "PARAR"),
    ("parar por favor", "PARAR"),
    ("detener", "DETENER"),
    ("DETENER, gracias", "DETENER"),
    ("cancelar", "CANCELAR"),
    ("¡Cancelar!", "CANCELAR"),
    # French
    ("ARRETER", "ARRETER"),
    ("arrêter", "ARRETER"),
    ("Arrêtez !", "ARRETEZ"),
    ("arretez svp", "ARRETEZ"),
    ("désabonner", "DESABONNER"),
    ("dés-abonner", "DESABONNER"),
    ("DESINSCRIRE", "DESINSCRIRE"),
    ("désinscrire, merci beaucoup", "DESINSCRIRE"),
    # German
    ("STOPP", "STOPP"),
    ("stopp bitte", "STOPP"),
    ("Abmelden", "ABMELDEN"),
    ("ab melden", "ABMELDEN"),
    ("bitte abmelden danke", "ABMELDEN"),
    ("ABBESTELLEN", "ABBESTELLEN"),
    # several words for the same: the first counts
    ("STOP UNSUBSCRIBE", "STOP"),
    ("unsubscribe / stop", "UNSUBSCRIBE"),
    ("stop end", "STOP"),
    ("end, quit, cancel, stop", "END"),
    ("Arrêt! STOP!", "ARRET"),
]
OPTS_OUT_OF_EVERY_NUMBER = [
    ("STOPALL", "STOPALL"),
    ("stopall", "STOPALL"),
    ("STOP ALL", "STOPALL"),
    ("stop-all", "STOPALL"),
    ("Stop. All.", "STOPALL"),
    ("stop_all please", "STOPALL"),
    ("S T O P A L L", "STOPALL"),
    ("STOP A L L", "STOPALL"),
    ("stop all stop all", "STOPALL"),
    ("stop stopall", "STOP"),
    ("unsubscribe, stop all", "UNSUBSCRIBE"),
]
OPTS_IN = [
    ("JOIN", "JOIN"),
    ("join", "JOIN"),
    ("Join!", "JOIN"),
    ("j o i n", "JOIN"),
    ("join please", "JOIN"),
    ("Hi, JOIN 😀", "JOIN"),
    ("join join", "JOIN"),
    ("START", "START"),
    ("start.", "START"),
    ("please start, thank you", "START"),
    ("ＳＴＡＲＴ", "START"),
    ("UNSTOP", "UNSTOP"),
    ("unstop", "UNSTOP"),
    ("start join", "START"),
    ("UNIRSE", "UNIRSE"),
    ("unirse por favor", "UNIRSE"),
    ("Rejoindre", "REJOINDRE"),
    ("rejoindre svp", "REJOINDRE"),
    ("ANMELDEN", "ANMELDEN"),
    ("bitte anmelden", "ANMELDEN"),
    ("an-melden", "ANMELDEN"),
]
# Nothing is done, and nobody has to read them for a plea either.
ORDINARY = [
    "",
    "   ",
    "?",
    "...",
    "please",
    "thank you",
    "hi",
    "now",
    "ok now",
    "👍",
    "🙏",
    "yes",
    "YES",
    "Yes please",
    "no",
    "No thanks",
    "ok",
    "OK!",
    "n",
    "y",
    "start now",
    "ok start",
    "you start",
    "Join now",
    "stop by at 5",
    "Stop by the office",
    "the end",
    "the end is near",
    "don't cancel",
    "don’t stop",
    "do not stop",
    "never stop",
    "start at 9?",
    "join us later",
    "I'll quit smoking",
    "END of shift report",
    "end to end",
    "cancel my shift",
    "cancel 123",
    "cancel XYZ123",
    "STOPX1",
    "XYZ1 stop",
    "cancel 5",
    "can't stop",
    "bus stop 5",
    "full stop",
    "non stop",
    "Non-stop!",
    "stop the machine",
    "unstop Bob",
    "stop stop the machine",
    "remove the cover",
    "re: move",
    "un stop",
    "opt in",
    "the bus stop is blocked",
    "nonstop",
    "stopped",
    "unstoppable",
    "trend",
    "ending soon",
    "restart",
    "starting",
    "joint",
    "LTD",
    "BAJA",
    "ALTO",
    "FIN",
    "MINE",
    "DROP XYZ123",
    "XYZ123, XYZ124",
    "on my way",
    "no, I can in 2 hours",
    "no problem",
    "no more leaks",
    "the pump stopped texting alarms?",
    "did pump 4 stop texting?",
    "there are no more messages on the display",
    "I get no more texts since Monday",
    "Don't call me, I'll be there",
    "remove me from shift XYZ123",
    "take me off the rota",
    "don't stop texting me",
    "please don't unsubscribe me",
    "do not remove me from the list",
    "I can't stop the leak",
    "I will not stop",
    "text me when done",
    "the alarm number is wrong",
    "not interested",
    "Liked “Reply STOP to get no more texts”",
    "Reacted 🛑 to “You get no texts any more. Reply JOIN”",
    "👍 to “Reply STOP to end. Unsubscribe at any time.”",
    "no me mandaron la llave",
    "plus de messages sur la console",
    "keine Nachrichten",
]
PLEAS = [
    "stop texting me",
    "Stop texting",
    "can you stop texting me please",
    "Please quit texting me",
    "stop sending me these messages",
    "STOP THESE MESSAGES NOW",
    "stop spam",
    "just stop it",
    "Stop already!",
    "I told you to stop",
    "I want you to stop",
    "I said stop",
    "I already replied STOP 3 times",
    "reply STOP",
    "Text STOP",
    "please remove me from your list",
    "take me off this list",
    "get me off this list!!",
    "remove me",
    "remove my number",
    "delete my phone number please",
    "no more texts",
    "No more messages please!",
    "don't text me again",
    "don’t ever text me",
    "don´t text me",
    "DO NOT TEXT",
    "do not contact me",
    "Do not call me again",
    "I don't want to receive any more of these texts",
    "I no longer wish to receive messages",
    "i do not want to be contacted",
    "leave me alone",
    "wrong number",
    "Sorry, wrong number!",
    "You have the wrong number.",
    "unsubscribe me",
    "how do I unsubscribe?",
    "opt me out",
    "I want to opt out",
    "I revoke my consent",
    "I withdraw my permission",
    "I never signed up for this",
    "lose my number",
    "cancel my subscription",
    "this is spam",
    "go away",
    # keywords that contradict each other, or with something else beside them
    "stop start",
    "STOP JOIN",
    "start / stop",
    "stop or start?",
    "no, stop",
    "yes stop",
    "no, quit",
    "non, stop",
    "yes, abmelden",
    "stop and unsubscribe",
    "STOP. I am not Ben",
    "Who are you? STOP",
    "STOP!! you have the wrong person",
    "Stop\nBen Baker",
    # a keyword with one word or number beside it
    "STOP - Bob",
    "stop lol",
    "stop xD",
    "stop ma'am",
    "please stop, Bob, thanks",
    "ok stop Bob",
    "stopall Bob",
    "unsubscribe Bob",
    "STOP 2",
    "stop 5",
    "2 stop",
    "2 unsubscribe",
    "STOP1",
    "STOP2",
    "2stop",
    "unsubscribe1",
    "STOP means stop",
    "stop stop means stop",
    # insistence around a word that is said at work as well
    "ok cancel",
    "cancel now",
    "ok, end",
    "end now",
    "quit now",
    "Quit now. I am not Ben",
    "remove asap",
    "td ok",
    "Parar ya!",
    "detener ahora",
    "cancelar ya",
    # pictures
    "🛑",
    "✋",
    "✋🏽",
    "🚫",
    "⛔️",
    "🛑🛑🛑",
    "🛑 please",
    # Spanish
    "no me escriban mas",
    "No me manden más mensajes",
    "no quiero mas mensajes",
    "No quiero recibir más SMS, gracias",
    "no más mensajes",
    "dejen de escribirme",
    "denme de baja por favor",
    "quiero darme de baja",
    "déjenme en paz",
    "bórrenme de la lista",
    "borren mi número",
    "número equivocado",
    # French
    "ne m'écrivez plus",
    "Ne m’envoyez plus de SMS",
    "arrêtez de m'envoyer des sms",
    "arrêtez les messages",
    "merci de ne plus m'envoyer de sms",
    "je ne veux plus de messages",
    "je veux me désabonner",
    "désabonnez-moi",
    "plus de sms svp",
    "supprimez mon numéro",
    "mauvais numéro",
    "laissez-moi tranquille",
    # German
    "keine SMS mehr",
    "Bitte keine weiteren Nachrichten",
    "schreibt mir nicht mehr",
    "Schreiben Sie mir nicht mehr!",
    "Kontaktieren Sie mich nicht mehr",
    "ich will nicht mehr kontaktiert werden",
    "Hört auf, mir SMS zu schicken",
    "ich möchte mich abmelden",
    "nehmt mich von der Liste",
    "Löschen Sie meine Nummer",
    "falsche Nummer",
    "lasst mich in Ruhe",
]
OWN = {
    "BASTA": Action.OPT_OUT,
    "ALTA!": Action.OPT_IN,
    "No más": Action.OPT_OUT,
    "OK GO": Action.OPT_IN,
    "ADIOS": Action.OPT_OUT,
    # None of these may count.
    "YES": Action.OPT_IN,
    "Y": Action.OPT_IN,
    "NO": Action.OPT_OUT,
    "OK": Action.OPT_IN,
    "STOP": Action.OPT_IN,
    "STOP START": Action.OPT_OUT,
    "ONE TWO THREE FOUR FIVE": Action.OPT_OUT,
}
WITH_OWN_WORDS = [
    ("BASTA", Meaning(Action.OPT_OUT, "BASTA")),
    ("basta!", Meaning(Action.OPT_OUT, "BASTA")),
    ("¡Basta ya!", Meaning(Action.OPT_OUT, "BASTA")),
    ("B A S T A", Meaning(Action.OPT_OUT, "BASTA")),
    ("basta basta por favor", Meaning(Action.OPT_OUT, "BASTA")),
    ("basta, stop", Meaning(Action.OPT_OUT, "BASTA")),
    ("stop all, basta", Meaning(Action.OPT_OUT, "STOPALL", every_number=True)),
    ("alta", Meaning(Action.OPT_IN, "ALTA!")),
    ("Álta, gracias", Meaning(Action.OPT_IN, "ALTA!")),
    ("alta join", Meaning(Action.OPT_IN, "ALTA!")),
    ("alta ya", None),
    ("NO MAS", Meaning(Action.OPT_OUT, "No más")),
    ("no-mas", Meaning(Action.OPT_OUT, "No más")),
    ("No más. No más!", Meaning(Action.OPT_OUT, "No más")),
    ("ok go", Meaning(Action.OPT_IN, "OK GO")),
    ("STOP", Meaning(Action.OPT_OUT, "STOP")),
    ("stop start", None),
    ("basta alta", None),
    ("basta join", None),
    ("basta de ruido", None),
    ("yes", None),
    ("YES!!", None),
    ("y", None),
    ("no", None),
    ("ok", None),
    ("please", None),
    ("adios", Meaning(Action.OPT_OUT, "ADIOS")),
    ("Adios!", Meaning(Action.OPT_OUT, "ADIOS")),
    ("adios, alta", Meaning(Action.OPT_IN, "ALTA!")),
    ("please adios", None),
    ("one two three four five", None),
]

# A word of staff's, a text, and whether it is that word.
SPACES_OF_OWN_WORDS = [
    ("NOMORE", "nomore", True),
    ("NOMORE", "n o m o r e", True),
    ("NOMORE", "no more", False),
    ("NOMORE", "no-more", False),
    ("NO-MORE", "no-more", True),
    ("NO-MORE", "no more", True),
    ("NO-MORE", "No. More!", True),
    ("NO-MORE", "no_more please", True),
    ("NO-MORE", "nomore", False),
    ("NO MORE", "no-more", True),
    ("NO MORE", "nomore", False),
    ("NO MORE", "nom ore", False),
    ("THEREST", "the rest", False),
    ("THE REST", "there st", False),
    ("HALT", "h alt", False),
    ("HALT", "hal t", False),
    ("HALT", "ha lt", False),
    ("HALT", "h a l t", True),
    ("HALT", "H.A.L.T", True),
    ("H A L T", "halt", True),
]

LISTED = [
    (word, action)
    for words in LANGUAGES.values()
    for action, listed in ((Action.OPT_OUT, words.opt_out), (Action.OPT_IN, words.opt_in))
    for word in sorted(listed)
]
WORD_ROWS = [
    *((body, Meaning(Action.OPT_OUT, word)) for body, word in OPTS_OUT),
    *((body, Meaning(Action.OPT_OUT, word, every_number=True)) for body, word in OPTS_OUT_OF_EVERY_NUMBER),
    *((body, Meaning(Action.OPT_IN, word)) for body, word in OPTS_IN),
]


@pytest.mark.parametrize(("body", "meaning"), WORD_ROWS)
def test_these_are_words_of_consent(body: str, meaning: Meaning) -> None:
    assert understand(body) == meaning


@pytest.mark.parametrize("body", [*ORDINARY, *PLEAS])
def test_these_opt_nobody_out_or_in(body: str) -> None:
    assert understand(body) is None


@pytest.mark.parametrize("body", PLEAS)
def test_these_are_pleas_for_a_person_to_read(body: str) -> None:
    assert is_plea(body)


@pytest.mark.parametrize("body", [*ORDINARY, *(body for body, _ in WORD_ROWS)])
def test_these_are_no_pleas(body: str) -> None:
    assert not is_plea(body)


@pytest.mark.parametrize(("body", "meaning"), WITH_OWN_WORDS)
def test_staff_give_words_a_meaning(body: str, meaning: Meaning | None) -> None:
    assert understand(body, OWN) == meaning


@pytest.mark.parametrize(("word", "body", "is_it"), SPACES_OF_OWN_WORDS)
def test_a_word_of_staff_has_the_spaces_that_they_wrote(word: str, body: str, is_it: bool) -> None:
    assert understand(body, {word: Action.OPT_OUT}) == (Meaning(Action.OPT_OUT, word) if is_it else None)


@pytest.mark.parametrize(("word", "action"), LISTED)
def test_every_listed_word_is_understood_whatever_staff_say(word: str, action: Action) -> None:
    against = {word: Action.OPT_IN if action is Action.OPT_OUT else Action.OPT_OUT}
    expected = Meaning(action, SAME_AS.get(word, word), every_number=word == "STOPALL")
    assert understand(word) == understand(word.lower()) == understand(word, against) == expected


@pytest.mark.parametrize(("word", "action"), LISTED)
def test_every_listed_word_has_a_row_above(word: str, action: Action) -> None:
    assert (action, SAME_AS.get(word, word)) in {(meaning.action, meaning.word) for _, meaning in WORD_ROWS}


def test_no_word_both_opts_out_and_opts_in() -> None:
    out = {word for word, action in LISTED if action is Action.OPT_OUT}
    assert not out & {word for word, action in LISTED if action is Action.OPT_IN}


@pytest.mark.parametrize("word", sorted(CARRIER_OPT_OUTS))
def test_what_carriers_take_for_an_opt_out_is_one(word: str) -> None:
    meaning = understand(word)
    assert meaning
    assert meaning.action is Action.OPT_OUT


@pytest.mark.parametrize("parts", sorted(PARTED))
def test_every_parted_word_is_a_listed_one(parts: tuple[str, str]) -> None:
    assert understand("".join(parts)) == understand(" ".join(parts)) == understand("-".join(parts)) is not None


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("BASTA", "basta"),
        ("¡Basta, por favor!", "basta"),
        ("b.a.s.t.a", "basta"),
        ("ALTA!", "alta"),
        ("No más", "no mas"),
        ("no-mas", "no mas"),
        ("basta basta basta basta basta", "basta"),
        ("one two three four", "one two three four"),
        ("one two three four five", ""),
        ("adios", "adios"),
        ("¡ADIOS!", "adios"),
        ("adios, basta", "basta"),
        ("👍", ""),
        ("", ""),
    ],
)
def test_the_key_of_a_word(body: str, key: str) -> None:
    assert the_key(body) == key


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("STOP", "STOP already opts people out. Choose another word."),
        ("stop please", "STOP PLEASE already opts people out. Choose another word."),
        ("S T O P", "S T O P already opts people out. Choose another word."),
        ("OPT OUT", "OPT OUT already opts people out. Choose another word."),
        ("abmelden", "ABMELDEN already opts people out. Choose another word."),
        ("JOIN", "JOIN already opts people in. Choose another word."),
        ("STOP/START", "STOP/START already opts people out or in. Choose another word."),
        ("YES", "YES is how people answer a question. Choose another word."),
        ("Y", "Y is how people answer a question. Choose another word."),
        ("yesss", "YESSS is how people answer a question. Choose another word."),
        ("Sí", "SÍ is how people answer a question. Choose another word."),
        ("NO", "NO is how people answer a question. Choose another word."),
        ("no no", "NO NO is how people answer a question. Choose another word."),
        ("N", "N is how people answer a question. Choose another word."),
        ("OK", "OK is how people answer a question. Choose another word."),
        ("okay", "OKAY is how people answer a question. Choose another word."),
        ("CONFIRM", "CONFIRM is how people answer a question. Choose another word."),
        ("yes ok", "YES OK is how people answer a question. Choose another word."),
        ("BASTA", ""),
        ("ALTA!", ""),
        ("NO MAS", ""),
        ("WI-FI", ""),
        ("BUS STOP", ""),
        ("THANKS", ""),
        ("HELP", ""),
        ("", ""),
    ],
)
def test_some_words_are_not_for_staff_to_define(word: str, why: str) -> None:
    assert reserved(word) == why


@pytest.mark.parametrize(
    "answer", ["YES", "Y", "yeah", "yep", "Sí", "OUI", "ja", "NO", "N", "nope", "nein", "OK", "okay", "K"]
)
@pytest.mark.parametrize("action", Action)
def test_an_answer_is_never_consent(answer: str, action: Action) -> None:
    assert understand(answer, {answer: action}) is None
    assert understand(f"{answer}!", {answer.lower(): action}) is None
    assert reserved(answer)


def test_a_word_of_courtesy_means_what_staff_make_of_it() -> None:
    """Alone, that is: beside another word it is courtesy still."""
    own = {"ADIOS": Action.OPT_OUT}
    assert understand("¡Adios!", own) == Meaning(Action.OPT_OUT, "ADIOS")
    assert understand("adios") is None
    assert understand("adios", {"BASTA": Action.OPT_OUT}) is None
    assert understand("adios join", own) == understand("join")
    assert understand("adios Ben", own) is None


@pytest.mark.parametrize("body", [body for body, _ in WORD_ROWS])
def test_no_word_of_consent_answers_an_incident(body: str) -> None:
    assert understand_answer(body, ("123", "STOP-1")).answer is None


# What may stand around a word and changes nothing. A full stop between letters or a dash parts no word here.
AROUND = st.text(
    alphabet=" \t\n.,;:!?\"'()*~-_“”…\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{GRINNING FACE}\N{OCTAGONAL SIGN}",
    max_size=8,
)
POLITE = st.sampled_from(sorted([*COURTESY, *(" ".join(phrase) for phrase in COURTESY_PHRASES)]))
KEYWORDS = {part for word, _ in LISTED for part in (word.replace("-", "").lower(), *word.lower().split("-"))}
NOT_ORDINARY = KEYWORDS | COURTESY | INSISTENCE | {part for parts in PARTED for part in parts}
ORDINARY_WORDS = re.findall(
    r"\S+",
    """
    the a my your at by in on of for to from pump valve shift report machine leak office key truck tomorrow later five
    5 123 XYZ123 is was are will can could don't doesn't not never always maybe all who when where what smoking cover
    stopped ending started joined cancelled removed quitting I we you he they it me us up off near bus front week day
    """,
)


@given(st.sampled_from(LISTED), st.data(), AROUND, AROUND, st.lists(POLITE, max_size=3), st.lists(POLITE, max_size=3))
def test_case_spaces_punctuation_and_courtesy_change_nothing(
    listed: tuple[str, Action], data: st.DataObject, before: str, after: str, first: list[str], last: list[str]
) -> None:
    word, action = listed
    typed = "".join(data.draw(st.sampled_from([letter.lower(), letter])) for letter in word)
    body = f"{' '.join(first)} {before}{typed}{after} {' '.join(last)}"
    # A signature under the text is cut off; it is not what this is about.
    assume(not re.search(r"--", body))
    assert understand(body) == Meaning(action, SAME_AS.get(word, word), every_number=word == "STOPALL")
    assert not is_plea(body)


@given(st.sampled_from(LISTED), st.sampled_from(sorted(INSISTENCE)), st.booleans())
def test_insistence_opts_out_with_words_that_nobody_says_at_work(
    listed: tuple[str, Action], insisting: str, before: bool
) -> None:
    word, action = listed
    body = f"{insisting} {word}" if before else f"{word} {insisting}"
    assert (understand(body) is not None) == (action is Action.OPT_OUT and word not in SAID_AT_WORK)
    assert is_plea(body) == (word in SAID_AT_WORK)


def test_the_words_that_are_said_at_work_are_listed_opt_outs() -> None:
    assert {(word, Action.OPT_OUT) for word in SAID_AT_WORK} <= set(LISTED)


@given(st.sampled_from(LISTED), st.sampled_from(LISTED))
def test_words_of_both_actions_opt_nobody_out_or_in_and_are_read(
    one: tuple[str, Action], other: tuple[str, Action]
) -> None:
    body = f"{one[0]} {other[0]}"
    if one[1] is other[1]:
        assert understand(body) == Meaning(
            one[1], SAME_AS.get(one[0], one[0]), every_number="STOPALL" in (one[0], other[0])
        )
    else:
        assert understand(body) is None
    assert is_plea(body) == (one[1] is not other[1])


@given(st.lists(st.sampled_from(ORDINARY_WORDS), min_size=1, max_size=12), st.sampled_from([" ", ", ", "\n", " - "]))
def test_ordinary_sentences_mean_nothing(words: list[str], between: str) -> None:
    body = between.join(words)
    assert understand(body) is None
    assert understand(body, OWN) is None


@given(st.sampled_from(LISTED), st.sampled_from(ORDINARY_WORDS), st.sampled_from([" ", ", ", "-", ". "]), st.booleans())
def test_a_word_with_another_beside_it_means_nothing(
    listed: tuple[str, Action], other: str, between: str, before: bool
) -> None:
    assume(before or (listed[0], other) != ("STOP", "all"))
    assert understand(f"{other}{between}{listed[0]}" if before else f"{listed[0]}{between}{other}") is None


@given(st.sampled_from(LISTED), st.from_regex(r"[a-z]{2,12}", fullmatch=True))
def test_a_word_with_any_word_behind_it_means_nothing(listed: tuple[str, Action], other: str) -> None:
    assume(other not in NOT_ORDINARY)
    assume(understand(other) is None)
    assert understand(f"{listed[0]} {other}") is None


PIECES = st.sampled_from(
    [
        *ORDINARY_WORDS,
        *sorted(NOT_ORDINARY),
        "stop",
        "dont",
        "no more",
        "text me",
        "🛑",
        "ﷺ",
        "\ud800",
        "ne m",
        ".",
        "\n",
        "'",
    ]
)
ANYTHING = st.one_of(st.text(max_size=1600), st.lists(PIECES, max_size=230).map(" ".join))
OWN_WORDS = st.dictionaries(st.text(max_size=12), st.sampled_from(Action), max_size=4)


# No deadline: a pattern that tries all ways would not end while anybody waits.
@settings(deadline=None)
@given(ANYTHING, OWN_WORDS)
@example("stop " * 320, {})
@example("\ufdfa" * 1600, {})
@example("dont want to " * 120, {})
@example("i have already " * 105, {})
@example("ne m " * 320, {})
@example("a" * 1600, {"A": Action.OPT_OUT})
def test_no_text_breaks_it(body: str, own_words: dict[str, Action]) -> None:
    meaning = understand(body, own_words)
    reserved(body)
    assert meaning is None or meaning.word in own_words or (meaning.word, meaning.action) in LISTED
    assert not (understand(body) and is_plea(body))
    is_plea(body)


@given(
    st.lists(st.sampled_from(["basta", "alta", "no", "mas", "stop", "please", "ya", "x"]), min_size=1, max_size=7).map(
        " ".join
    )
)
@example("basta stop basta stop basta")
def test_a_text_without_a_key_needs_no_look_at_words_of_staff(body: str) -> None:
    if not the_key(body):
        assert understand(body, OWN) == understand(body)


@given(st.text(max_size=30), st.sampled_from(Action))
@example("basta", Action.OPT_OUT)
def test_what_staff_may_define_is_understood(word: str, action: Action) -> None:
    expected = Meaning(action, word) if the_key(word) and not reserved(word) else understand(word)
    assert understand(word, {word: action}) == expected
