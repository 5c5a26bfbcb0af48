"""Where calls go, as the configuration says it and as an Application holds it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from chanplan.model.values import Attributes, Value
from chanplan.providers.twilio.objects import Application

DEFAULT_METHOD = "POST"
"""Twilio's own, and that of the configuration."""

_URLS = {
    "url": ("voice_url", "method", "voice_method"),
    "fallback_url": ("voice_fallback_url", "fallback_method", "voice_fallback_method"),
    "status_callback": ("status_callback", "status_callback_method", "status_callback_method"),
}
"""For each URL of `voice:` the parameter of an Application, and both again for its method."""


def line_name(attributes: Attributes) -> str:
    """Give the FriendlyName of a use case's Application: at most 63 of 64 characters, and `/` is in neither part."""
    return f"{attributes['entity_name']}/{attributes['name']}"


def settings_of(attributes: Attributes) -> dict[str, str | bool]:
    """Give everything that an Application is told, by parameter; an empty text means none."""
    voice = _voice(attributes)
    settings: dict[str, str | bool] = {"friendly_name": line_name(attributes)}
    for name, (url, method_name, method) in _URLS.items():
        settings[url] = _text(voice, name) or ""
        settings[method] = _text(voice, method_name) or DEFAULT_METHOD
    settings["voice_caller_id_lookup"] = voice.get("caller_id_lookup") is True
    return settings


def settings_to_create(attributes: Attributes) -> dict[str, str | bool]:
    """Give what a new Application is told: what it has none of isn't mentioned."""
    return {name: value for name, value in settings_of(attributes).items() if value != ""}


def settings_to_change(attributes: Attributes, live: Application) -> dict[str, str | bool]:
    """Give what an Application must be told to become as declared; nothing where it is."""
    now = settings_of({**attributes, **attributes_of(live, attributes)})
    return {name: value for name, value in settings_of(attributes).items() if now[name] != value}


def attributes_of(live: Application, declared: Attributes) -> dict[str, Value]:
    """Give an Application as attributes, in the declared spelling where it means the same."""
    entity, _, name = live.name.partition("/")
    wished, voice = _voice(declared), dict[str, Value]()
    for url_name, (url, method_name, method) in _URLS.items():
        there, wanted = getattr(live, url), _text(wished, url_name)
        voice[url_name] = wanted if _same_url(there, wanted) else there
        told = getattr(live, method) or DEFAULT_METHOD
        # The method of a URL that isn't set means nothing, whatever it is.
        voice[method_name] = (_text(wished, method_name) or told) if there is wanted is None else told
    voice["caller_id_lookup"] = live.voice_caller_id_lookup
    return {"entity_name": entity, "name": name, "voice": voice}


def _voice(attributes: Attributes) -> Mapping[str, Value]:
    voice = attributes.get("voice")
    return voice if isinstance(voice, Mapping) else {}


def _text(voice: Mapping[str, Value], name: str) -> str | None:
    value = voice.get(name)
    return value if isinstance(value, str) and value else None


def _same_url(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or _folded(one) == _folded(other)


def _folded(url: str) -> object:
    """Give a URL so that two spellings of one address are equal (RFC 3986, 6.2.2 and 6.2.3)."""
    try:
        parts = urlsplit(url)
        login, at, place = parts.netloc.rpartition("@")
    except ValueError:
        return url
    return (parts.scheme.lower(), login, at, place.lower(), parts.path or "/", parts.query, parts.fragment)
