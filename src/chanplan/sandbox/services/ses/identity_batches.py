"""The older API's reads of up to a hundred identities at once, in its own spelling, and its delete."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import associations, names, tags, verification
from chanplan.sandbox.services.ses.identities import verification_status

_STATUSES = {
    "PENDING": "Pending",
    "SUCCESS": "Success",
    "FAILED": "Failed",
    "TEMPORARY_FAILURE": "TemporaryFailure",
    "NOT_STARTED": "NotStarted",
}
_BEHAVIORS = {"USE_DEFAULT_VALUE": "UseDefaultValue", "REJECT_MESSAGE": "RejectMessage"}


def get_identity_dkim_attributes(call: Call) -> Document:
    """Answers DKIM tokens and status."""
    return {"DkimAttributes": {name: _dkim(identity) for name, identity in _known(call).items()}}


def get_identity_mail_from_domain_attributes(call: Call) -> Document:
    """Answers MAIL FROM domain, status and behaviour; only the behaviour where no domain is set."""
    return {
        "MailFromDomainAttributes": {name: _mail_from(identity) for name, identity in _known(call).items()}
    }


def get_identity_verification_attributes(call: Call) -> Document:
    """Answers the verification status."""
    found = {
        name: {"VerificationStatus": _STATUSES[verification_status(identity)]}
        for name, identity in _known(call).items()
    }
    return {"VerificationAttributes": found}


def delete_identity(call: Call) -> Document:
    """Deletes an identity; one that isn't there is fine, one that a tenant has is refused."""
    name = call.params["Identity"].lower()
    arn = call.arn(f"identity/{name}")
    if call.get(names.IDENTITY, name) is not None:
        associations.guard(call, arn, "InvalidParameterValue")
        tags.forget(call, arn)
        call.delete(names.IDENTITY, name)
    return {}


def _known(call: Call) -> dict[str, Document]:
    asked = call.params["Identities"]
    if len(asked) > quirks.V1_BATCH.value:
        raise ServiceError(
            "InvalidParameterValue", f"At most {quirks.V1_BATCH.value} identities can be asked for."
        )
    found: dict[str, Document] = {}
    for name in asked:
        identity = call.get(names.IDENTITY, name.lower())
        if identity is not None:
            found[name] = verification.refreshed(call, identity)
    return found


def _dkim(identity: Document) -> Document:
    dkim = identity["dkim"]
    return {
        "DkimEnabled": dkim["enabled"],
        "DkimVerificationStatus": _STATUSES[dkim["search"]["status"]],
        "DkimTokens": dkim["tokens"] or None,
    }


def _mail_from(identity: Document) -> Document:
    mail_from = identity["mail_from"]
    if mail_from is None:
        return {"BehaviorOnMXFailure": _BEHAVIORS["USE_DEFAULT_VALUE"]}
    return {
        "MailFromDomain": mail_from["domain"],
        "MailFromDomainStatus": _STATUSES[mail_from["search"]["status"]],
        "BehaviorOnMXFailure": _BEHAVIORS[mail_from["behavior"]],
    }
