"""Domain identities: Easy DKIM, MAIL FROM, and what SES says of their verification."""

from dataclasses import dataclass
from datetime import datetime

from chanplan.model.errors import Gone
from chanplan.model.values import Facts, Value
from chanplan.providers.ses.answers import Answer, block, moment, text, texts
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.making import Found, Made, made_or_found
from chanplan.providers.ses.marks import Tags, tags_in

VERIFIED = "SUCCESS"
"""The one status of DKIM and MAIL FROM that needs nothing more; all others may be restarted."""


@dataclass(frozen=True, slots=True)
class DomainIdentity:
    """One domain identity as SES has it. Statuses that AWS adds later are kept as they are."""

    domain: str
    dkim_tokens: tuple[str, ...]
    dkim_zone: str | None
    dkim_status: str | None
    key_made_at: datetime | None
    mail_from: str | None
    """The whole MAIL FROM domain; None when none is set."""
    mail_from_status: str | None
    verification_status: str | None
    verification_error: str | None
    default_set: str | None
    """The configuration set that mail of this domain takes unless it names one."""
    tags: Tags

    @property
    def lasting(self) -> Facts:
        """The facts that don't change by themselves; an emulator may leave them out."""
        facts: dict[str, Value] = {}
        if self.dkim_tokens:
            facts["dkim_tokens"] = list(self.dkim_tokens)
        if self.dkim_zone is not None:
            facts["dkim_zone"] = self.dkim_zone
        return facts


def identity_in(domain: str, answer: Answer) -> DomainIdentity:
    """Read an identity from the answer of a create or a get."""
    dkim, mail_from = block(answer, "DkimAttributes"), block(answer, "MailFromAttributes")
    return DomainIdentity(
        domain=domain,
        dkim_tokens=texts(dkim, "Tokens"),
        dkim_zone=text(dkim, "SigningHostedZone"),
        dkim_status=text(dkim, "Status"),
        key_made_at=moment(dkim, "LastKeyGenerationTimestamp"),
        mail_from=text(mail_from, "MailFromDomain"),
        mail_from_status=text(mail_from, "MailFromDomainStatus"),
        verification_status=text(answer, "VerificationStatus"),
        verification_error=text(block(answer, "VerificationInfo"), "ErrorType"),
        default_set=text(answer, "ConfigurationSetName"),
        tags=tags_in(answer),
    )


def find_identity(calls: Calls, domain: str) -> DomainIdentity | None:
    """Read a domain identity."""
    try:
        return identity_in(domain, calls("sesv2:GetEmailIdentity", EmailIdentity=domain))
    except Gone:
        return None


def make_identity(
    calls: Calls, domain: str, tags: list[dict[str, str]]
) -> Made[DomainIdentity] | Found[DomainIdentity]:
    """Register a domain with Easy DKIM, or find the identity of that name."""
    return made_or_found(
        lambda: identity_in(
            domain,
            calls(
                "sesv2:CreateEmailIdentity",
                EmailIdentity=domain,
                Tags=tags,
                DkimSigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"},
            ),
        ),
        lambda: find_identity(calls, domain),
    )


def set_mail_from(calls: Calls, domain: str, mail_from: str) -> None:
    """Set the domain of bounces, which also makes SES look for its MX for the next 72 hours.

    Until it is found, mail goes out with SES's own domain: refusing it would stop verified senders.
    """
    calls(
        "sesv2:PutEmailIdentityMailFromAttributes",
        EmailIdentity=domain,
        MailFromDomain=mail_from,
        BehaviorOnMxFailure="USE_DEFAULT_VALUE",
    )


def restart_dkim(calls: Calls, domain: str) -> Facts:
    """Make SES look for the DKIM records again; give tokens and zone, in case they are new ones."""
    answer = calls(
        "sesv2:PutEmailIdentityDkimSigningAttributes", EmailIdentity=domain, SigningAttributesOrigin="AWS_SES"
    )
    facts: dict[str, Value] = {}
    if tokens := texts(answer, "DkimTokens"):
        facts["dkim_tokens"] = list(tokens)
    if zone := text(answer, "SigningHostedZone"):
        facts["dkim_zone"] = zone
    return facts


def delete_identity(calls: Calls, domain: str) -> None:
    """Delete a domain identity; gone is fine."""
    try:
        calls("sesv2:DeleteEmailIdentity", EmailIdentity=domain)
    except Gone:
        return


def label_below(mail_from: str | None, domain: str) -> str | None:
    """Give the label of a MAIL FROM domain below its identity, as it is declared; anything else as it is."""
    if mail_from is None:
        return None
    return mail_from.lower().removesuffix(f".{domain}")
