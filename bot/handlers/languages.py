"""
In which languages the emergency line can be added, by the names their speakers use.

May not know what the line says.
"""

NAMES = {
    "en": "English", "es": "Español", "fr": "Français", "de": "Deutsch", "pt": "Português", "it": "Italiano",
    "nl": "Nederlands", "pl": "Polski", "ar": "العربية", "hi": "हिन्दी", "zh": "中文",
}
