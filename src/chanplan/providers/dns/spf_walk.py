"""Whether an SPF record lets a sender's include pass, evaluated as receivers do (RFC 7208, section 4.6)."""

from dataclasses import dataclass, field

from dns.exception import DNSException
from dns.name import Name

from chanplan.providers.dns.answers import (
    Answers,
    Found,
    NoData,
    NoName,
    Unanswered,
    follow_mx,
    follow_txt,
    named,
    shown,
)
from chanplan.providers.dns.spf_record import Directive, Malformed, SpfRecord, is_spf, parse_spf

LOOKUP_LIMIT = 10
"""Terms that ask the DNS, over the record and all that it includes (section 4.6.4)."""
VOID_LIMIT = 2
"""Lookups that find nothing (section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class Passes:
    """The include is reached, and its mail passes."""

    path: tuple[str, ...]
    """The terms that lead to it, the include itself last."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The include is reached, but under a qualifier that doesn't pass."""

    term: str


@dataclass(frozen=True, slots=True)
class NotReached:
    """Nothing in the record leads to the include."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Receivers give up on the record with a permanent error."""

    reason: str
    """Why; goes on a sentence."""


Result = Passes | Denied | NotReached | Broken | Unanswered


@dataclass(slots=True)
class SpfWalk:
    """One evaluation; it counts lookups over all records that it comes through.

    Lookups of addresses (`a`, `exists`, `ptr`) are counted and not made, so their void ones aren't known.
    """

    answers: Answers
    wanted: Name
    """The domain whose include must pass."""
    _lookups: int = field(default=0, init=False)
    _voids: int = field(default=0, init=False)

    def evaluate(self, record: SpfRecord, at: Name) -> Result:
        """Go through the terms of the record at a name, in order, until one decides on the wanted mail."""
        for directive in record.reachable:
            if directive.mechanism == "all":
                return NotReached()
            if not directive.asks:
                continue
            result = self._ask(directive, at)
            if not isinstance(result, NotReached):
                return result
        if record.redirect is None:
            return NotReached()
        term = f"redirect={record.redirect}"
        return self._enter(term, record.redirect)

    def _ask(self, directive: Directive, at: Name) -> Result:
        if directive.mechanism == "include":
            if directive.domain is not None and not directive.has_macro and self._is_wanted(directive.domain):
                if (broken := self._count()) is not None:
                    return broken
                return Passes((directive.text,)) if directive.qualifier == "+" else Denied(directive.text)
            result = self._enter(directive.text, directive.domain or "")
            if isinstance(result, Passes) and directive.qualifier != "+":
                return Denied(directive.text)
            # An included record that denies only fails to match: the walk goes on behind it (section 5.2).
            return NotReached() if isinstance(result, Denied) else result
        if (broken := self._count()) is not None:
            return broken
        if directive.mechanism == "mx" and not directive.has_macro:
            return self._ask_mx(directive, at)
        return NotReached()

    def _ask_mx(self, directive: Directive, at: Name) -> Result:
        target = at if directive.domain is None else _name(directive.domain)
        if target is None:
            return Broken(f"{directive.text} names no domain")
        answer = follow_mx(self.answers, target).answer
        if isinstance(answer, Unanswered):
            return answer
        if not isinstance(answer, Found) and (broken := self._count_void(directive.text)) is not None:
            return broken
        return NotReached()

    def _enter(self, term: str, domain: str) -> Result:
        if (broken := self._count()) is not None:
            return broken
        if "%" in domain:
            # A macro stands for a part of the message: nobody can say beforehand where it leads.
            return NotReached()
        name = _name(domain)
        if name is None:
            return Broken(f"{term} names no domain")
        answer = follow_txt(self.answers, name).answer
        match answer:
            case Unanswered():
                return answer
            case NoName() | NoData():
                return self._count_void(term) or Broken(
                    f"{term} leads to {shown(name)}, which has no SPF record"
                )
            case Found(values):
                return self._enter_texts(term, name, [value.decode("latin-1") for value in values])

    def _enter_texts(self, term: str, name: Name, values: list[str]) -> Result:
        texts = [text for text in values if is_spf(text)]
        if len(texts) != 1:
            many = "no" if not texts else f"{len(texts)}"
            return Broken(f"{term} leads to {shown(name)}, which has {many} SPF record{'s' if texts else ''}")
        try:
            record = parse_spf(texts[0])
        except Malformed as error:
            return Broken(f"{term} leads to {shown(name)}, where {error}")
        result = self.evaluate(record, name)
        return Passes((term, *result.path)) if isinstance(result, Passes) else result

    def _count(self) -> Broken | None:
        self._lookups += 1
        if self._lookups > LOOKUP_LIMIT:
            return Broken(f"it takes more than {LOOKUP_LIMIT} DNS lookups")
        return None

    def _count_void(self, term: str) -> Broken | None:
        self._voids += 1
        if self._voids > VOID_LIMIT:
            return Broken(f"more than {VOID_LIMIT} of its lookups find nothing, the last of {term}")
        return None

    def _is_wanted(self, domain: str) -> bool:
        return _name(domain) == self.wanted


def _name(domain: str) -> Name | None:
    try:
        return named(domain)
    except (DNSException, ValueError):
        return None
