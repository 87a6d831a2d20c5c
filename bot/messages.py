"""
Which fixed sentences does the bot have: a closed set, worded in knowledge/messages.yaml.

May not know when they are said. A missing or an extra wording is a fault; `{name}` stands for a value put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import Noun, Text

_VALUE = re.compile(r"\{(\w*)\}")


class Messages(Noun):
    """Every fixed wording by its name; several wordings of one thing are said in turn."""

    purpose: Text
    greeting: Text
    greeting_hint: Text
    help: tuple[Text, ...]
    menu: Text
    chapter: Text
    topics: Text
    sources: Text
    sources_of: Text
    about: tuple[Text, ...]
    privacy: tuple[Text, ...]
    clarify: tuple[Text, ...]
    not_understood: tuple[Text, ...]
    people_to_ask: Text
    partly_understood: Text
    empty: Text
    too_long: Text
    old_button: Text
    button_gone: Text
    unknown_command: Text
    cancelled: Text
    nothing_to_cancel: Text
    more_heading: Text
    unknown_heading: Text
    do_heading: Text
    ask_heading: Text
    region_heading: Text
    sources_heading: Text
    ask_intro: Text
    contested: Text
    checked: Text
    not_reviewed: Text
    reviewed: Text
    overdue: Text
    footer: Text
    thanks_good: Text
    thanks_bad: Text
    bad_reason_heading: Text
    country_question: Text
    country_set: Text
    when_safe: Text
    resume_nothing: Text
    follow_up_lost: Text
    private_only: Text
    failure: Text
    not_text: Text
    edited: Text
    late: Text
    too_many: Text
    interrupted: Text
    low_energy_on: Text
    low_energy_off: Text
    share_text: Text
    inline_private_title: Text
    inline_private_description: Text
    inline_private_text: Text
    inline_nothing_title: Text
    inline_nothing_description: Text
    evidence_caption: Text
    changed_since: Text
    unchanged_since: Text
    button_more: Text
    button_sources: Text
    button_ask: Text
    button_share: Text
    button_good: Text
    button_bad: Text
    button_menu: Text
    button_topics: Text
    button_dose: Text
    button_back: Text
    button_country: Text
    button_resume: Text
    button_none_of_these: Text
    button_private: Text
    button_picture: Text
    group_greeting: Text
    group_ask_hint: Text
    group_answered_before: Text
    group_quiet: Text
    group_settings: Text
    group_not_admin: Text
    group_saved: Text
    group_read_on: Text
    not_your_button: Text
    settings_private: Text
    settings_value_none: Text
    settings_on: Text
    settings_off: Text
    my_data: Text
    deleted: Text
    language_question: Text
    language_set: Text
    poster_title: Text
    poster_footer: Text
    poster_caption: Text
    poster_lines: tuple[Text, ...]
    inline_code: Text
    cards_removed: Text
    button_first_answer: Text
    button_read_on: Text
    button_language: Text
    button_low_energy: Text
    button_delete: Text
    button_cards: Text
    button_quiet: Text
    button_earlier: Text
    button_later: Text
    setting_country: Text
    setting_language: Text
    setting_low_energy: Text
    setting_quiet: Text
    setting_clock: Text
    setting_cards: Text
    group_in_private: Text
    group_poster: Text


class GroupNotices(Noun):
    """What is said about a group itself, in one language; the names are those of `Messages`."""

    group_greeting: Text
    group_ask_hint: Text
    group_answered_before: Text
    group_quiet: Text
    group_settings: Text
    group_not_admin: Text
    group_saved: Text
    group_read_on: Text
    group_in_private: Text
    group_poster: Text
    private_only: Text
    not_your_button: Text
    button_gone: Text
    button_private: Text
    button_first_answer: Text
    button_read_on: Text
    button_language: Text
    button_cards: Text
    button_quiet: Text
    button_earlier: Text
    button_later: Text
    language_question: Text
    setting_language: Text
    setting_quiet: Text
    setting_clock: Text
    setting_cards: Text
    settings_value_none: Text
    settings_on: Text
    settings_off: Text


class Notices(Noun):
    """The notices of a group in the languages its admins can choose, worded in knowledge/notices.yaml."""

    es: GroupNotices
    fr: GroupNotices
    de: GroupNotices
    pt: GroupNotices
    it: GroupNotices
    nl: GroupNotices
    pl: GroupNotices
    ar: GroupNotices
    hi: GroupNotices
    zh: GroupNotices

    def over(self, messages: Messages) -> dict[str, Messages]:
        """The messages by language, each with the notices of that language in place of the English ones."""
        return {
            language: messages.model_copy(update=dict(getattr(self, language)))
            for language in type(self).model_fields
        }

    def unlike(self, messages: Messages) -> Iterator[tuple[tuple[str, str], str]]:
        """Where a notice does not hold the same values as the English one, with what is wrong."""
        for language in type(self).model_fields:
            for name, text in getattr(self, language):
                wanted, given = (sorted(_VALUE.findall(one)) for one in (getattr(messages, name), text))
                if wanted != given:
                    names = ", ".join(f"{{{one}}}" for one in wanted) or "none"
                    yield (language, name), f"the values put in must be those of messages.yaml: {names}"
