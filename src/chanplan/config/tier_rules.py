"""From the overrides under `tiers:` to the effective policy of each email_type, and whether it makes sense."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from pydantic import BaseModel, TypeAdapter

from chanplan.config.complaints import Owner
from chanplan.config.decoding import Declared
from chanplan.config.draft import Draft
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import MapNode, Scalar
from chanplan.config.tier_document import TierOverrides
from chanplan.model.kinds.use_case import EMAIL_TYPES
from chanplan.model.problems import Source
from chanplan.model.tier_policy import Path, Setting, TierPolicies, TierPolicy, entries, with_settings
from chanplan.model.values import Attributes

_TIERS: Declared[BaseModel] = Declared(TypeAdapter(TierOverrides))


class _Rule(NamedTuple):
    """One contradiction in a policy."""

    code: str
    message: str
    remedy: str
    paths: tuple[Path, ...]
    """The numbers that contradict each other."""


def read_tiers(root: SourceFile, draft: Draft) -> None:
    """Decode `tiers:` into the settings, and report what contradicts itself."""
    node = root.node.values.get("tiers")
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return
    declared = _TIERS.decode(node, root.scalars, Owner("tiers", root.node.key("tiers"), draft.suggestions))
    if declared is None:
        return
    assert isinstance(node, MapNode), "a mapping was decoded"
    written = cast("dict[str, Attributes]", declared.model_dump(exclude_unset=True))
    of_types = cast("Mapping[str, Attributes]", written.pop("email_types", {}))
    of_all = _settings({key: value for key, value in written.items() if key != "version"})
    policies: dict[str, TierPolicy] = {}
    overridden: dict[tuple[str, Path], Source] = {}
    for email_type in EMAIL_TYPES:
        own = _settings(of_types.get(email_type, {}))
        policies[email_type] = with_settings(TierPolicy(), {**of_all, **own})
        overridden |= {(email_type, path): _place(root, node, path) for path in of_all}
        overridden |= {
            (email_type, path): _place(root, node, ("email_types", email_type, *path)) for path in own
        }
    draft.settings.declared_tiers = cast(Attributes, declared.model_dump(exclude_unset=True))
    draft.settings.tiers = TierPolicies(policies["transactional"], policies["marketing"], overridden)
    _report_contradictions(draft)


def _settings(written: Attributes, path: Path = ()) -> dict[Path, Setting]:
    found: dict[Path, Setting] = {}
    for key, value in written.items():
        if isinstance(value, Mapping):
            found |= _settings(value, (*path, key))
        else:
            found[*path, key] = cast(Setting, value)
    return found


def _place(root: SourceFile, node: MapNode, path: Path) -> Source:
    """Give the place of the key at the end of a path that was written."""
    for name in path[:-1]:
        below = node.values[name]
        assert isinstance(below, MapNode)
        node = below
    return place_of(root, node.key(path[-1]) or node)


def _report_contradictions(draft: Draft) -> None:
    policies = draft.settings.tiers
    found: dict[tuple[Source, _Rule], list[str]] = {}
    for email_type in EMAIL_TYPES:
        for rule in _contradictions(policies.of(email_type)):
            # The defaults agree with each other, so that one of the numbers was overridden.
            place = next(
                policies.overridden[email_type, path]
                for path in rule.paths
                if (email_type, path) in policies.overridden
            )
            found.setdefault((place, rule), []).append(email_type)
    for (place, rule), email_types in found.items():
        whose = "" if len(email_types) == len(EMAIL_TYPES) else f", for {email_types[0]} mail"
        draft.reading.report(rule.code, f"{rule.message}{whose}.", place, rule.remedy)


def _contradictions(policy: TierPolicy) -> Iterator[_Rule]:
    number = {path: cast(float, value) for path, about, value in entries(policy) if not about.words}
    for what in ("bounce_percent", "complaint_percent"):
        for tier in ("standard", "premium"):
            up, down = ("promote", tier, what), ("demote", what)
            if number[up] >= number[down]:
                yield _Rule(
                    "tier_hysteresis",
                    f"{_said(up, number)} would promote what {_said(down, number)} demotes",
                    "Promote at a lower rate than the one that demotes, or use cases go up and down for ever.",
                    (up, down),
                )
        if number["demote", what] > number["suspend", what]:
            yield _Rule(
                "tier_order",
                f"{_said(('demote', what), number)} is looser than {_said(('suspend', what), number)}",
                "Demote at a lower rate than the one that suspends.",
                (("demote", what), ("suspend", what)),
            )
    for lower, higher, remedy in _ASCENDING:
        if number[lower] > number[higher]:
            yield _Rule(
                "tier_order",
                f"{_said(lower, number)} is more than {_said(higher, number)}",
                remedy,
                (lower, higher),
            )
    for tier, below in (("standard", "onboarding"), ("premium", "standard")):
        asked, days, most = ("promote", tier, "sends"), ("promote", tier, "window_days"), ("capacity", below)
        if number[asked] > number[days] * number[most]:
            yield _Rule(
                "tier_unreachable",
                f"{_said(asked, number)} can't be sent in {number[days]:g} days by senders that keep to "
                f"{_said(most, number)}",
                "Ask for less, look at more days, or raise the capacity.",
                (asked, days, most),
            )


_ASCENDING: tuple[tuple[Path, Path, str], ...] = (
    *(
        (
            ("promote", tier, "sending_days"),
            ("promote", tier, "window_days"),
            "Ask for at most as many sending days as the window has.",
        )
        for tier in ("standard", "premium")
    ),
    (
        ("demote", "window_days"),
        ("demote", "cooldown_days"),
        "Cool down at least as long as the window is, or the same bad day costs two tiers.",
    ),
    (
        ("suspend", "bounce_percent"),
        ("suspend", "severe_bounce_percent"),
        "The rate that counts from fewer mails on is the higher one.",
    ),
    (("capacity", "onboarding"), ("capacity", "standard"), "Let a higher tier send more."),
    (("capacity", "standard"), ("capacity", "premium"), "Let a higher tier send more."),
)
"""Of each two numbers the first may not be the larger one."""


def _said(path: Path, number: Mapping[Path, float]) -> str:
    return f"{'.'.join(path)} = {number[path]:g}"
