"""Who agreed to what a plan loses, and what still stops it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from chanplan.model.configuration import Acknowledged
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Action, Change, Reason, Refusal
from chanplan.model.requests import Request
from chanplan.model.resources import ResourceState
from chanplan.model.values import Value
from chanplan.planning.decisions import PROTECTION
from chanplan.planning.digest import fingerprints_of
from chanplan.planning.situation import Situation


def acknowledge(situation: Situation, change: Change) -> Change:
    """Note who agreed to a deletion or replacement, if anybody did; to what resumes one, somebody has already."""
    request = situation.request
    if change.importing is not None:
        return _agreed_to_take(request, change) if change.losses else change
    if not change.action.destroys or change.reason is Reason.RESUMED:
        return change
    word = "replace" if change.action.replaces else "delete"
    allowed = request.allow_replace if change.action.replaces else request.allow_delete
    if change.address in allowed:
        return replace(change, acknowledged_by=f"--allow-{word}")
    if request.allow_all:
        return replace(change, acknowledged_by="--allow-delete all")
    entry = next(
        (
            entry
            for entry in situation.configuration.acknowledge
            if entry.address == change.address and entry.action == word and not _spent(situation, entry)
        ),
        None,
    )
    if entry is not None:
        return replace(change, acknowledged_by=f"acknowledge: {entry.reason}")
    return _approved(request, change)


def _agreed_to_take(request: Request, change: Change) -> Change:
    if change.address in request.take_ownership:
        return replace(change, acknowledged_by="--take-ownership")
    return _approved(request, change)


def _approved(request: Request, change: Change) -> Change:
    if request.approved and set(fingerprints_of(change)) <= request.approved and _listed(request, change):
        return replace(change, acknowledged_by=request.approved_by)
    return change


def _listed(request: Request, change: Change) -> bool:
    """Tell whether who approved was told what is lost: fingerprints don't cover it, and a file can be edited."""
    return request.approved_losses is None or all(
        (mark, loss.code) in request.approved_losses
        for mark in fingerprints_of(change)
        for loss in change.losses
    )


def _spent(situation: Situation, entry: Acknowledged) -> bool:
    return any(
        (spent.address, spent.action, spent.reason) == (entry.address, entry.action, entry.reason)
        for spent in situation.snapshot.acknowledgements
    )


def loss_refusals(changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse what would lose something that nobody agreed to lose."""
    refusals = []
    for change in changes:
        # What is lost already, nobody can agree to any more.
        if change.gives_away and change.losses and change.acknowledged_by is None:
            word = "replace" if change.action.replaces else "delete"
            what = " ".join(loss.message for loss in change.losses)
            refusals.append(
                Refusal(
                    f"{word}_unacknowledged",
                    change.address,
                    f"To {word} {change.address} would lose something. {what}",
                    f"If that is meant, add `--allow-{word} {change.address}`, or an `acknowledge:` entry with the reason.",
                )
            )
    return tuple(refusals)


def protection_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse to destroy what is protected, in the state or in the configuration, whatever was acknowledged."""
    refusals = []
    for change in changes:
        # What was never finished has nothing to protect.
        if not change.action.destroys or change.prior is None or not change.prior.complete:
            continue
        declared = situation.configuration.resources.get(change.address)
        by_state = bool(change.prior.attributes.get(PROTECTION))
        by_yaml = declared is not None and bool(declared.attributes.get(PROTECTION))
        if not by_state and not by_yaml:
            continue
        remedy = "Set `lifecycle: {prevent_destroy: false}`, apply that alone, then try again."
        if declared is None:
            remedy = (
                "Deleting the block doesn't lift the protection. Put it back with the protection off, apply, "
                "and delete it then:\n" + block_of(change.prior)
            )
        refusals.append(
            Refusal(
                "protected",
                change.address,
                f"{change.address} is protected by `prevent_destroy`, and this plan would destroy it.",
                remedy,
            )
        )
    return tuple(refusals)


def threshold_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse to destroy too large a part of the workspace at once."""
    total = len(situation.snapshot.resources)
    safety = situation.configuration.safety
    if total < safety.minimum or situation.request.allow_all:
        return ()
    destroyed = sum(1 for change in changes if change.action.destroys and change.reason is not Reason.RESUMED)
    percent = 100 * destroyed / total
    if percent <= safety.max_percent:
        return ()
    return (
        Refusal(
            "threshold",
            None,
            f"{destroyed} of {total} resources would be deleted or replaced ({percent:.0f} %), more than "
            f"{safety.max_percent:g} %.",
            "If that is meant, add `--allow-delete all`; or raise `safety: {max_percent: …}`.",
        ),
    )


def rename_refusals(changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse a delete and a create of what is evidently one object under two addresses."""
    changes = tuple(changes)
    deleted = [
        change
        for change in changes
        if change.action is Action.DELETE
        and change.reason is Reason.NOT_DECLARED
        and change.acknowledged_by is None
    ]
    created = {
        (change.address.kind, key.claim(change.scope)): change
        for change in (changes if deleted else ())
        if change.action is Action.CREATE
        and change.reason is Reason.NOT_IN_STATE
        and change.after is not None
        for key in KINDS[change.address.kind].natural_keys(change.after)
        if key.names_object
    }
    refusals = []
    for change in deleted:
        if change.prior is None or not change.prior.complete:
            continue
        kind = change.address.kind
        claims = [
            (kind, key.claim(change.scope)) for key in KINDS[kind].natural_keys(change.prior.attributes)
        ]
        match = next((created[claim] for claim in claims if claim in created), None)
        if match is not None:
            refusals.append(
                Refusal(
                    "unmoved_rename",
                    change.address,
                    f"{change.address} would be deleted and {match.address} created with the same names.",
                    "If it is a rename, say so and nothing is destroyed:\n"
                    f"moved: [{{from: {change.address}, to: {match.address}}}]\n"
                    f"If not, add `--allow-delete {change.address}`.",
                )
            )
    return tuple(refusals)


def block_of(prior: ResourceState) -> str:
    """Write the YAML block that declares a remembered resource, with its protection off."""
    kind = KINDS[prior.address.kind]
    lines = [f"{kind.section}:", f"  {prior.address.name}:"]
    table = kind.attributes_of(prior.attributes)
    for name, value in sorted(prior.attributes.items()):
        if name in ("tags", PROTECTION) or value is None or (name in table and table[name].derived):
            continue
        lines.append(f"    {name}: {_flow(_plain(name, value, kind.references))}")
    if prior.scope.alias != "default" and not prior.references:
        lines.append(f"    provider: {_flow(prior.scope.alias)}")
    lines.append("    lifecycle: {prevent_destroy: false}")
    return "\n".join(lines)


def _plain(name: str, value: Value, references: Mapping[str, str]) -> Value:
    return value.partition(".")[2] if name in references and isinstance(value, str) else value


def _flow(value: Value) -> str:
    # JSON is YAML; quoting every text keeps YAML from guessing.
    return json.dumps(value, ensure_ascii=False)
