"""The words of consent in each language, what may stand around them, and what a plea to stop looks like. Pure.

The English words are those that AWS takes by itself (docs.aws.amazon.com/sms-voice/latest/userguide/
keywords-required.html), those of the CTIA Messaging Principles, and those of 47 CFR 64.1200(a)(10): stop, quit, end,
revoke, opt out, cancel, unsubscribe.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from messaging.wording import COURTESY as COMMON_COURTESY


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, in upper case without accents."""

    opt_out: frozenset[str]
    opt_in: frozenset[str]


STOPALL = "STOPALL"
ENGLISH = Words(
    opt_out=frozenset(
        {
            *("ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"),
            *(STOPALL, "REVOKE"),
        }
    ),
    opt_in=frozenset({"JOIN", "START", "UNSTOP"}),
)
# Verbs that tell a machine to stop, as infinitives and imperatives. Left out is what a colleague may mean by itself:
# BAJA (sick leave), ALTO (halt, high), FIN (end of a shift), ENDE, AUS, ALTA, SI, OUI, JA, INICIO, DEBUT, LOS.
SPANISH = Words(opt_out=frozenset({"PARAR", "DETENER", "CANCELAR"}), opt_in=frozenset({"UNIRSE"}))
FRENCH = Words(
    opt_out=frozenset({"ARRET", "ARRETER", "ARRETEZ", "DESABONNER", "DESINSCRIRE"}), opt_in=frozenset({"REJOINDRE"})
)
GERMAN = Words(opt_out=frozenset({"STOPP", "ABMELDEN", "ABBESTELLEN"}), opt_in=frozenset({"ANMELDEN"}))
LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN}
SAME_AS: Mapping[str, str] = {"OPTOUT": "OPT-OUT"}

# Where a word may be parted. Not everywhere: "re: move" is not REMOVE, and "un stop" is French for "a stop".
PARTED = frozenset(
    {
        ("opt", "out"),
        ("stop", "all"),
        ("un", "subscribe"),
        ("des", "abonner"),
        ("des", "inscrire"),
        ("ab", "melden"),
        ("ab", "bestellen"),
        ("an", "melden"),
    }
)

# Without "thank" and "you" by themselves: "you start" tells a colleague to begin.
COURTESY = (COMMON_COURTESY - {"thank", "you"}) | {
    *("kindly", "sorry", "cheers", "hi", "hello", "hey", "dear", "bye", "goodbye"),
    *("hola", "porfavor", "porfa", "adios", "bonjour", "salut", "svp", "stp", "bitte", "hallo", "tschuss"),
}
COURTESY_PHRASES = frozenset(
    {
        ("thank", "you", "very", "much"),
        ("thank", "you", "so", "much"),
        ("thank", "you"),
        ("thank", "u"),
        ("thanks", "a", "lot"),
        ("good", "morning"),
        ("good", "evening"),
        ("por", "favor"),
        ("muchas", "gracias"),
        ("sil", "vous", "plait"),
        ("sil", "te", "plait"),
        ("s", "il", "vous", "plait"),
        ("merci", "beaucoup"),
        ("vielen", "dank"),
        ("danke", "schon"),
    }
)
# They press for an end. Not for a beginning, nor with an end that is said at work as well: "ok start", "ok cancel".
INSISTENCE = frozenset({"now", "immediately", "asap", "ok", "okay", "ya", "ahora", "maintenant", "jetzt", "sofort"})
SAID_AT_WORK = frozenset({"CANCEL", "END", "QUIT", "REMOVE", "TD", "PARAR", "DETENER", "CANCELAR"})

# Beyond YES and NO of messaging.wording.
ANSWERS = frozenset(
    {
        *("ok", "okay", "okey", "oki", "k", "kk", "sure", "fine", "agree", "agreed", "accept", "accepted", "confirm"),
        *("confirmed", "decline", "declined", "correct", "absolutely", "definitely", "maybe"),
        *("vale", "claro", "daccord", "klar", "doch", "vielleicht"),
    }
)
CONNECTIVES = frozenset({"and", "or", "et", "ou", "und", "oder", "o"})

STOP_SIGNS = frozenset("\N{OCTAGONAL SIGN}\N{RAISED HAND}\N{NO ENTRY SIGN}\N{NO ENTRY}")

# What a telephone sends when a text of ours is liked: our own words, in quotes.
REACTION = re.compile(
    r"\s*(?:(?:dis)?liked|loved|laughed at|emphasi[sz]ed|questioned|removed an? \w{1,20} from|(?:reacted\s{1,9})?to)"
    r"\s{1,9}[\"“”„«]",
    re.IGNORECASE,
)

# One word of two, not the answer "non" with STOP behind it.
NON_STOP = re.compile(r"\W*non[ -]stop\W*", re.IGNORECASE)

_STOP = r"(?:stop|stopall|unsubscribe)"
_NEGATED = r"(?<!\bdont )(?<!\bdon t )(?<!\bdo not )(?<!\bnever )(?<!\bnot )"
_NOT = r"\b(?:dont|don t|do not|never)"
_ME = r"(?:me|us)"
_TEXTS = r"(?:texts|text messages|messages?|msgs?|sms|txts?|notifications|alerts|reminders|spam)"
_TEXTING = (
    r"(?:texting|txting|messaging|spamming|bothering|contacting|writing|calling|harassing|bugging|annoying|pinging"
    r"|notifying|alerting|sending|emailing)"
)
_OF = r"(?:all|any|of|the|these|this|those|your|my|more|further|sending|getting|receiving|me|us|to|with|out)"
_ANY = (
    r"(?:to|get|getting|receive|receiving|be|have|see|any|more|further|these|those|this|your|the|all|of|such|text|from"
    r"|you)"
)
_NUMBER = r"(?:my|this|our) (?:phone |cell |mobile )?(?:number|phone)"
_LIST = r"(?:lists?|database|system|group|contacts|thread|chat|distribution|mailing|texts|messages|sms)"
# They are matched against words in lower case without accents and apostrophes, with courtesy and insistence left out.
# Repetitions are bounded or anchored, so that no text takes long.
PLEAS: Mapping[str, tuple[str, ...]] = {
    "en": (
        # With one word or number beside it: "STOP - Bob", "2 stop", "STOP1".
        rf"^{_STOP}(?: \w+| means stop|\d+)$|^\d+ ?{_STOP}$",
        rf"{_NEGATED}\b(?:stop|quit|cease) {_TEXTING} (?:{_ME}|my|this number|here|already)\b",
        rf"(?:^|\b(?:you|to|just|stop|and|no|guys) )(?:stop|quit|cease) {_TEXTING}$",
        rf"{_NEGATED}\b(?:stop|quit|cease)(?: {_OF}){{0,6}} {_TEXTS}\b",
        r"\b(?:cancel|end) (?:all |all of )?(?:my|these|your|the) (?:texts|text messages|messages|sms|subscription)\b",
        (
            r"^(?:(?:just|you|can|could|would|will|no|yes|i said|already) ){0,3}stop"
            r"(?: (?:it|this|that|these|already|everything|doing this)){0,2}$"
        ),
        (
            rf"\b(?:asked|told|want|need|beg|begging|asking|telling|like|make) (?:you|this|these|it|them|{_TEXTS})"
            r"(?: people| guys| all)? (?:to )?stop$"
        ),
        (
            r"^(?:reply|replying|text|send|txt|answer|respond|typing)(?: with| the word)?"
            r" (?:stop|stopall|unsubscribe|cancel|quit)$"
        ),
        (
            r"\b(?:i|ive|i have|already|just) (?:already |just )?(?:said|replied|texted|sent|typed|wrote) (?:you )?"
            r"(?:stop|unsubscribe|cancel)(?: already| again| before| \w{1,9} times)?$"
        ),
        rf"{_NEGATED}\bunsubscrib(?:e|ing)\b",
        rf"{_NEGATED}\bopt(?:ing)? (?:{_ME} )?out\b",
        (
            rf"{_NEGATED}\b(?:remove|delete|take|get) (?:{_ME}|my name|{_NUMBER})(?: off| from| out)?(?: of)?"
            rf"(?: \w{{1,15}}){{0,2}} {_LIST}\b"
        ),
        rf"{_NEGATED}\b(?:remove|delete) (?:{_ME}|my name)(?: from (?:this|here))?$",
        rf"{_NEGATED}\b(?:remove|delete|lose|erase|forget|block) {_NUMBER}\b",
        rf"{_NEGATED}\b(?:take|get) (?:{_ME}|{_NUMBER}) off(?: of)?(?: this| here)?$",
        (
            rf"(?<!are )(?<!were )(?<!is )(?<!get )(?<!got )(?<!receive )\bno more (?:of )?(?:these |your |text )?"
            rf"(?:{_TEXTS}|texting)\b"
        ),
        rf"\b(?:dont|don t|do not|no longer) (?:want|wish|need|like)(?: {_ANY}){{0,7}} {_TEXTS}\b",
        r"\b(?:dont|don t|do not|no longer) (?:want|wish|like) to be (?:texted|contacted|messaged|bothered|on)\b",
        (
            rf"{_NOT}(?: ever)? (?:text|contact|message|msg|txt|sms|write|bother|disturb|email|notify|alert)"
            rf" (?:(?:to )?{_ME}|this number|here|anymore|again|my)\b"
        ),
        rf"{_NOT}(?: ever)? (?:text|contact|message)$",
        rf"{_NOT}(?: ever)? (?:call|ring|phone)(?: or text)? {_ME} (?:again|anymore|any more|ever)\b",
        rf"\bleave {_ME} (?:alone|in peace)\b",
        r"^wrong (?:number|person)\b|\bwrong (?:number|person)$|\b(?:have|got) the wrong (?:number|person)\b",
        r"\b(?:revoke|withdraw)(?: (?:my|all|any|this|the|our)){0,2} (?:consent|permission)\b|\bi revoke\b",
        (
            r"\bi (?:do not|dont|don t|did not|didnt|didn t|never)"
            r" (?:consent|consented|give consent|gave consent|sign up|signed up|subscribe|subscribed)\b"
        ),
        r"^(?:this is |its |it s )?spam$|\breport(?:ed|ing)?(?: (?:this|you|it|number)){0,2} (?:as |for )?spam\b",
        r"^(?:go away|get lost|(?:fuck|piss|bugger) (?:off|you))\b",
    ),
    "es": (
        (
            r"\bno (?:me|nos)"
            r" (?:escrib(?:as?|ais|an)|mand(?:es?|eis|en)|envi(?:es?|eis|en)|contact(?:es?|en)|molest(?:es?|en))\b"
        ),
        (
            r"\bno (?:quiero|queremos|deseo|quisiera)"
            r"(?: (?:mas|recibir|recibiendo|seguir|sus|tus|los|estos|esos|ningun|ningunos|de|ustedes)){0,5}"
            r" (?:mensajes?|sms|textos|notificaciones|alertas)\b"
        ),
        r"\bno mas (?:mensajes?|sms|textos|notificaciones|alertas)\b|\bbasta de (?:mensajes|sms|textos)\b",
        r"\b(?:dej(?:a|e|en|es|ad)|par(?:a|e|en)) de (?:escribir|mandar|enviar|molestar|contactar)(?:me|nos|$)",
        r"\bdej(?:a|e|en|ad)(?:me|nos) en paz\b",
        r"\b(?:dar|den|de|da)(?:me|nos) de baja\b",
        r"\b(?:quit|borr|elimin|sac|saqu)(?:ar|a|e|en)(?:me|nos) de (?:la|su|tu|esta|el) (?:lista|grupo|sistema)\b",
        r"\b(?:quit|borr|elimin)(?:ar|a|e|en) mi (?:numero|telefono)\b",
        r"\bnumero (?:equivocado|incorrecto|erroneo)$",
    ),
    "fr": (
        (
            r"\bne (?:m ?|me |nous )(?:ecri(?:vez|s|ve)|envo(?:yez|ie|ies)|contacte[sz]?|texte[sz]?|derange[sz]?)"
            r"(?: (?:de|des|ces|vos|d|sms|messages|textos)){0,2} plus\b"
        ),
        r"\bne plus (?:m ?|me |nous )?(?:ecrire|envoyer|contacter|recevoir|deranger)\b",
        (
            r"\b(?:veux|voulons|souhaite|souhaitons|desire) plus (?:recevoir |de |d |vos |ces |aucun ){0,3}"
            r"(?:sms|messages?|textos?)\b"
        ),
        r"^plus (?:de|aucun) (?:sms|messages?|textos?)$",
        (
            r"\b(?:arrete[rz]?|cesse[rz]?|stop) (?:de |d ?)(?:m ?|me |nous )?"
            r"(?:envoyer|ecrire|contacter|texter|harceler|spammer|deranger)\b"
        ),
        r"\b(?:arrete[rz]?|cesse[rz]?|stop) (?:les|vos|ces|tous les|avec les|avec vos) (?:sms|messages|textos)\b",
        r"\b(?:me|nous) (?:desabonner|desinscrire)\b|\b(?:desabonnez?|desinscri(?:s|vez)) (?:moi|nous)\b",
        r"^desabonnement$",
        r"\b(?:retire|enleve|supprime|efface)[rz]?(?: moi| nous| mon numero)(?: \w{1,15}){0,3} (?:listes?|fichiers?)\b",
        r"\b(?:supprime|efface|retire)[rz]? mon (?:numero|contact)\b",
        r"\b(?:mauvais|faux) numero$|\b(?:erreur|trompe[rz]?|tromper) de numero\b",
        r"\blaisse[rz]? (?:moi|nous) tranquilles?\b",
    ),
    "de": (
        r"\bkeine (?:weiteren )?(?:sms|nachrichten|texte|mitteilungen|benachrichtigungen) mehr\b",
        r"\bkeine weiteren (?:sms|nachrichten|texte|mitteilungen|benachrichtigungen)\b",
        r"\bschreib(?:t|e|en sie)? (?:mir|uns) (?:nicht|nichts|nie|keine)\b",
        r"\bkontaktier(?:t|e|en sie)? (?:mich|uns) (?:nicht|nie)\b",
        r"\bnicht mehr (?:schreiben|anschreiben|kontaktieren|texten|simsen|belastigen|kontaktiert)\b",
        (
            r"\bhoe?r(?:t|en sie)? auf (?:mir |uns |mich )?(?:sms |nachrichten )?"
            r"(?:zu (?:schreiben|schicken|senden|texten|nerven)|mit (?:den|diesen|euren|ihren) (?:sms|nachrichten))\b"
        ),
        r"\b(?:mich|uns) (?:abmelden|austragen)\b|\b(?:meld|trag)(?:et|t|en sie)? (?:mich|uns) (?:ab|aus)$",
        (
            r"\b(?:nehm(?:t|en sie)|streich(?:t|en sie)|losch(?:t|en sie)) (?:mich|uns|meine nummer)"
            r"(?: (?:aus|von|der|eurer|ihrer|dieser)){0,2} (?:liste|verteiler|kartei)\b"
        ),
        r"\blosch(?:t|e|en sie) meine (?:nummer|daten)\b|\bmeine nummer loschen\b",
        r"\bfalsche nummer$|^falsch verbunden\b",
        r"\b(?:lasst|lass|lassen sie) (?:mich|uns) in ruhe\b",
    ),
}
