"""Bringing one object under control by a command, as if its entry stood in the configuration."""

from dataclasses import replace
from difflib import get_close_matches

from chanplan.app.guarding import check_workspace
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Import
from chanplan.model.errors import Misused, Refused
from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import Desired
from chanplan.model.snapshots import Snapshot
from chanplan.planning.imports import fits
from chanplan.planning.tiers import PoolMap


def entry_for(workspace: Workspace, target: Address, id: str) -> Import | None:
    """Give the entry that brings an object under control, or None when the state holds it already.

    Raises:
        Misused: the target isn't declared, the id isn't one of its kind, or the configuration imports another object.
        Refused: the state holds another object as the target, or doesn't hold what the target depends on.
        StateError: the state can't be read.
    """
    configuration, snapshot = workspace.configuration, workspace.store.load()
    check_workspace(configuration, snapshot)
    desired = configuration.resources.get(target)
    if desired is None:
        raise _undeclared(target, configuration)
    if not fits(desired, id):
        raise Misused(
            f'"{id}" is no import id of {target}.',
            remedy=f"Its form is {KINDS[target.kind].import_form}.",
            code="import_id_malformed",
        )
    entry = next((each for each in configuration.imports if each.target == target), None)
    if entry is not None and entry.id != id:
        raise Misused(
            f'The configuration imports "{entry.id}" as {target}, at {entry.source}.',
            remedy="Correct the entry or the command.",
            code="directive_conflict",
        )
    if target in snapshot.resources:
        _check_same(snapshot, target, id)
        return None
    _check_dependencies(configuration, snapshot, desired)
    return Import(target, id)


def with_import(workspace: Workspace, entry: Import) -> Workspace:
    """Give the workspace as if its configuration held the entry."""
    configuration = workspace.configuration
    others = tuple(each for each in configuration.imports if each.target != entry.target)
    return replace(workspace, configuration=replace(configuration, imports=(*others, entry)))


def _undeclared(target: Address, configuration: Configuration) -> Misused:
    names = {str(address): address for address in configuration.resources if address.kind == target.kind}
    close = get_close_matches(str(target), names, 1)
    meant = f"Did you mean {close[0]}? Or declare" if close else "Declare"
    return Misused(
        f"{target} isn't declared, so nothing says as what the object is to be imported.",
        remedy=f"{meant} it as it should be: `chanplan discover` writes the YAML of what exists.",
        code="import_target_missing",
    )


def _check_same(snapshot: Snapshot, target: Address, id: str) -> None:
    held = snapshot.resources[target]
    known = KINDS[target.kind].import_id_of(held.attributes, held.facts, held.scope)
    if known is None or known.lower() != id.lower():
        raise Refused(
            f"The state holds {target} already"
            + (". It is unfinished." if known is None else f', as "{known}".'),
            remedy="Give the other object an address of its own.",
            code="already_in_state",
        )


def _check_dependencies(configuration: Configuration, snapshot: Snapshot, desired: Desired) -> None:
    """Refuse to make anything on the way: an import brings under control what exists."""
    imported = {entry.target for entry in configuration.imports}
    for needed in (*desired.references, *_pools(configuration, desired)):
        if needed in snapshot.resources or needed in imported:
            continue
        referent = configuration.resources[needed]
        kind = KINDS[needed.kind]
        id = kind.import_id_of(referent.attributes, {}, referent.scope) or kind.import_form
        raise Refused(
            f"{desired.address} depends on {needed}, which the state doesn't hold.",
            remedy=f"Import that first, or make it with `chanplan apply --target {needed}`:\n"
            f"chanplan import {needed} {id}",
            code="dependency_not_in_state",
        )


def _pools(configuration: Configuration, desired: Desired) -> tuple[Address, ...]:
    if "email_type" not in desired.attributes:
        return ()
    pools = PoolMap(each for each in configuration.resources.values() if each.address.kind == "sending_pool")
    return pools.pools_of(desired)
