"""From a complaint of pydantic to a problem that a person can act on: what is there, what belongs there."""

from dataclasses import dataclass

from pydantic_core import ErrorDetails

from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.config.reading import either, quoted
from chanplan.config.shapes import Choice, Named, Record, Shape, Tagged
from chanplan.config.spots import Spot
from chanplan.config.suggestions import Suggestions
from chanplan.model.addresses import Address
from chanplan.model.errors import DETAIL_LIMIT
from chanplan.model.problems import Problem, Severity, Source

_YAML_1_1_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})
_TOO_LONG = frozenset({"string_too_long", "too_long"})
_TOO_SHORT = frozenset({"string_too_short", "too_short"})
_RANGES = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_HOW = {
    "a list": "Begin each item with `- `, or put them all into brackets.",
    "a mapping": "Write its keys below it, or put them into braces.",
}
_REMEDIES = {
    "account_sid": "Write `mode: existing` together with a sid, or neither",
    "receiving_action": "Write each action as a list item of its own",
    "secret_in_configuration": "Leave them out; if this file was ever committed or shared, change them",
}
"""What to do about our own checks of whole mappings, and where the form would mislead."""
_SETUPS = {"ses_setup": "twilio_setup", "twilio_setup": "ses_setup"}


@dataclass(frozen=True, slots=True)
class Owner:
    """What a decoded node belongs to, for messages."""

    title: str
    """`use_case.receipts`, or `safety`."""
    key: Scalar | None
    """The key that holds it."""
    suggestions: Suggestions
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """What a message says, before it gets its place."""

    code: str
    message: str
    remedy: str
    at: Node


def problem_of(details: ErrorDetails, spot: Spot, owner: Owner, file: str, resolved: str | None) -> Problem:
    """Tell one complaint. `resolved` is what the node's `${env:…}` became: it is never quoted."""
    words = _words(details, spot, owner, resolved)
    source = Source(file, words.at.line, words.at.column)
    return Problem(words.code, words.message, words.remedy, Severity.ERROR, source, owner.address)


def _words(details: ErrorDetails, spot: Spot, owner: Owner, resolved: str | None) -> _Words:
    kind, context = details["type"], details.get("ctx", {})
    label = _label(spot.path, owner)
    if kind == "missing":
        return _missing(spot, owner, str(spot.path[-1]), spot.shape)
    if kind == "extra_forbidden":
        return _unknown(spot, owner)
    if kind == "union_tag_not_found" and isinstance(spot.shape, Tagged):
        return _missing(spot, owner, spot.shape.tag, Choice({}, tuple(spot.shape.records)))
    if kind == "union_tag_invalid" and isinstance(spot.shape, Tagged) and isinstance(spot.node, MapNode):
        tag = spot.node.values[spot.shape.tag]
        return _not_allowed(
            _label((*spot.path, spot.shape.tag), owner), tag, tuple(spot.shape.records), owner
        )
    if kind == "literal_error":
        allowed = spot.shape.words if isinstance(spot.shape, Choice) else (str(context.get("expected")),)
        return _not_allowed(label, spot.node, allowed, owner)
    if kind.endswith("_type"):
        return _wrong_type(label, spot)
    if kind == "string_pattern_mismatch":
        return _pattern(details["loc"][-1:] == ("[key]",), label, spot, str(context["pattern"]))
    if kind in _TOO_LONG | _TOO_SHORT:
        return _length(kind, label, spot, int(context.get("max_length", context.get("min_length", 0))))
    if kind in _RANGES:
        name, bound = _RANGES[kind]
        return _Words(
            "out_of_range",
            f"{label} {_holds(spot.node)}, and {bound} {context[name]:.12g} is allowed.",
            f"Write a number of {bound} {context[name]:.12g}.",
            spot.node,
        )
    if kind == "int_parsing_size":
        return _Words(
            "out_of_range",
            f"{label} has more digits than any number may.",
            "Write a smaller number.",
            spot.node,
        )
    message = details["msg"]
    if resolved is not None and isinstance(spot.node, Scalar):
        message = message.replace(f"'{resolved}'", quoted(spot.node.text))
    remedy = _REMEDIES.get(kind) or spot.shape.form or spot.shape.description
    return _Words(
        kind,
        f"{label}: {message[:DETAIL_LIMIT]}.",
        _sentence(remedy),
        spot.node if isinstance(spot.node, Scalar) else spot.begin,
    )


def _missing(spot: Spot, owner: Owner, key: str, shape: Shape) -> _Words:
    lacks = _label(spot.path[:-1] if spot.path[-1:] == (key,) else spot.path, owner)
    described = shape.description or (
        f"one of {either(shape.words)}" if isinstance(shape, Choice) and shape.words else shape.expected
    )
    return _Words(
        "missing_key", f"{lacks} needs {key}.", f"Add `{key}:` ({described.rstrip('.')}).", spot.begin
    )


def _unknown(spot: Spot, owner: Owner) -> _Words:
    key = str(spot.path[-1])
    lacks = _label(spot.path[:-1], owner)
    known = tuple(spot.around.fields) if isinstance(spot.around, Record) else ()
    if key in _SETUPS and _SETUPS[key] in known:
        return _Words(
            "wrong_setup_kind",
            f"{lacks} names a {key}, and its channel goes through a {_SETUPS[key]}.",
            f"Name a {_SETUPS[key]} instead, or choose another channel.",
            spot.begin,
        )
    remedy = owner.suggestions.sentence(key, known) or (f"It may have {', '.join(known)}." if known else "")
    return _Words("unknown_key", f"{lacks} has no key {quoted(key)}.", remedy, spot.begin)


def _not_allowed(label: str, node: Node, allowed: tuple[str, ...], owner: Owner) -> _Words:
    word = node.text if isinstance(node, Scalar) else ""
    remedy = owner.suggestions.sentence(word, allowed) or f"Write {either(allowed)}."
    return _Words(
        "not_allowed", f"{label} {_holds(node)}, and only {either(allowed)} may stand there.", remedy, node
    )


def _wrong_type(label: str, spot: Spot) -> _Words:
    node, expected = spot.node, spot.shape.expected
    remedy = _HOW.get(expected, f"Write {expected} there.")
    if isinstance(node, Scalar):
        if node.is_null:
            remedy = f"Write {expected} after the colon, or remove the key."
            if node.text not in {"", "~"} and expected == "text":
                remedy = "Put the word into quotes if it is meant as text, or remove the key."
        elif not node.plain and expected != "text" and expected not in _HOW:
            remedy = "Remove the quotes: they make it text."
        elif expected == "true or false" and node.text.lower() in _YAML_1_1_BOOLEANS:
            remedy = "Write true or false; yes, no, on and off are text here."
    at = node if isinstance(node, Scalar) and not node.is_null else spot.begin
    found = _holds(node)
    if isinstance(node, Scalar) and not node.plain:
        found = f"is the quoted text {quoted(node.text)}"
    return _Words("wrong_type", f"{label} {found}, and {expected} belongs there.", remedy, at)


def _pattern(is_name: bool, label: str, spot: Spot, pattern: str) -> _Words:
    named = spot.around if isinstance(spot.around, Named) else None
    form = (named.name_form if is_name and named is not None else spot.shape.form) or f"It matches {pattern}"
    what = f"The name {quoted(str(spot.path[-1]))}" if is_name else f"{label} {_holds(spot.node)}, which"
    return _Words("pattern_mismatch", f"{what} isn't of the right form.", _sentence(form), spot.node)


def _length(kind: str, label: str, spot: Spot, bound: int) -> _Words:
    counted = "items" if isinstance(spot.node, ListNode) else "characters"
    has = "another number of"
    if isinstance(spot.node, ListNode):
        has = str(len(spot.node.items))
    elif isinstance(spot.node, Scalar) and "${env:" not in spot.node.text:
        has = str(len(spot.node.text))
    code, most = ("too_long", "at most") if kind in _TOO_LONG else ("too_short", "at least")
    return _Words(
        code,
        f"{label} has {has} {counted}, and it takes {most} {bound}.",
        f"Write {most} {bound} {counted if bound != 1 else counted[:-1]}.",
        spot.begin,
    )


def _holds(node: Node) -> str:
    if isinstance(node, MapNode):
        return "is a mapping"
    if isinstance(node, ListNode):
        return "is a list"
    if node.is_null:
        return "is empty" if node.text in {"", "~"} else f"is {node.text}, which means nothing in YAML"
    return f"is {quoted(node.text)}"


def _label(path: tuple[str | int, ...], owner: Owner) -> str:
    """Name a place: `voice.url of use_case.line` in a resource, `providers.ses.eu` in a setting."""
    inner = ""
    for part in path:
        inner += f"[{part}]" if isinstance(part, int) else f".{part}" if inner else part
    if not inner:
        return owner.title
    if owner.address is not None:
        return f"{inner} of {owner.title}"
    return f"{owner.title}{inner}" if inner.startswith("[") else f"{owner.title}.{inner}"


def _sentence(text: str) -> str:
    return f"{text}." if text and not text.endswith(".") else text
