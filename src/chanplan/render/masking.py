"""Secrets inside texts: passwords in URLs (people put basic authentication there for Twilio's webhooks), and keys of our API."""

import re
from collections.abc import Mapping

from chanplan.model.api_keys import PREFIX
from chanplan.model.values import Value

MASK = "***"

# The look behind keeps a long word without `://` from being tried at each of its letters.
_USERINFO = re.compile(r"(?P<scheme>(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]+://)[^\s/?#]*@")
# What was cut, or typed wrong, is most of a secret still. The id is none: by it a key is found in `api-key list`.
_KEY = re.compile(r"(?P<id>chk_[0-9A-Fa-f]{1,64})_[0-9A-Za-z]+", re.ASCII)


def masked(text: str) -> str:
    """Put `***` in place of the user and password of each URL in a text, and of the secret in each key."""
    return without_keys(_USERINFO.sub(rf"\g<scheme>{MASK}@", text))


def without_keys(text: str) -> str:
    """Put `***` in place of the secret in each key of our API."""
    return _KEY.sub(rf"\g<id>_{MASK}", text) if PREFIX in text else text


def sensitive(value: Value) -> Value:
    """Mark what is secret in a value, in the form of Terraform's `after_sensitive`: true at a secret text,
    a mapping or list of marks where one lies below, and nothing (an empty mapping, false) elsewhere."""
    if isinstance(value, str):
        return _USERINFO.search(value) is not None or _KEY.search(value) is not None
    if isinstance(value, Mapping):
        marks = {name: sensitive(item) for name, item in value.items()}
        return {name: mark for name, mark in marks.items() if mark}
    if isinstance(value, list | tuple):
        items = [sensitive(item) for item in value]
        return items if any(items) else []
    return False
