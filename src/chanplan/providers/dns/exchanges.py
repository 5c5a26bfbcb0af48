"""What the two judges of MX records have in common: whether a host is ours, or was meant to be."""

from collections.abc import Iterable

from dns.name import Name

from chanplan.providers.dns.answers import Aliased, Answers, Exchange, Found, follow_mx, shown
from chanplan.providers.dns.hints import without_appended


def holds_exchange(answers: Answers, name: Name, host: Name) -> bool:
    """Tell whether mail to `name` may go to `host`."""
    answer = follow_mx(answers, name).answer
    return isinstance(answer, Found) and any(value.host == host for value in answer.values)


def mistaken_target(answers: Answers, others: Iterable[Exchange], expected: Name) -> str | None:
    """Why a host that isn't ours was meant to be: a sentence, or None when it was not."""
    for other in others:
        appended = without_appended(other.host, expected)
        if appended is not None:
            return f"The DNS host appended {shown(appended)} to the value: enter it with a final dot."
        match answers.cname(other.host):
            case Found((target, *_)) | Aliased(target) if target == expected:
                return (
                    f"{shown(other.host)} is a CNAME to {shown(expected)}, and an MX must not point to a CNAME "
                    "(RFC 2181, 10.3)."
                )
            case _:
                continue
    return None


def aliased_hosts(answers: Answers, values: Iterable[Exchange]) -> list[str]:
    """The hosts that are CNAMEs, which an MX must not point to."""
    return [shown(value.host) for value in values if isinstance(answers.cname(value.host), Found | Aliased)]
