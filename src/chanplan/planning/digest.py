"""Fingerprints and the digest: what a reviewer approves, independent of time, order and unrelated state."""

from collections.abc import Iterable

from chanplan.model.plans import Action, Change, Drift, Reason
from chanplan.model.values import Value, hashed


def fingerprints_of(change: Change) -> tuple[str, ...]:
    """Give what an approval of a change covers: nothing for a no-op, one text for each half of a replacement,
    the delete half first.

    A create's holds no id, so the create half of a replacement is the same as the plain create that remains when
    the delete half was done by an earlier run. Restarting a verification changes nothing that is declared and has
    none: it must not void an approval (docs/decisions/0006). The address that a rename leaves isn't part of it,
    since nobody knows it any more when a run that was killed after the rename goes on: the id says what is renamed.
    """
    rearmed = change.reason is Reason.REARMED and change.previous_address is None
    if change.action is Action.NO_OP or (rearmed and not change.differences):
        return ()
    if change.importing is not None:
        return (_half(change, "import"),)
    if change.action.replaces:
        return (_half(change, "delete for replacement"), _half(change, "create"))
    return (_half(change, change.action.value),)


def fingerprint_of(drift: Drift) -> str:
    """Give what an approval of taking drift into the state covers: which object, and each value as remembered and as
    found. No change has the same."""
    after = drift.after
    return hashed(
        {
            "address": str(drift.address),
            "action": "accept",
            "account": drift.scope.account,
            "region": drift.scope.region,
            "provider": drift.scope.provider,
            "id": drift.id,
            "gone": after is None,
            "differences": []
            if after is None
            else [[name, drift.before.get(name), after.get(name)] for name in drift.changed],
        }
    )


def digest_of(fingerprints: Iterable[str]) -> str:
    """Hash fingerprints, whatever their order: `sha256:` and 64 hex digits."""
    return hashed(sorted(fingerprints))


def _half(change: Change, action: str) -> str:
    creates, importing = action == "create", change.importing
    subject: dict[str, Value] = {
        "address": str(change.address),
        "action": action,
        "account": change.scope.account,
        "region": change.scope.region,
        "provider": change.provider,
    }
    if importing is not None:
        # Under which id of ours it is known isn't part of it: that is drawn once it is begun.
        subject |= {"import": importing.id, "taken_from": list(importing.taken_from)}
    elif not creates:
        subject["id"] = change.id
    if creates:
        subject["after"] = dict(change.after or {})
        subject["gate"] = None if change.gate is None else change.gate.kind.value
    elif change.action is Action.UPDATE:
        subject["differences"] = [
            [list(difference.path), difference.before, difference.after] for difference in change.differences
        ]
    told_by = change.tier_move or change.switch
    if told_by is not None:
        # The same step comes again months later: what was approved then must not stand for it.
        subject["since"] = None if told_by.since is None else told_by.since.isoformat()
    return hashed(subject)
