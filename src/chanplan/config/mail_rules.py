"""The rules of email: senders and their domain, names of configuration sets, inbound mail."""

from chanplan.config.draft import Declaration, Draft
from chanplan.config.reading import quoted
from chanplan.config.references import setup_of
from chanplan.model.kinds.declared import domain_of
from chanplan.model.kinds.ses_setup import SesSetup, mail_from_domain, receives
from chanplan.model.kinds.use_case import EmailUseCase, slug
from chanplan.model.problems import Severity


def check_mail(draft: Draft) -> None:
    """Check every email use case and SES setup that could be decoded."""
    domains = {
        str(setup.attributes["domain_identity"]).lower(): setup for setup in draft.of_kind("ses_setup")
    }
    for declaration in draft.declarations.values():
        if isinstance(declaration.model, EmailUseCase):
            _check_sender(declaration, declaration.model, draft)
            _check_configuration_set(declaration, declaration.model, draft)
        elif isinstance(declaration.model, SesSetup):
            _check_inbound(declaration, declaration.model, draft)
            _check_mail_from(declaration, domains, draft)
    _check_pools_declared(draft)


def _check_sender(declaration: Declaration, model: EmailUseCase, draft: Draft) -> None:
    address = setup_of(declaration)
    setup = None if address is None else draft.declarations.get(address)
    if setup is None:
        return
    expected = str(setup.attributes["domain_identity"])
    domain = domain_of(model.sender_email_address)
    if domain.lower() == expected.lower():
        return
    draft.reading.report(
        "sender_domain_mismatch",
        f"{declaration.address} sends from {quoted(domain)}, and {setup.address} verifies {quoted(expected)}.",
        declaration.place("sender_email_address"),
        f"Send from an address at {expected}, or declare a setup for {domain}.",
        address=declaration.address,
        data={"expected_domain": expected},
    )


def _check_configuration_set(declaration: Declaration, model: EmailUseCase, draft: Draft) -> None:
    for attribute, text in (("entity_name", model.entity_name), ("name", model.name)):
        if not slug(text):
            draft.reading.report(
                "configuration_set_empty_part",
                f"The {attribute} of {declaration.address} gives an empty part of its configuration set's name.",
                declaration.place(attribute),
                "Use at least one letter.",
                address=declaration.address,
            )


def _check_inbound(declaration: Declaration, model: SesSetup, draft: Draft) -> None:
    scope = draft.scopes.get(declaration.address)
    if scope is None:
        return
    can_receive = receives(scope.region, draft.settings.receiving_regions)
    if model.receiving is not None and not can_receive:
        draft.reading.report(
            "receiving_unavailable",
            f"{declaration.address} declares receiving, and SES receives no mail in {scope.region}.",
            declaration.place("receiving"),
            "Choose a provider alias in a receiving region or remove receiving; if SES has learned it since, "
            "list the region under providers.ses_receiving_regions.",
            address=declaration.address,
            data={"region": scope.region},
        )
    elif not can_receive:
        draft.reading.report(
            "inbound_unavailable",
            f"{declaration.address} has six DNS records and receives no mail: SES can't in {scope.region}.",
            declaration.source,
            "Nothing, if the domain only sends; otherwise choose a provider alias in a receiving region.",
            address=declaration.address,
            data={"region": scope.region},
            severity=Severity.WARNING,
        )
    elif model.receiving is None:
        draft.reading.report(
            "inbound_unrouted",
            f"{declaration.address} has an inbound MX record and no receiving: mail to it is refused.",
            declaration.source,
            "Declare receiving with a rule set and its actions, if mail should arrive.",
            address=declaration.address,
            severity=Severity.WARNING,
        )


def _check_mail_from(declaration: Declaration, domains: dict[str, Declaration], draft: Draft) -> None:
    bounce = mail_from_domain(declaration.attributes)
    other = domains.get(bounce.lower())
    if other is None:
        return
    draft.reading.report(
        "mail_from_overlap",
        f"{bounce} is the MAIL FROM domain of {declaration.address} and the domain of {other.address}: "
        "their MX records exclude each other.",
        declaration.place("mail_from"),
        "Choose another mail_from label.",
        address=declaration.address,
        data={"other": str(other.address)},
        severity=Severity.WARNING,
    )


def _check_pools_declared(draft: Draft) -> None:
    if any(address.kind == "sending_pool" for address in draft.names):
        return
    email = next((d for d in draft.of_kind("use_case") if isinstance(d.model, EmailUseCase)), None)
    if email is None:
        return
    draft.reading.report(
        "shared_pool",
        "No sending_pools are declared, so all mail goes through the IP addresses that SES's customers share.",
        email.source,
        "Nothing, if that is meant; otherwise declare a pool for each family.",
        severity=Severity.WARNING,
    )
