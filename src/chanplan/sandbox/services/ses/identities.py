"""Domain and address identities: Easy DKIM, MAIL FROM, and what sesv2 shows of their verification."""

import base64
import hashlib
import re

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, already_exists, bad_request, limit_exceeded, not_found
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import associations, names, tags, verification
from chanplan.sandbox.state.storage import Row

_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_BYODKIM = ("DomainSigningSelector", "DomainSigningPrivateKey")


def create_email_identity(call: Call) -> Document:
    """Registers a domain or an address; a domain gets three DKIM tokens at once."""
    name = _normal(call.params["EmailIdentity"])
    is_address = "@" in name
    if not (_ADDRESS if is_address else _DOMAIN).fullmatch(name):
        raise bad_request(f"Invalid Email Identity name: {name}")
    if call.get(names.IDENTITY, name) is not None:
        raise already_exists(quirks.IDENTITY_EXISTS.value.format(name=name))
    if call.state.count(call.scope, names.IDENTITY) >= quirks.IDENTITIES_PER_REGION.value:
        raise limit_exceeded(
            f"The account has {quirks.IDENTITIES_PER_REGION.value} identities in this region."
        )
    identity: Document = {
        "name": name,
        "type": "EMAIL_ADDRESS" if is_address else "DOMAIN",
        "feedback": True,
        "mail_from": None,
        "configuration_set": _known_set(call, call.params.get("ConfigurationSetName")),
        "dkim": _no_dkim()
        if is_address
        else _easy_dkim(call, name, call.params.get("DkimSigningAttributes") or {}),
        "address": verification.armed(call.now),
    }
    call.put(names.IDENTITY, name, identity)
    tags.put(call, _arn(call, name), call.params.get("Tags", []))
    shown = _shown(call, identity)
    return {key: shown[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")}


def get_email_identity(call: Call) -> Document:
    """Answers an identity with tags and the statuses that DNS gives it now."""
    identity = verification.refreshed(call, existing(call, call.params["EmailIdentity"]))
    return _shown(call, identity)


def list_email_identities(call: Call) -> Document:
    """Lists identities by name with their verification status."""
    wanted = call.params.get("Filter", {})

    def keep(row: Row) -> bool:
        return (
            wanted.get("IDENTITY_NAME_CONTAINS", "").lower() in row.key
            and wanted.get("IDENTITY_TYPE") in (None, row.value["type"])
            and wanted.get("VERIFICATION_STATUS")
            in (None, verification_status(verification.refreshed(call, row.value)))
        )

    found = page(call, names.IDENTITY, quirks.IDENTITY_PAGES.value, keep=keep if wanted else None)
    return {
        "EmailIdentities": [_listed(verification.refreshed(call, row.value)) for row in found.rows],
        "NextToken": found.next_token,
    }


def delete_email_identity(call: Call) -> Document:
    """Deletes an identity that no tenant has any more."""
    identity = existing(call, call.params["EmailIdentity"])
    arn = _arn(call, identity["name"])
    associations.guard(call, arn)
    tags.forget(call, arn)
    call.delete(names.IDENTITY, identity["name"])
    return {}


def put_email_identity_dkim_attributes(call: Call) -> Document:
    """Switches DKIM signing on or off."""
    identity = existing(call, call.params["EmailIdentity"])
    identity["dkim"]["enabled"] = call.params.get("SigningEnabled", False)
    return _kept(call, identity)


def put_email_identity_dkim_signing_attributes(call: Call) -> Document:
    """Starts the search for the DKIM records anew; another key length means other tokens."""
    identity = existing(call, call.params["EmailIdentity"])
    if identity["type"] != "DOMAIN":
        raise bad_request(f"DKIM signing attributes can't be set for {identity['name']}: it is no domain.")
    origin = call.params["SigningAttributesOrigin"]
    attributes = call.params.get("SigningAttributes") or {}
    current = identity["dkim"]
    length = attributes.get("NextSigningKeyLength", current["length"])
    if origin == "AWS_SES" and current["origin"] == "AWS_SES" and length == current["length"]:
        current["search"] = verification.armed(call.now)
    else:
        identity["dkim"] = _easy_dkim(call, identity["name"], attributes, origin)
    _kept(call, identity)
    return {
        "DkimStatus": identity["dkim"]["search"]["status"],
        "DkimTokens": identity["dkim"]["tokens"],
        "SigningHostedZone": identity["dkim"]["zone"],
    }


def put_email_identity_mail_from_attributes(call: Call) -> Document:
    """Sets the MAIL FROM domain and starts the search for its MX anew; without a domain it is cleared."""
    identity = existing(call, call.params["EmailIdentity"])
    domain = _normal(call.params.get("MailFromDomain", ""))
    if not domain:
        identity["mail_from"] = None
        return _kept(call, identity)
    parent = identity["name"].rpartition("@")[2]
    if not domain.endswith("." + parent):
        raise bad_request(quirks.MAIL_FROM_NO_SUBDOMAIN.value.format(mail_from=domain, name=identity["name"]))
    identity["mail_from"] = {
        "domain": domain,
        "behavior": call.params.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE"),
        "search": verification.armed(call.now),
    }
    return _kept(call, identity)


def put_email_identity_feedback_attributes(call: Call) -> Document:
    """Switches the forwarding of bounces and complaints by e-mail on or off."""
    identity = existing(call, call.params["EmailIdentity"])
    identity["feedback"] = call.params.get("EmailForwardingEnabled", False)
    return _kept(call, identity)


def put_email_identity_configuration_set_attributes(call: Call) -> Document:
    """Sets the default configuration set; without a name it is cleared."""
    identity = existing(call, call.params["EmailIdentity"])
    identity["configuration_set"] = _known_set(call, call.params.get("ConfigurationSetName"))
    return _kept(call, identity)


def existing(call: Call, name: str) -> Document:
    """Returns an identity; refuses a name that isn't there."""
    identity = call.get(names.IDENTITY, _normal(name))
    if identity is None:
        raise not_found(quirks.IDENTITY_MISSING.value.format(name=name))
    return identity


def verification_status(identity: Document) -> str:
    """Returns whether SES takes the identity for the caller's: a domain is by its DKIM records."""
    search = identity["dkim"]["search"] if identity["type"] == "DOMAIN" else identity["address"]
    return str(search["status"])


def _sendable(status: str) -> bool:
    # A temporary failure of DNS doesn't stop a domain that was verified.
    return status in ("SUCCESS", "TEMPORARY_FAILURE")


def _shown(call: Call, identity: Document) -> Document:
    status = verification_status(identity)
    shown: Document = {
        "IdentityType": identity["type"],
        "FeedbackForwardingStatus": identity["feedback"],
        "VerifiedForSendingStatus": _sendable(status) or _under_verified_domain(call, identity),
        "DkimAttributes": _dkim_shown(identity),
        "Policies": {},
        "Tags": tags.of(call, _arn(call, identity["name"])),
        "ConfigurationSetName": identity["configuration_set"],
        "VerificationStatus": status,
        "VerificationInfo": _info(identity),
    }
    if identity["mail_from"] is not None:
        shown["MailFromAttributes"] = {
            "MailFromDomain": identity["mail_from"]["domain"],
            "MailFromDomainStatus": identity["mail_from"]["search"]["status"],
            "BehaviorOnMxFailure": identity["mail_from"]["behavior"],
        }
    return shown


def _listed(identity: Document) -> Document:
    status = verification_status(identity)
    return {
        "IdentityType": identity["type"],
        "IdentityName": identity["name"],
        "SendingEnabled": _sendable(status),
        "VerificationStatus": status,
    }


def _info(identity: Document) -> Document:
    search = identity["dkim"]["search"] if identity["type"] == "DOMAIN" else identity["address"]
    return {
        "LastCheckedTimestamp": search.get("checked"),
        "LastSuccessTimestamp": search.get("succeeded"),
        "ErrorType": search.get("error"),
    }


def _dkim_shown(identity: Document) -> Document:
    dkim = identity["dkim"]
    is_address = identity["type"] == "EMAIL_ADDRESS"
    return {
        "SigningEnabled": dkim["enabled"],
        "Status": dkim["search"]["status"],
        "Tokens": dkim["tokens"] or None,
        "SigningHostedZone": dkim["zone"],
        "SigningAttributesOrigin": dkim["origin"],
        "NextSigningKeyLength": quirks.ADDRESS_KEY_LENGTH.value if is_address else dkim["length"],
        "CurrentSigningKeyLength": dkim["length"],
        "LastKeyGenerationTimestamp": dkim["generated"],
    }


def _easy_dkim(call: Call, name: str, attributes: Document, origin: str = "AWS_SES") -> Document:
    own_key = any(attributes.get(member) for member in _BYODKIM)
    if own_key and attributes.get("NextSigningKeyLength"):
        raise bad_request("NextSigningKeyLength can't be given together with a key of your own.")
    if own_key or origin == "EXTERNAL":
        return {
            **_no_dkim(),
            "enabled": True,
            "origin": "EXTERNAL",
            "tokens": [attributes.get("DomainSigningSelector", "")],
        }
    region = call.scope.region
    regional = region in quirks.DKIM_REGIONS_OF_THEIR_OWN.value
    return {
        "enabled": True,
        "origin": "AWS_SES",
        "tokens": _tokens(call, name),
        "zone": quirks.DKIM_REGIONAL_ZONE.value.format(region=region) if regional else quirks.DKIM_ZONE.value,
        "length": attributes.get("NextSigningKeyLength", "RSA_2048_BIT"),
        "generated": call.now,
        "search": verification.armed(call.now),
    }


def _no_dkim() -> Document:
    return {
        "enabled": False,
        "origin": "AWS_SES",
        "tokens": [],
        "zone": None,
        "length": None,
        "generated": None,
        "search": {"status": quirks.DKIM_AT_FIRST_ELSEWHERE.value, "since": 0.0},
    }


def _tokens(call: Call, name: str) -> list[str]:
    generation = call.state.generation(call.scope, f"identity/{name}")
    made = []
    for number in range(3):
        text = "/".join((*call.scope, name, str(generation), str(number)))
        # 32 letters and digits, as SES's own tokens.
        made.append(base64.b32encode(hashlib.sha256(text.encode()).digest()[:20]).decode().lower())
    return made


def _under_verified_domain(call: Call, identity: Document) -> bool:
    """Tells whether a parent domain lends its verification (spec/ses.md 1.2)."""
    labels = identity["name"].rpartition("@")[2].split(".")
    first = 0 if identity["type"] == "EMAIL_ADDRESS" else 1
    for start in range(first, len(labels) - 1):
        parent = call.get(names.IDENTITY, ".".join(labels[start:]))
        if parent is not None and _sendable(verification_status(verification.refreshed(call, parent))):
            return True
    return False


def _known_set(call: Call, name: str | None) -> str | None:
    if name and call.get(names.CONFIGURATION_SET, name) is None:
        raise not_found(quirks.SET_MISSING.value.format(name=name))
    return name or None


def _kept(call: Call, identity: Document) -> Document:
    call.put(names.IDENTITY, identity["name"], identity)
    return {}


def _arn(call: Call, name: str) -> str:
    return call.arn(f"identity/{name}")


def _normal(name: str) -> str:
    # Domains are the same in upper and lower case, the local part of an address isn't.
    local, at, domain = name.rpartition("@")
    return local + at + domain.lower()
