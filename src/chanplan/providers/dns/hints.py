"""What usually went wrong when a record isn't where it should be, and whether one is there by a wildcard only."""

from collections.abc import Callable
from typing import TypeVar

from dns.name import Name, NameTooLong, root

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns.answers import Answers, Followed, NoName, Unanswered, shown

T = TypeVar("T")

_ORIGINS_TRIED = 2


def unknown(record: DnsRecord, answer: Unanswered) -> RecordVerdict:
    """The verdict when nobody answered."""
    return RecordVerdict(
        record,
        Outcome.UNKNOWN,
        f"{answer.reason} So nothing can be said about this record; check again later.",
    )


def to_publish(record: DnsRecord) -> str:
    """What the owner of the domain must do, as a sentence."""
    return f"Publish {record.type} {record.name} with the value {record.value}."


def misplaced(
    record: DnsRecord, name: Name, domain: Name, answers: Answers, stands_at: Callable[[Name], bool]
) -> str | None:
    """Where a missing record was published instead, with what to do, or None when it is at none of the usual places.

    Two mistakes make up most of SES's troubleshooting page: the DNS host appended the domain to a name that held it
    already, and it dropped an underscore. `domain` is the setup's, `stands_at` tells whether our record is at a name.
    """
    for origin in _origins(domain):
        doubled_domain, doubled = _joined(domain, origin), _joined(name, origin)
        if doubled_domain is None or doubled is None:
            continue
        # Where the domain's doubled name doesn't exist, nothing below it does: one question for all of its records.
        if doubled != doubled_domain and isinstance(answers.txt(doubled_domain), NoName):
            continue
        if stands_at(doubled) and wildcard_of(doubled, answers, stands_at) is None:
            entered = shown(name.relativize(origin)) if name != origin else "@"
            return (
                f"It was published at {shown(doubled)}: the DNS host appends {shown(origin)} by itself. "
                f"Enter {entered} as the name there, or the full name with a final dot."
            )
    bare = Name(tuple(label.removeprefix(b"_") for label in name.labels))
    if bare != name and stands_at(bare) and wildcard_of(bare, answers, stands_at) is None:
        return f"It was published at {shown(bare)}, without the underscore. Publish it at {record.name}."
    return None


def without_appended(target: Name, expected: Name) -> Name | None:
    """The domain that a DNS host appended to a target which was entered without its final dot, if it did."""
    extra = len(target) - len(expected)
    if extra > 0 and Name((*target.labels[: len(expected) - 1], b"")) == expected:
        return Name(target.labels[len(expected) - 1 :])
    return None


def wildcard_of(name: Name, answers: Answers, stands_at: Callable[[Name], bool]) -> str | None:
    """The wildcard, such as `*.acme.example`, that gives the values found at `name` to any name beside it."""
    parent = name.parent()
    if len(parent) < 3:
        # Just below a top-level domain, where a wildcard would be the registry's.
        return None
    stray = _joined(Name((answers.probe_label.encode(), b"")), parent)
    return f"*.{shown(parent)}" if stray is not None and stands_at(stray) else None


def wildcard_warning(wildcard: str) -> str:
    """What to know of a verdict that a wildcard brought about."""
    return (
        f"By wildcard: the value comes from {wildcard}, not from a record of this name, and ends as soon as anything "
        "else is published at or below this name. Publish it at the name itself."
    )


def beside_alias(record: DnsRecord, target: Name, found: tuple[str, ...]) -> RecordVerdict:
    """The verdict on a name that has a CNAME and other records, which DNS forbids (RFC 1034, 3.6.2)."""
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"{record.name} has a CNAME to {shown(target)} beside other records, which DNS forbids: some readers see the one, "
        f"some the other. Keep only what this record asks for: {record.type} {record.value}.",
        found,
    )


def blind_alias(record: DnsRecord, followed: Followed[T]) -> RecordVerdict:
    """The verdict on a name that is a CNAME to where nothing of the type stands: it keeps the record out."""
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"No {record.type} can be found{followed.via}. Remove the CNAME at {record.name} and publish {record.type} "
        f"{record.value} in its place, or publish it where the CNAME leads.",
        tuple(shown(name) for name in followed.path[1:2]),
    )


def shadowed(record: DnsRecord, wildcard: str, found: tuple[str, ...]) -> RecordVerdict:
    """The verdict on a name that only a wildcard answers for, with something else than what is asked for."""
    return RecordVerdict(
        record,
        Outcome.MISSING,
        f"Only the wildcard {wildcard} answers for this name, with {', '.join(found)}. {to_publish(record)}",
        found,
    )


def _origins(domain: Name) -> list[Name]:
    """The zones that a DNS host may have appended: the domain and its parents, but no top-level domain."""
    origins: list[Name] = []
    while len(domain) > 2 and len(origins) < _ORIGINS_TRIED:
        origins.append(domain)
        domain = domain.parent()
    return origins


def _joined(name: Name, origin: Name) -> Name | None:
    try:
        return name.relativize(root).concatenate(origin)
    except NameTooLong:
        return None
