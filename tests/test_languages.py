"""Which language a message is written in; English with slips, names or loanwords stays English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import language_of


@pytest.mark.parametrize(
    ("raw", "language"),
    [
        ("¿Es seguro el tratamiento durante el embarazo?", "es"),
        ("me duele la cabeza despues de la infusion", "es"),
        ("est-ce que c'est dangereux pour les reins", "fr"),
        ("J'ai mal à la tête depuis la perfusion", "fr"),
        ("Wie lange dauert eine Infusion?", "de"),
        ("Ich habe starke Schmerzen in der Brust", "de"),
        ("quanto tempo demora o tratamento e quanto custa", "pt"),
        ("não consigo respirar, preciso de ajuda", "pt"),
        ("ho mal di testa dopo la terapia, cosa posso fare", "it"),
        ("hoe lang duurt het infuus en is het veilig voor mij", "nl"),
        ("czy leczenie jest bezpieczne w ciąży", "pl"),
        ("هل العلاج آمن أثناء الحمل", "ar"),
        ("क्या यह इलाज सुरक्षित है", "hi"),
        ("这种治疗安全吗", "zh"),
        ("この治療は安全ですか", "other"),
        ("Безопасно ли это лечение", "other"),
        ("Jag har ont i huvudet efter behandlingen och vad kan jag göra", "other"),
        ("Tedavi benim için güvenli mi ve ne kadar", "other"),
    ],
)
def test_another_language_is_recognised(raw: str, language: str) -> None:
    assert language_of(raw) == language


@pytest.mark.parametrize(
    "raw",
    [
        "Is a headache after IVIG normal?",
        "can i take ibuprofen wth it",
        "My son Jose has MS, is the drip safe for him",
        "does the Kiovig come from a donor in Deutschland",
        "how do I say 'no' to the doctor",
        "сan I hаve IVIG", # Cyrillic look-alikes
        "is it a la carte or what",
        "the nurse said mal de debarquement, what is that",
        "I was in der Klinik yesterday, is that ok",
    ],
)  # fmt: skip
def test_english_stays_english(raw: str) -> None:
    assert language_of(raw) == "en"


@pytest.mark.parametrize("raw", ["", "12345", "ivig", "headache", "dose?", "???", "privigen gamunex", "😀"])
def test_what_is_too_short_to_tell_is_left_open(raw: str) -> None:
    assert language_of(raw) in (None, "en")


@given(st.text(max_size=300))
def test_nothing_makes_it_fail(raw: str) -> None:
    assert language_of(raw) in {None, "en", "es", "fr", "de", "pt", "it", "nl", "pl", "ar", "hi", "zh", "other"}
