"""SPF records as text: their grammar (RFC 7208, section 12) and how to add an include to one."""

import ipaddress
import re
from dataclasses import dataclass

_VERSION = re.compile(r"v=spf1(?= |\Z)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_MECHANISM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9]*)(?::([^/]*|.*))?((?:/[0-9/]+)?)", re.DOTALL)
_DUAL_LENGTH = re.compile(r"(/\d{1,3})?(//\d{1,3})?")
# Visible ASCII; a macro is a percent sign with braces, or an escaped one (section 7).
_MACRO_STRING = re.compile(r"(?:%\{[slodiphcrtvSLODIPHCRTV]\d*[rR]?[-.+,/_=]*\}|%[%_-]|[!-$&-~])*")
_WITH_DOMAIN = {"include", "exists"}
_MAY_HAVE_DOMAIN = {"a", "mx", "ptr"}
_QUOTED_LENGTH = 80
_ASKING = _WITH_DOMAIN | _MAY_HAVE_DOMAIN


class Malformed(Exception):
    """The text isn't an SPF record by the grammar; receivers give a permanent error for it."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A mechanism with its qualifier."""

    qualifier: str
    """One of `+ - ~ ?`; `+` when none is written."""
    mechanism: str
    """In lower case."""
    domain: str | None
    text: str
    """As it stands in the record."""

    @property
    def asks(self) -> bool:
        """Whether it counts as a DNS lookup (section 4.6.4)."""
        return self.mechanism in _ASKING

    @property
    def has_macro(self) -> bool:
        """Whether its domain depends on the message."""
        return "%" in (self.domain or "")


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record that keeps the grammar."""

    directives: tuple[Directive, ...]
    redirect: str | None = None

    @property
    def reachable(self) -> tuple[Directive, ...]:
        """The directives up to the first `all`, which matches everything (section 5.1)."""
        for index, directive in enumerate(self.directives):
            if directive.mechanism == "all":
                return self.directives[: index + 1]
        return self.directives


def is_spf(text: str) -> bool:
    """Tell whether a TXT value is an SPF record, well-formed or not (section 4.5)."""
    return _VERSION.match(text) is not None


def parse_spf(text: str) -> SpfRecord:
    """Read a record.

    Raises:
        Malformed: a term isn't in the grammar; the message quotes it.
    """
    directives: list[Directive] = []
    modifiers: dict[str, str] = {}
    for term in text.split(" ")[1:]:
        if not term:
            continue
        modifier = _MODIFIER.fullmatch(term)
        if modifier:
            name = modifier[1].lower()
            if not _MACRO_STRING.fullmatch(modifier[2]) or (name in {"redirect", "exp"} and not modifier[2]):
                raise _invalid(term)
            if name in {"redirect", "exp"} and name in modifiers:
                raise Malformed(f"{name}= stands there twice")
            modifiers[name] = modifier[2]
        else:
            directives.append(_directive(term))
    return SpfRecord(tuple(directives), modifiers.get("redirect"))


def with_include(text: str, domain: str) -> str:
    """The record with `include:DOMAIN` in front of what ends it: `all` or `redirect=`."""
    terms = text.split()
    place = next(
        (
            index
            for index, term in enumerate(terms)
            if term.lower().lstrip("+-~?") == "all" or term.lower().startswith("redirect=")
        ),
        len(terms),
    )
    return " ".join([*terms[:place], f"include:{domain}", *terms[place:]])


def _invalid(term: str) -> Malformed:
    return Malformed(f"the term {term[:_QUOTED_LENGTH]!r} isn't valid")


def _directive(term: str) -> Directive:
    parts = _MECHANISM.fullmatch(term)
    if parts is None:
        raise _invalid(term)
    qualifier, mechanism, domain, length = parts[1] or "+", parts[2].lower(), parts[3], parts[4]
    if mechanism in {"ip4", "ip6"}:
        network = f"{domain or ''}{length}"
        try:
            valid = ipaddress.ip_network(network, strict=False).version == int(mechanism[-1])
        except ValueError:
            valid = False
    elif mechanism == "all":
        valid = domain is None and not length
    elif mechanism in _WITH_DOMAIN:
        valid = bool(domain) and not length
    elif mechanism in _MAY_HAVE_DOMAIN:
        valid = (
            domain != "" and (mechanism != "ptr" or not length) and _DUAL_LENGTH.fullmatch(length) is not None
        )
    else:
        raise _invalid(term)
    if not valid or not _MACRO_STRING.fullmatch(domain or ""):
        raise _invalid(term)
    return Directive(qualifier, mechanism, domain, term)
