"""Every error that the API answers with: its code, its status, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One code. `detail` is an example of what it says, for the description."""

    status: int
    title: str
    detail: str


CATALOGUE: Mapping[str, Entry] = {
    "bad_request": Entry(400, "The request isn't HTTP", "The request isn't HTTP/1.1."),
    "not_json": Entry(
        400, "The body isn't JSON", "The body isn't JSON: Expecting value, at line 1, column 1."
    ),
    "nested_too_deeply": Entry(
        400, "The body is nested too deeply", "The body is nested more than 16 levels deep."
    ),
    "duplicate_field": Entry(
        400, "A field stands twice in the body", "The field 'tenant_name' stands twice in one object."
    ),
    "key_missing": Entry(401, "A key is needed", "This call needs a key: Authorization: Bearer KEY."),
    "key_refused": Entry(
        401, "The key isn't valid", "The key is unknown, has expired or was revoked; make another."
    ),
    "scope_missing": Entry(403, "The key may not do this", "The key has the scope view; this needs create."),
    "host_not_allowed": Entry(
        403, "This name isn't served", "Without keys only localhost and 127.0.0.1 are served by name."
    ),
    "not_found": Entry(404, "There is nothing here", "There is nothing at /v1/nothing."),
    "method_not_allowed": Entry(
        405, "The method isn't allowed here", "PUT isn't allowed at /v1/ses-setup; it takes GET, POST."
    ),
    "request_timeout": Entry(
        408, "The request came too slowly", "The body wasn't complete within 30 seconds."
    ),
    "length_required": Entry(
        411, "The length of the body is missing", "Send the body with Content-Length, or in chunks."
    ),
    "body_too_large": Entry(413, "The body is too large", "The body has more than 65536 bytes."),
    "content_type_unsupported": Entry(
        415, "The body isn't declared as JSON", "Send the body as Content-Type: application/json."
    ),
    "content_encoding_unsupported": Entry(
        415, "The body is compressed", "Send the body without Content-Encoding."
    ),
    "invalid_request": Entry(
        422,
        "The request has invalid fields",
        "1 field is wrong: tenant_name.",
    ),
    "rate_limited": Entry(
        429, "Too many requests", "This key may send 50 requests a second; go on in 1 second."
    ),
    "headers_too_large": Entry(
        431, "The head of the request is too large", "The head of the request has more than 32768 bytes."
    ),
    "internal_error": Entry(
        500,
        "Something went wrong in chanplan",
        "This is a bug in chanplan; its log tells where, under the request's id.",
    ),
    "overloaded": Entry(
        503, "Too much is in flight", "64 requests of this sort are in flight; go on in 1 second."
    ),
    "timed_out": Entry(
        504,
        "It took too long",
        "There was no answer within 55 seconds; what was begun goes on. Look again, or repeat it with its Idempotency-Key.",
    ),
    # What the engine says (model/channel_errors.py).
    "tenant_exists": Entry(409, "The tenant name is taken", "There is an SES setup of tenant acme already."),
    "domain_exists": Entry(409, "The domain is taken", "There is an SES setup of mail.acme.example already."),
    "use_case_exists": Entry(409, "The use case exists", "There is a use case Receipts of Acme already."),
    "configuration_set_exists": Entry(
        409,
        "The configuration set's name is taken",
        "The names give the configuration set acme_receipts, which another use case has.",
    ),
    "sender_address_bound": Entry(
        409,
        "The sender address is bound to another use case",
        "receipts@mail.acme.example is the sender of another use case.",
    ),
    "setup_in_use": Entry(
        409, "Use cases still refer to the setup", "1 use case refers to this setup: delete it first."
    ),
    "dns_not_verified": Entry(
        409,
        "The setup's DNS isn't verified",
        "3 of 7 DNS records of mail.acme.example aren't in place yet.",
    ),
    "profile_not_approved": Entry(
        409, "The customer profile isn't approved", "Twilio reviews the customer profile: in-review."
    ),
    "phone_numbers_assigned": Entry(
        409, "Phone numbers are still assigned", "+14155550100 is still assigned: unassign it first."
    ),
    "managed_by_configuration": Entry(
        409,
        "The configuration declares it",
        "ses_setup.acme-mail stands in the YAML: remove it there, and apply.",
    ),
    "prevent_destroy": Entry(409, "It is protected", "ses_setup.acme-mail has lifecycle.prevent_destroy."),
    "pool_missing": Entry(
        409, "No sending pool carries it", "There is no pool for transactional mail at tier onboarding."
    ),
    "service_ceiling": Entry(
        409, "The account holds no more of it", "us-east-1 holds 10000 tenants, which is all that SES allows."
    ),
    "foreign_object": Entry(
        409, "It exists and isn't chanplan's", "SES has a tenant acme that carries no mark of this workspace."
    ),
    "orphan": Entry(
        409,
        "It exists and isn't in the state",
        "SES has a tenant acme with this workspace's mark: import it.",
    ),
    "ambiguous": Entry(
        409, "It can't be told which object is meant", "2 Applications of this name may be the one."
    ),
    "changed_meanwhile": Entry(
        409, "It changed in the meantime", "The object isn't as it was when this was planned; try again."
    ),
    "refused": Entry(409, "The change is refused", "The plan of this change may not be applied."),
    "sender_domain_mismatch": Entry(
        422,
        "The sender's domain isn't the setup's",
        "receipts@other.example isn't an address of mail.acme.example.",
    ),
    "idempotency_key_reused": Entry(
        422,
        "The idempotency key was used for something else",
        "This key came with another body before: take a new one.",
    ),
    "invalid": Entry(422, "It can't be made as it is asked for", "1 field is wrong: domain_identity."),
    "rejected": Entry(502, "A service refused it", "SES refused CreateTenant: BadRequestException."),
    "locked": Entry(503, "Another run holds the workspace", "Another run holds the workspace; try again."),
    "state_unreadable": Entry(503, "The state can't be read", "The state can't be read now."),
    "state_unwritable": Entry(503, "The state can't be written", "The state can't be written now."),
    "state": Entry(503, "The state can't be used", "The state can't be used now."),
    "keys_unavailable": Entry(
        503, "Keys can't be looked up", "The state can't be used now; the server's log tells why."
    ),
    "configuration_invalid": Entry(
        503, "The configuration has problems", "The configuration has problems; reading goes on."
    ),
    "configuration_changed": Entry(
        503, "The configuration changed", "The configuration changed in a way that needs a new start."
    ),
    "provider_missing": Entry(
        503, "The provider isn't configured", "No provider is configured for this kind of setup."
    ),
    "handover_open": Entry(
        503, "A handover isn't finished", "Resources are being handed over to another workspace."
    ),
    "stopping": Entry(503, "The server is shutting down", "The server was asked to stop; try again."),
    "service_timed_out": Entry(504, "A service didn't answer in time", "SES didn't answer in time."),
}
"""By code; a service's own code (502, 504) that isn't here has the title of `rejected` or `service_timed_out`."""
