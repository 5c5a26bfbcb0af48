"""What judges see of the DNS: answers to questions, whoever asked them and however.

Names are `dns.name.Name` throughout, absolute, and compared as such: an answer may come in another case than the
question (name compression gives back `t1.dkim.amazonses.COM.`), and names differ from other texts in more than case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import dns.name
from dns.name import Name

T = TypeVar("T")

_ALIAS_LIMIT = 8
_SHOWN_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """One MX record."""

    preference: int
    host: Name

    @property
    def is_null(self) -> bool:
        """Whether it says that the name takes no mail (RFC 7505)."""
        return len(self.host) == 1

    def __str__(self) -> str:
        return f"{self.preference} {shown(self.host)}"


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Records of the type stand at the name itself."""

    values: tuple[T, ...]
    beside_alias: Name | None = None
    """The target of a CNAME that the same answer holds for the same name, which DNS forbids."""


@dataclass(frozen=True, slots=True)
class Aliased:
    """The name is a CNAME; what was asked for would stand at its target."""

    target: Name


@dataclass(frozen=True, slots=True)
class NoData:
    """The name exists (or names below it do), without a record of the type."""


@dataclass(frozen=True, slots=True)
class NoName:
    """The name doesn't exist, and nothing below it (RFC 8020)."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody gave an answer that says anything about the name."""

    reason: str
    """Who was asked and what came of it: a sentence."""


@dataclass(frozen=True, slots=True)
class Bogus(Unanswered):
    """Whoever checks DNSSEC gets no answer, though the zone's servers give one: its signatures don't hold."""


Answer = Found[T] | Aliased | NoData | NoName | Unanswered


class Answers(Protocol):
    """Answers to the questions that a judge has. They may be looked up when they are asked for."""

    @property
    def probe_label(self) -> str:
        """A label that nobody has published: what is found below it comes from a wildcard."""
        ...

    def cname(self, name: Name) -> Answer[Name]:
        """The CNAME at a name: its target, not where that leads to."""
        ...

    def mx(self, name: Name) -> Answer[Exchange]:
        """The MX records at a name, in the order of their preference."""
        ...

    def txt(self, name: Name) -> Answer[bytes]:
        """The TXT records at a name, the strings of each joined without a space (RFC 7208, 3.3)."""
        ...


@dataclass(frozen=True, slots=True)
class Followed(Generic[T]):
    """An answer, and the names that CNAMEs led through to it, the asked one first."""

    answer: Found[T] | NoData | NoName | Unanswered
    path: tuple[Name, ...]

    @property
    def is_direct(self) -> bool:
        """Whether the name itself gave the answer."""
        return len(self.path) == 1

    @property
    def via(self) -> str:
        """` (through the CNAME a → b)`, or nothing."""
        if self.is_direct:
            return ""
        return f" (through the CNAME {' → '.join(shown(name) for name in self.path)})"


def follow_mx(answers: Answers, name: Name) -> Followed[Exchange]:
    """The MX records that mail to a name uses: those at the end of its CNAMEs."""
    return _follow(answers.mx, name)


def follow_txt(answers: Answers, name: Name) -> Followed[bytes]:
    """The TXT records that a reader of a name sees: those at the end of its CNAMEs."""
    return _follow(answers.txt, name)


def _follow(ask: Callable[[Name], Answer[T]], name: Name) -> Followed[T]:
    path = [name]
    while isinstance(answer := ask(path[-1]), Aliased):
        ends = answer.target not in path and len(path) <= _ALIAS_LIMIT
        path.append(answer.target)
        if not ends:
            # A circle, or longer than readers follow: nothing stands at the end of it.
            return Followed(NoData(), tuple(path))
    return Followed(answer, tuple(path))


def named(text: str) -> Name:
    """The absolute name that a text without a final dot means."""
    return dns.name.from_text(text)


def exchange(value: str) -> Exchange:
    """The MX record that a value such as `10 mail.acme.example` means."""
    preference, host = value.split()
    return Exchange(int(preference), named(host))


def shown(name: Name) -> str:
    """A name for people: without the final dot, except the root's; bytes outside ASCII escaped."""
    return name.to_text(omit_final_dot=True)


def shown_text(value: bytes) -> str:
    """A TXT value for people: control characters and invalid UTF-8 escaped, and cut where it gets too long.

    What strangers publish ends in terminals and review comments: nothing in it may act there.
    """
    text = value.decode("utf-8", "backslashreplace")
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
