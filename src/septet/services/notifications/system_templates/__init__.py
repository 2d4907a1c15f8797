"""The built-in templates, in English, Polish and Arabic: what the platform itself has to say.

Each language is one JSON file: by key, the subject, the lines of the mail and the words on its button. A tenant's own
template of the same key takes precedence.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

LOCALES = ("en", "pl", "ar")
PLAIN, DIGEST = "septet.plain", "septet.digest"
"""What content without a template, and the listing of a digest, are made with."""

_CATEGORIES = {"tenancy": "account", "chat": "mentions", "payments": "billing", "logs": "alerts", "limits": "alerts"}
_CATEGORY_OF = {
    "tenancy.task_assigned": "tasks",
    "tenancy.quota_reached": "billing",
    "webhooks.endpoint_disabled": "alerts",
}
_BUTTON = '{hasLink, select, true {<p><a class="button" href="{link}">%s</a></p>} other {}}'


@cache
def definition(key: str) -> dict[str, Any] | None:
    """A built-in template in the shape of any other, None when there is none of that key."""
    return _all().get(key)


def names() -> list[str]:
    """The keys of those that people see."""
    return sorted(key for key in _all() if key not in (PLAIN, DIGEST))


@cache
def _all() -> dict[str, dict[str, Any]]:
    by_locale = {locale: _read(locale) for locale in LOCALES}
    return {
        key: {
            "key": key,
            "category": _CATEGORY_OF.get(key) or _CATEGORIES.get(key.partition(".")[0], "general"),
            "defaultLocale": "en",
            "channels": {
                "email": {locale: _mail(texts[key]) for locale, texts in by_locale.items()},
                "inApp": {locale: _short(texts[key]) for locale, texts in by_locale.items()},
                "push": {locale: _short(texts[key]) for locale, texts in by_locale.items()},
            },
        }
        for key in by_locale["en"]
    }


def _read(locale: str) -> dict[str, dict[str, Any]]:
    file = resources.files(__package__) / f"{locale}.json"
    texts: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return texts


def _mail(text: dict[str, Any]) -> dict[str, str]:
    paragraphs = "".join(f'<p class="message">{line}</p>' for line in text["lines"])
    return {"subject": text["subject"], "html": paragraphs + _BUTTON % text["action"]}


def _short(text: dict[str, Any]) -> dict[str, str]:
    return {"title": text["subject"], "body": "\n".join(text["lines"]), "link": "{link}"}
