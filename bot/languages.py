"""
In which language is this written?

May not know topics. Scripts decide first, then the small words that every sentence needs; None means one cannot tell.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

from bot.text import clean, words

Language = Literal["en", "es", "fr", "de", "pt", "it", "nl", "pl", "ar", "hi", "zh", "other"]

# First and last code point of each script; kana and Hangul show a language that also uses Chinese signs.
_SCRIPTS: tuple[tuple[int, int, Language], ...] = (
    (0x0600, 0x06FF, "ar"), (0x0750, 0x077F, "ar"), (0xFB50, 0xFDFF, "ar"), (0xFE70, 0xFEFC, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x4E00, 0x9FFF, "zh"), (0x3400, 0x4DBF, "zh"), (0x20000, 0x2FA1F, "zh"),
    (0x0370, 0x03FF, "other"), (0x0400, 0x052F, "other"), (0x0530, 0x058F, "other"), (0x0590, 0x05FF, "other"),
    (0x0980, 0x0DFF, "other"), (0x0E00, 0x0EFF, "other"), (0x1000, 0x10FF, "other"), (0x1200, 0x137F, "other"),
    (0x1780, 0x17FF, "other"), (0x3040, 0x30FF, "other"), (0x1100, 0x11FF, "other"), (0xAC00, 0xD7AF, "other"),
)  # fmt: skip

# Small words without their accents. A word shared by several of these languages counts for each of them; one that is
# also English, or a name or symptom in English messages, is left out ("die", "an", "me", "a", "no", "in", "pain").
_SMALL_WORDS: dict[Language, str] = {
    "en": "the and is are was were i my you your it of to for with have has had do does did can could should "
    "would will what when where why how who which this that these those after before not don't can't "
    "i'm it's be been if or from about any there they she he her his we our me am at on an a in so but "
    "get got take still long much many may safe feel feeling help need during while since again more "
    "than just really very ever treatment infusion",
    "es": "el la los las un una unos de del que y es son esta estoy estan tengo tiene tienen mi mis su sus "
    "con para por como cuando donde porque pero puedo puede pueden hace hacer despues antes muy mas sin "
    "sobre tratamiento dolor cabeza cuanto cual hay esto eso fue ser se le lo al si embarazada fiebre "
    "pecho duele respirar ayuda necesito quiero morir efectos secundarios cuesta medico nada todo "
    "tambien siento sangre",
    "fr": "le la les un une des du de et est sont je j'ai tu il elle nous vous mon ma mes son sa ses que qui "
    "quoi avec pour dans sur par pas ne n'est ce c'est cette apres avant tres plus sans comment quand "
    "pourquoi combien peux peut puis-je suis ai avez traitement douleur mal tete fievre poitrine "
    "respirer aide besoin veux mourir effets secondaires enceinte medecin au aux ou d'une d'un "
    "l'hopital perfusion qu'est quel quelle depuis",
    "de": "der das den dem des ein eine einen einer und ist sind ich du er sie wir ihr mein meine meinen "
    "nicht mit fur von zu auf aus bei nach vor wie wenn warum wann wo kann konnen darf muss soll habe "
    "hat haben bin wird werden wurde auch noch sehr mehr ohne uber oder aber schmerzen kopfschmerzen "
    "fieber brust atmen hilfe brauche sterben nebenwirkungen schwanger arzt behandlung infusionen "
    "kostet viel lange im am zum zur kein keine seit gibt mir mich",
    "pt": "o os um uma de do da dos das que e sao esta estou tenho tem minha meu meus com para por como "
    "quando onde porque mas posso pode fazer depois antes muito mais sem sobre tratamento dor cabeca "
    "quanto qual nao sim isso isto foi ser ao aos pela pelo gravida febre peito respirar ajuda preciso "
    "quero morrer efeitos custa medico voce eu ele ela sinto tambem",
    "it": "il lo la gli le un una di del della dei delle che e sono sto ho hai mio mia miei mie con come "
    "quando dove perche ma posso puo fare dopo prima molto piu senza sul sulla trattamento dolore testa "
    "quanto quale non si questo questa al alla nel nella incinta febbre petto respirare aiuto bisogno "
    "voglio morire effetti collaterali costa medico anche cosa fa ancora terapia gravidanza sicuro",
    "nl": "de het een en van ik jij hij zij wij mijn jouw zijn haar met voor naar bij na niet geen wel dat "
    "dit deze wat wanneer waar waarom hoe kan kunnen mag moet heb heeft hebben ben wordt worden ook nog "
    "zeer meer zonder over maar pijn hoofdpijn koorts borst ademen hulp nodig wil sterven bijwerkingen "
    "zwanger arts behandeling kost veel lang lange duurt uit als aan ons krijg krijgen",
    "pl": "jest sa czy nie tak jak co gdzie kiedy dlaczego moj moja moje mam masz ma z ze w na do po przed "
    "przez dla od bardzo wiecej bez ale lub oraz moge moze mozna musze boli bol glowa glowy goraczka "
    "klatka oddychac pomoc pomocy potrzebuje chce umrzec skutki uboczne ciaza ciazy lekarz leczenie ile "
    "kosztuje dlugo sie to ten ta mnie mi wlew wlewie jestem",
    "other": "och att det som inte jag ar kan med pa av for till efter fore hur vad nar varfor min mitt ont "
    "huvudvark jeg ikke og er hvordan hva hvorfor hvad ve bir bu icin ile mi mu ne nasil neden benim "
    "var yok degil agri bas olur miyim si este sunt ce cum cand unde mea meu pentru dupa inainte durere "
    "cap hogyan mit mikor miert vagyok nem egy az es fejfajas jak proc kdy kde muj moje muzu neni mam "
    "bolest hlavy ja on mina mita miten miksi voiko kun ako yan ng mga sa ay hindi bakit paano yung "
    "saya apa bagaimana kenapa tidak ini itu dengan untuk setelah sakit kepala la khong toi bi dau sau "
    "khi bao nhieu",
}
_ACCENTED: dict[str, tuple[Language, ...]] = {
    "ñ": ("es",), "¿": ("es",), "¡": ("es",), "ß": ("de",), "ã": ("pt",), "õ": ("pt",), "ł": ("pl",), "ż": ("pl",),
    "ś": ("pl",), "ą": ("pl",), "ę": ("pl", ), "ź": ("pl",), "å": ("other",), "ø": ("other",), "ğ": ("other",),
    "ş": ("other",), "ı": ("other",), "ț": ("other",), "ă": ("other",), "ő": ("other",), "ř": ("other",),
    "ů": ("other",), "đ": ("other",), "ư": ("other",), "ơ": ("other",),
}  # fmt: skip

_LONGEST_READ = 1000
_FEWEST_SIGNS = 2


def language_of(raw: str) -> Language | None:
    """
    The language of a message, "en" where it reads as English, None where it is too short or unclear to say.

    Somebody who mixes languages is taken for English as soon as the English small words are as many.
    """
    text = raw[:_LONGEST_READ]
    by_script = _by_script(text)
    if by_script is not None:
        return by_script
    counts = _small_word_counts(text)
    english = counts.pop("en", 0.0)
    if not counts:
        return "en" if english else None
    best = max(counts.values())
    leaders = sorted(language for language, count in counts.items() if count == best)
    if english >= best:
        return "en"
    if best < _FEWEST_SIGNS:
        return None
    named = [language for language in leaders if language != "other"] or leaders
    return named[0] if len(named) == 1 or best - english >= _FEWEST_SIGNS else None


def _by_script(text: str) -> Language | None:
    if text.isascii():  # most messages: no need to look at every letter
        return None
    counts: Counter[Language | str] = Counter()
    for character in text:
        if not character.isalpha():
            continue
        point = ord(character)
        if point < 0x0370:
            counts["latin"] += 1
            continue
        script = next((name for first, last, name in _SCRIPTS if first <= point <= last), None)
        if script is not None:
            counts[script] += 1
    foreign: list[tuple[int, Language]] = sorted(
        ((count, name) for name, count in counts.items() if name != "latin"),  # type: ignore[misc]
        reverse=True,
    )
    # Look-alike letters in an English word are no other script, so a clear share of the message must be foreign.
    if not foreign or sum(count for count, _ in foreign) <= counts["latin"] * 0.7:
        return None
    if len(foreign) == 1 and foreign[0][1] == "other" and _reads_as_latin(text):
        return None
    return "other" if counts["other"] and foreign[0][1] == "zh" else foreign[0][1]


def _reads_as_latin(text: str) -> bool:
    """Whether the text is Latin once look-alike letters are folded."""
    folded = clean(text).text
    letters = [character for character in folded if character.isalpha()]
    return bool(letters) and sum(character < "\u0370" for character in letters) > 0.9 * len(letters)


_LANGUAGES_OF: dict[str, tuple[Language, ...]] = {}
for _language, _small in _SMALL_WORDS.items():
    for _word in dict.fromkeys(_small.split()):
        _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _language)


def _small_word_counts(text: str) -> dict[Language, float]:
    counts: dict[Language, float] = {}
    for word in words(clean(text).text):
        for language in _LANGUAGES_OF.get(word.text, ()):
            counts[language] = counts.get(language, 0.0) + 1.0
    for sign in set(text.lower()):
        for language in _ACCENTED.get(sign, ()):
            counts[language] = counts.get(language, 0.0) + 1.0
    return counts
