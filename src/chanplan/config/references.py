"""Who refers to whom: setups, provider aliases, and the scopes that follow from them."""

from chanplan.config.draft import Declaration, Draft
from chanplan.config.reading import quoted
from chanplan.model.addresses import Address, parse_address
from chanplan.model.configuration import Providers
from chanplan.model.kinds.sending_pool import SendingPool
from chanplan.model.kinds.ses_setup import SesSetup
from chanplan.model.kinds.twilio_setup import TwilioSetup
from chanplan.model.kinds.use_case import UseCase
from chanplan.model.scopes import Scope

_OTHER_SETUP = {"ses_setup": "twilio_setup", "twilio_setup": "ses_setup"}
_SNIPPETS = {
    "ses": "providers:\n  ses:\n    {alias}: {{region: us-east-1}}",
    "twilio": "providers:\n  twilio:\n    {alias}: {{account_sid: ACCOUNT_SID}}",
}


def resolve_references(draft: Draft) -> None:
    """Check every reference and provider alias, and note where each resource lives."""
    names: dict[str, list[str]] = {}
    for address in draft.names:
        names.setdefault(address.kind, []).append(address.name)
    missing_defaults: dict[str, list[Declaration]] = {}
    for declaration in draft.declarations.values():
        if not isinstance(declaration.model, UseCase):
            _resolve_alias(declaration, draft, missing_defaults)
    for provider, declarations in missing_defaults.items():
        _report_missing_default(provider, declarations, draft)
    for declaration in draft.declarations.values():
        if isinstance(declaration.model, UseCase):
            _resolve_setup(declaration, draft, names)


def setup_of(declaration: Declaration) -> Address | None:
    """Give the setup that a use case is bound to."""
    for attribute in declaration.kind.references:
        reference = declaration.attributes.get(attribute)
        if reference is not None:
            return parse_address(str(reference))
    return None


def _resolve_setup(declaration: Declaration, draft: Draft, names: dict[str, list[str]]) -> None:
    setup = setup_of(declaration)
    assert setup is not None, "a use case has a setup"
    if setup in draft.names:
        if setup in draft.scopes:
            draft.scopes[declaration.address] = draft.scopes[setup]
        return
    place = declaration.place(setup.kind)
    other = Address(_OTHER_SETUP[setup.kind], setup.name)
    if other in draft.names:
        draft.reading.report(
            "wrong_setup_kind",
            f"{declaration.address} names {quoted(setup.name)} as its {setup.kind}, and that is a {other.kind}.",
            place,
            f"Name a {setup.kind}, or choose a channel that goes through a {other.kind}.",
            address=declaration.address,
        )
        return
    known = names.get(setup.kind, [])
    remedy = draft.suggestions.sentence(setup.name, known)
    draft.reading.report(
        "reference_missing",
        f"{declaration.address} refers to {setup}, which isn't declared.",
        place,
        remedy or f"Declare it under {setup.kind}s, or name another one.",
        address=declaration.address,
    )


def _resolve_alias(
    declaration: Declaration, draft: Draft, missing_defaults: dict[str, list[Declaration]]
) -> None:
    providers = draft.settings.providers
    model = declaration.model
    if providers is None or not isinstance(model, SesSetup | SendingPool | TwilioSetup):
        return
    scope = _scope(model, providers)
    if scope is not None:
        draft.scopes[declaration.address] = scope
        return
    provider, alias = declaration.kind.provider_of(declaration.attributes), model.provider
    if "provider" not in model.model_fields_set:
        missing_defaults.setdefault(provider, []).append(declaration)
        return
    known = providers.ses if provider == "ses" else providers.twilio
    draft.reading.report(
        "provider_missing",
        f"{declaration.address} chooses the alias {quoted(alias)}, which providers.{provider} doesn't have.",
        declaration.place("provider"),
        draft.suggestions.sentence(alias, known) or f"Add it:\n{_SNIPPETS[provider].format(alias=alias)}",
        address=declaration.address,
    )


def _scope(model: SesSetup | SendingPool | TwilioSetup, providers: Providers) -> Scope | None:
    if isinstance(model, TwilioSetup):
        twilio = providers.twilio.get(model.provider)
        if twilio is None:
            return None
        return Scope("twilio", model.account.sid or twilio.account_sid, None, twilio.alias)
    ses = providers.ses.get(model.provider)
    return None if ses is None else Scope("ses", ses.account_id, ses.region, ses.alias)


def _report_missing_default(provider: str, declarations: list[Declaration], draft: Draft) -> None:
    """Report a missing default once, however many resources rely on it."""
    first, others = declarations[0], len(declarations) - 1
    more = f" and {others} more" if others else ""
    draft.reading.report(
        "provider_missing",
        f"{first.address}{more} need{'' if others else 's'} the alias 'default', "
        f"which providers.{provider} doesn't have.",
        draft.settings.providers_source or first.source,
        f"Add it:\n{_SNIPPETS[provider].format(alias='default')}",
        address=first.address,
    )
