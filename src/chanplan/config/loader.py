"""The one way in: from a root file to a configuration, or to everything that is wrong with it."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chanplan.config.ceilings import check_ceilings
from chanplan.config.declarations import read_declarations
from chanplan.config.directive_rules import check_directives
from chanplan.config.draft import Declaration, Draft
from chanplan.config.endpoint_rules import check_endpoints
from chanplan.config.fingerprint import digest_of
from chanplan.config.includes import read_files
from chanplan.config.login_rules import check_logins
from chanplan.config.mail_rules import check_mail
from chanplan.config.reading import Reading
from chanplan.config.references import resolve_references, setup_of
from chanplan.config.settings import read_settings
from chanplan.config.suggestions import Suggestions
from chanplan.config.tag_rules import check_tags
from chanplan.config.tier_rules import read_tiers
from chanplan.config.uniqueness import check_uniqueness
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Providers
from chanplan.model.errors import Invalid
from chanplan.model.problems import Source
from chanplan.model.resources import Desired


def load_configuration(root: Path, environment: Mapping[str, str]) -> Configuration:
    """Read a root file and all it includes, and check everything that can be checked offline.

    Raises Invalid with all problems at once, in the order of their places; warnings come with the
    configuration. Nothing outside the files and `environment` is looked at.
    """
    with without_collector():
        reading = Reading(environment)
        draft = _draft(root, reading)
        if reading.errors:
            raise Invalid(reading.errors, reading.warnings)
        return _configuration(root, draft)


def _draft(root: Path, reading: Reading) -> Draft:
    suggestions = Suggestions()
    files = read_files(root, reading, suggestions)
    draft = Draft(reading, suggestions, Source(str(root), 1))
    if not files or not files[0].is_root:
        return draft
    draft.settings = read_settings(files[0], root, draft)
    read_tiers(files[0], draft)
    read_declarations(files, draft)
    resolve_references(draft)
    check_uniqueness(draft)
    check_mail(draft)
    check_ceilings(draft)
    check_endpoints(files[0], draft)
    check_logins(files[0], draft)
    check_tags(files[0], draft)
    check_directives(draft)
    return draft


def _configuration(root: Path, draft: Draft) -> Configuration:
    settings, directives = draft.settings, draft.directives
    assert settings.workspace is not None, "the workspace is required"
    resources: dict[Address, Desired] = {
        address: _desired(draft.declarations[address], draft)
        for address in sorted(draft.declarations, key=lambda address: (address.kind, address.name))
    }
    return Configuration(
        workspace=settings.workspace,
        root=str(root),
        resources=resources,
        providers=settings.providers or Providers(),
        state=settings.state,
        moved=tuple(sorted(directives.moved, key=lambda move: (move.origin, move.target))),
        removed=tuple(sorted(directives.removed, key=lambda removed: removed.address)),
        imports=tuple(sorted(directives.imports, key=lambda entry: entry.target)),
        acknowledge=tuple(sorted(directives.acknowledge, key=lambda agreed: (agreed.address, agreed.action))),
        safety=settings.safety,
        tiers=settings.tiers,
        receiving_regions=settings.receiving_regions,
        tags=draft.settings.tags or {},
        files=tuple(draft.reading.files),
        globs=tuple(draft.reading.globs),
        warnings=draft.reading.warnings,
        digest=digest_of(draft, resources),
    )


def _desired(declaration: Declaration, draft: Draft) -> Desired:
    attributes = declaration.attributes
    if declaration.kind.tagged(attributes):
        attributes = {**attributes, "tags": dict(draft.settings.tags or {})}
    setup = setup_of(declaration)
    return Desired(
        address=declaration.address,
        attributes=attributes,
        scope=draft.scopes[declaration.address],
        references=() if setup is None else (setup,),
        source=declaration.source,
    )


@contextmanager
def without_collector() -> Iterator[None]:
    """Hold the cyclic garbage collector off: reading a large workspace makes 200,000 objects, none of them cyclic garbage,
    and walking them again and again costs more than the reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
