"""The policy of reputation tiers: each number with its source, and where it was overridden."""

from collections.abc import Iterator, Sequence

from chanplan.model.tier_policy import About, Path, Setting, TierPolicies, TierPolicy, entries
from chanplan.model.values import Value
from chanplan.render.printable import place
from chanplan.render.terminal import table

_DEFAULTS = {path: value for path, _, value in entries(TierPolicy())}


def policy_text(policies: TierPolicies, email_types: Sequence[str]) -> str:
    """Write the policy of each email_type as a table; email_types with one policy share it. Ends with a line break."""
    sources: dict[str, int] = {}
    parts = []
    for shared in _alike(policies, email_types):
        policy = policies.of(shared[0])
        rows = [
            (
                ".".join(path),
                _with_unit(value, about),
                _origin(policies, shared[0], path, about, sources),
                about.meaning,
            )
            for path, about, value in entries(policy)
        ]
        lines = table(("NUMBER", "VALUE", "FROM", "MEANING"), rows)
        parts.append(
            "\n".join((f"Tier policy {policy.version}, for {' and '.join(shared)} mail", "", *lines))
        )
    told = "\n".join(f"[{number}] {source}." for source, number in sources.items())
    return "\n\n".join((*parts, told)).rstrip("\n") + "\n"


def policy_document(policies: TierPolicies, email_types: Sequence[str]) -> Value:
    """Give the policy of each email_type for machines."""
    return {
        "policies": {
            email_type: {
                "version": policies.of(email_type).version,
                "numbers": [
                    {
                        "name": ".".join(path),
                        "value": value,
                        "unit": about.unit,
                        "meaning": about.meaning,
                        "default": _DEFAULTS[path],
                        "source": about.source,
                        "overridden_at": place(policies.overridden.get((email_type, path))) or None,
                    }
                    for path, about, value in entries(policies.of(email_type))
                ],
            }
            for email_type in email_types
        }
    }


def _alike(policies: TierPolicies, email_types: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Put email_types together whose numbers, and their origins, are the same."""
    if len(email_types) == 2 and _numbers(policies, email_types[0]) == _numbers(policies, email_types[1]):
        yield tuple(email_types)
    else:
        yield from ((email_type,) for email_type in email_types)


def _numbers(policies: TierPolicies, email_type: str) -> list[tuple[Path, Setting, str]]:
    return [
        (path, value, place(policies.overridden.get((email_type, path))))
        for path, _, value in entries(policies.of(email_type))
    ]


def _origin(
    policies: TierPolicies, email_type: str, path: Path, about: About, sources: dict[str, int]
) -> str:
    """Say where a number comes from: the place that overrides it, or the source of the default."""
    written = policies.overridden.get((email_type, path))
    if written is not None:
        return f"{place(written)}, not {_with_unit(_DEFAULTS[path], about)}"
    return f"default [{sources.setdefault(about.source, len(sources) + 1)}]"


def _with_unit(value: Setting, about: About) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,g} {about.unit}" if isinstance(value, float) else f"{value:,} {about.unit}"
