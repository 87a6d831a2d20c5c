"""
Which words say that a sum is asked for, what it should show, and that a number belongs to something else?

May not know wording that is said back, files, Telegram, or the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.quantities.numbers import NUMBER_WORDS

# What a person wants to see, by words that stand whole in the message.
WANTS = {
    "cost": "cost costs costing price prices priced pricey expensive pay bill money dollars dollar euros worth charge",
    "year": "yearly year annual annually annum 12-month twelve-month",
    "bottles": "bottle bottles vial vials flask flasks",
    "volume": "ml mls millilitre millilitres milliliter milliliters volume fluid litres liters",
    "hours": "hours hour duration chair",
    "pounds": "pounds lbs lb",
    "kilograms": "kilograms kilos kg",
    "dates": "dates date calendar schedule ics appointments",
    "vaccine": (
        "vaccine vaccines vaccination vaccinated vaccinate jab jabs mmr measles mumps rubella chickenpox varicella"
    ),
    "adjusted": "adjusted ideal dosing-weight bmi obese overweight devine",
    "compare": "compare compared comparison versus vs",
    "share": "copay co-pay coinsurance deductible copayment insurance medicare share oop",
    "drops": "drops drop gtt",
    "per_kg": "g/kg mg/kg",
}
_WANT_OF = {word: want for want, words in WANTS.items() for word in words.split()}
_PHRASES = {
    "hours": ("how long", "how much time", "how many hours"),
    "year": ("per year", "a year", "each year", "every year", "over a year", "in a year", "12 months", "in a month"),
    "cost": ("how much would it be", "how expensive"),
    "dates": ("next infusion", "when is my next", "when are my next", "which days", "what days", "next dates"),
    "share": ("out of pocket", "my part", "i have to pay", "my share", "i pay"),
    "adjusted": ("which weight", "dosing weight"),
    "volume": ("how much fluid", "how much liquid"),
    "compare": ("one day or", "1 day or", "instead of one day"),
    "per_kg": ("per kilo", "per kg", "for my weight"),
}

# Words with which a weight or a dose asks to be worked out.
_ASKING = frozenset(
    (
        "dose",
        "dosage",
        "doses",
        "dosing",
        "calculate",
        "calc",
        "compute",
        "convert",
        "work",
        "grams",
        "gram",
        "amount",
        "sum",
        "ivig",
        "ivg",
        "igiv",
        "immunoglobulin",
        "immunoglobulins",
        "immune",
        "gamma",
        "globulin",
        "infusion",
        "infusions",
        "drip",
        "regimen",
        "course",
    )
)
_ASKING_PHRASES = (
    "how much",
    "how many",
    "what would",
    "what is",
    "what's",
    "whats",
    "what does",
    "what do",
    "work out",
    "work it out",
    "how long",
    "figure out",
    "tell me",
    "can you",
    "in grams",
    "for someone",
    "for somebody",
    "for a person",
    "for me",
)
_STATING = (
    "prescribed",
    "i get",
    "i got",
    "i have",
    "i'm on",
    "im on",
    "i am on",
    "my dose",
    "they gave",
    "they give",
    "gave me",
    "gives me",
    "doctor said",
    "doctor says",
    "neurologist said",
    "neurologist says",
    "i receive",
    "i'm getting",
    "i was told",
    "put me on",
    "told me",
    "wants me",
    "ordered",
    "wrote",
)

# What makes a mass something other than a body weight.
_NOT_A_WEIGHT = frozenset(
    (
        "gain",
        "gained",
        "gaining",
        "lose",
        "lost",
        "losing",
        "loss",
        "lift",
        "lifting",
        "lifted",
        "carry",
        "carrying",
        "dropped",
        "heavier",
        "lighter",
        "extra",
        "another",
        "bag",
        "suitcase",
        "luggage",
        "dumbbell",
        "weights",
        "dog",
        "cat",
        "baggage",
        "heavy",
        "boxes",
        "box",
        "shed",
        "put",
    )
)
# Another medicine or food: its grams and its weight are not ours.
_ELSEWHERE = frozenset(
    (
        "paracetamol",
        "acetaminophen",
        "tylenol",
        "ibuprofen",
        "advil",
        "aspirin",
        "naproxen",
        "prednisone",
        "prednisolone",
        "methylprednisolone",
        "solumedrol",
        "medrol",
        "steroid",
        "steroids",
        "dexamethasone",
        "ocrelizumab",
        "ocrevus",
        "rituximab",
        "tysabri",
        "natalizumab",
        "kesimpta",
        "ofatumumab",
        "copaxone",
        "gilenya",
        "tecfidera",
        "aubagio",
        "mavenclad",
        "lemtrada",
        "baclofen",
        "gabapentin",
        "pregabalin",
        "ampyra",
        "fampridine",
        "vitamin",
        "vitamins",
        "benadryl",
        "diphenhydramine",
        "cetirizine",
        "hizentra",
        "cuvitru",
        "hyqvia",
        "scig",
        "albumin",
        "heparin",
        "biotin",
        "protein",
        "sugar",
        "salt",
        "fibre",
        "fiber",
        "carbs",
        "fat",
        "caffeine",
        "alcohol",
        "water",
        "magnesium",
        "sodium",
        "amoxicillin",
        "antibiotic",
        "antibiotics",
        "cladribine",
        "interferon",
        "cyclophosphamide",
        "mitoxantrone",
        "plasma",
        "plex",
        "methotrexate",
        "azathioprine",
        "cannabis",
        "cbd",
        "melatonin",
        "modafinil",
        "amantadine",
    )
)
# A question about a dose, not a sum with it.
_JUDGING = re.compile(
    r"\b(?:a lot|too much|too little|too high|too low|safe|normal|dangerous|enough|better|worse|best|usual|effective"
    r"|work(?:s|ed)? (?:for|in|as|better|well)|does (?:it|that|ivig) work|trial|trials|study|studies|proven|evidence"
    r"|why|high dose|low dose|side effects?|headaches?|recommended|should i|ok|okay|harm(?:ful)?|risk(?:s|y)?|standard"
    r"|typical|what (?:does|do)\b.{1,40}\bmean"
    r"|times (?:the|my) (?:dose|amount)|(?:wrong|double|twice the) (?:dose|bag|amount|rate)|mistake|accident(?:al)?ly"
    r"|overdose|approved|licen[cs]ed|rash|tired|fatigue|symptoms?|reaction|fever|nausea|relapses?|how is|how are"
    r"|how's the|how do (?:they|doctors|nurses|clinics))\b"
)
_YES_OR_NO = re.compile(
    r"^(?:so |and |but )?(?:is|are|was|were|does|do|did|it is|it's|its|isn't|has|have)\b"
    r"|\bright\?"
)
_READ_SOMEWHERE = re.compile(
    r"\b(?:article|web ?site|web ?page|online|magazine|newspaper|internet|forum|googled?|facebook)\b"
)
_ASKS_WHAT_HOLDS = re.compile(
    r"\b(?:i (?:have |'ve )?(?:read|heard|saw|seen)|differences?|differ|come from|came from|came up with|who says"
    r"|which (?:one )?(?:is right|is it|applies|holds|should)|what(?:'s| is) right|should get)\b"
)
_LIVE = re.compile(r"\b(?:live|mmr|measles|mumps|rubella|chicken ?pox|varicella)\b")
_DATES = re.compile(
    r"\b(?:dates of|dates for|calendar|(?:which|what) (?:days|dates)|when (?:is|are|will be) (?:my|the) next)\b"
)
_MOVED = re.compile(r"\b(?:change|move|skip|miss(?:ed)?|delay(?:ed)?|late|early|postpone|stretch|safe|should|can i)\b")
_DENIED_LIVE = re.compile(r"\b(?:non-?|not |in)live\b")
_NOT_LIVE = re.compile(
    r"\b(?:flu|influenza|covid|corona|shingrix|shingles|pneumo\w*|pneumonia|prevnar|tetanus|diphtheria|whooping|"
    r"hepatitis|hpv|rsv|meningitis|rabies|polio|inactivated|non-live|not live)\b"
)
_AGES = re.compile(r"\b(?:years?|yrs?)[- ](?:old|of age)\b")
_PAST = re.compile(r"\b(?:was|were|used to|before|ago|until|back then|had been)\b")
_HOW_LONG_AGAIN = re.compile(
    r"^(?:and |so |then )?how (?:long|many hours) (?:would|will|does|do|is|might) "
    r"(?:it|that|this|one|(?:the|an?|each|one) infusion)(?: take| run)?\W*$"
)
_MS_GRAM_WORDS = re.compile(
    r"\b(?:ivig|ivg|immunoglobulin|immune globulin|infusions?|drip|bottles?|vials?|dose|doses|courses?)\b"
)
_FOLLOWING = re.compile(
    r"^(?:and|what about|how about|what if|but|also|ok|okay|now|then|instead|same|or|with|at|for|over|in|so|yes|no)\b"
    r"|\b(?:instead|same|too|as well|rather)\b"
)
_EVERY_SO_OFTEN = re.compile(r"q\d+[dwmy]?")
_WORD = re.compile(r"[a-z0-9]+(?:[-/'][a-z0-9]+)*")
_SMALL = frozenset(
    (
        "a",
        "an",
        "the",
        "i",
        "am",
        "i'm",
        "im",
        "is",
        "my",
        "me",
        "at",
        "about",
        "around",
        "of",
        "for",
        "and",
        "with",
        "in",
        "it",
        "person",
        "someone",
        "somebody",
        "weigh",
        "weighs",
        "weight",
        "weighing",
        "approx",
        "roughly",
        "please",
        "pls",
        "hi",
        "hello",
        "kg",
        "lb",
        "lbs",
        "to",
        "on",
        "be",
        "would",
        "that",
        "this",
        "then",
        "what",
        "what's",
        "so",
        "per",
        "day",
        "days",
        "every",
        "over",
        "each",
        "x",
        "g",
        "mg",
        "gram",
        "grams",
        "week",
        "weeks",
        "month",
        "monthly",
        "man",
        "woman",
        "patient",
        "adult",
        "he",
        "she",
        "his",
        "her",
        "ok",
        "how",
        "much",
        "many",
        "are",
        "do",
        "does",
        "or",
        "by",
        "if",
        "was",
        "were",
        "you",
        "can",
        "use",
        "using",
        "take",
        "let's",
        "lets",
        "say",
        "now",
        "just",
        "sorry",
        "mean",
        "meant",
        "i'd",
        "female",
        "male",
        "year",
        "years",
        "old",
        "pounds",
        "kilos",
        "kilo",
        "stone",
        "it's",
        "its",
        "there",
        "but",
        "also",
        "instead",
        "from",
        "starting",
    )
)


def words_of(text: str) -> list[str]:
    """The words of a text in its normal form."""
    return _WORD.findall(text)


def wants_of(text: str) -> tuple[str, ...]:
    """What the message wants to see, each once."""
    text = _AGES.sub(" ", text)
    found = [_WANT_OF[word] for word in words_of(text) if word in _WANT_OF]
    found += [want for want, phrases in _PHRASES.items() if any(phrase in text for phrase in phrases)]
    return tuple(dict.fromkeys(found))


def asks(text: str) -> bool:
    """Whether the message asks for something to be worked out, or states what was prescribed."""
    return any(word in _ASKING for word in words_of(text)) or _has(text, _ASKING_PHRASES) or _has(text, _STATING)


def states_a_dose(text: str) -> bool:
    """Whether the message says that a dose was prescribed or given."""
    return _has(text, _STATING)


def _has(text: str, phrases: Iterable[str]) -> bool:
    return any(phrase in text for phrase in phrases)


def judges(text: str) -> bool:
    """Whether the message asks for an opinion or an explanation, not for a sum."""
    return _JUDGING.search(text) is not None


def asks_about_a_dose(text: str) -> bool:
    """
    Whether the message asks if something is so: "is the dose 1 g per kilo?".

    What was read somewhere is asked about even beside what a doctor prescribed.
    """
    if _READ_SOMEWHERE.search(text):
        return True
    return not states_a_dose(text) and any(asked.search(text) for asked in (_YES_OR_NO, _ASKS_WHAT_HOLDS))


def is_elsewhere(text: str) -> bool:
    """Whether the message is about another medicine, food or drink."""
    return any(word in _ELSEWHERE for word in words_of(text))


def speaks_of_ivig(text: str) -> bool:
    """Whether the message names IVIG, a dose, bottles or an infusion."""
    return _MS_GRAM_WORDS.search(text) is not None


def is_not_a_weight(before: str, after: str) -> bool:
    """Whether the words around a mass say that it is no body weight."""
    near = words_of(before)[-4:] + words_of(after)[:3]
    return any(word in _NOT_A_WEIGHT for word in near)


def follows_on(text: str) -> bool:
    """Whether the message goes on from the last sum: "and in pounds?", "what about Privigen?"."""
    return _FOLLOWING.search(text) is not None


def other_words(text: str) -> int:
    """How many words say something besides numbers, units and small words."""
    return sum(1 for word in words_of(text) if not (_is_number(word) or word in _SMALL or word in _WANT_OF))


def _is_number(word: str) -> bool:
    in_words = all(part in NUMBER_WORDS for part in word.split("-"))
    return word[0].isdigit() or in_words or _EVERY_SO_OFTEN.fullmatch(word) is not None


def is_past(text: str) -> bool:
    """Whether the message tells of an earlier time: "I was 154 pounds before"."""
    return _PAST.search(text) is not None


def names_no_live_vaccine(text: str) -> bool:
    """Whether the only vaccines a message names are not live: no wait after IVIG is worked out for them."""
    return _NOT_LIVE.search(text) is not None and _LIVE.search(_DENIED_LIVE.sub("", text)) is None


def asks_for_dates(text: str) -> bool:
    """Whether a message asks for the days of its infusions, not whether or how they can be moved."""
    return _DATES.search(text) is not None and _MOVED.search(text) is None


def asks_again_how_long(text: str) -> bool:
    """Whether the message asks for the hours of the sum before: "how long would it take?"."""
    return _HOW_LONG_AGAIN.search(text) is not None
