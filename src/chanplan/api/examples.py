"""Examples for the description, of one imaginary customer."""

from typing import Any

_SETUP = "0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b"
_TWILIO_SETUP = "7c0e1b1a-54d5-4b0e-9b1e-0f2f3f6a7b10"
_MADE = "2026-11-30T09:00:00Z"
_CHECKED = "2026-11-30T09:20:00Z"
_RECORDS = (
    ("a1._domainkey.mail.acme.example", "a1.dkim.amazonses.com", "CNAME"),
    ("b2._domainkey.mail.acme.example", "b2.dkim.amazonses.com", "CNAME"),
    ("c3._domainkey.mail.acme.example", "c3.dkim.amazonses.com", "CNAME"),
    ("bounce.mail.acme.example", "10 feedback-smtp.us-east-1.amazonses.com", "MX"),
    ("bounce.mail.acme.example", "v=spf1 include:amazonses.com ~all", "TXT"),
    ("_dmarc.mail.acme.example", "v=DMARC1; p=none;", "TXT"),
    ("mail.acme.example", "10 inbound-smtp.us-east-1.amazonaws.com", "MX"),
)


def _setup(checked_at: str | None) -> dict[str, Any]:
    return {
        "id": _SETUP,
        "tenant_name": "acme",
        "domain_identity": "mail.acme.example",
        "dns_checked_at": checked_at,
        "dns_records": [
            {"address": address, "record": record, "type": kind, "verified": checked_at is not None}
            for address, record, kind in _RECORDS
        ],
        "created_at": _MADE,
        "updated_at": _MADE,
    }


_SES_SETUP = _setup(None)
_SES_SETUP_CHECKED = _setup(_CHECKED)
_SES_ITEM = {
    "id": _SETUP,
    "tenant_name": "acme",
    "domain_identity": "mail.acme.example",
    "dns_verified": True,
    "dns_checked_at": _CHECKED,
    "created_at": _MADE,
    "updated_at": _MADE,
}
_EMAIL_USE_CASE = {
    "id": "5d9a2c44-8c6b-4d8f-a7a5-9b6f0d1e2f33",
    "entity_name": "Acme",
    "name": "Receipts",
    "description": "Order receipts and invoices",
    "channel": "email",
    "ses_setup_id": _SETUP,
    "configuration_set_name": "acme_receipts",
    "sender_email_address": "receipts@mail.acme.example",
    "email_type": "transactional",
    "tier": "onboarding",
    "created_at": _MADE,
    "updated_at": _MADE,
}
_VOICE_USE_CASE = {
    "id": "e2b7f0a1-6d3c-4c5e-9f10-2a3b4c5d6e7f",
    "entity_name": "Acme",
    "name": "Support line",
    "description": None,
    "channel": "inbound_voice",
    "twilio_setup_id": _TWILIO_SETUP,
    "created_at": _MADE,
    "updated_at": _MADE,
}
_TWILIO_ITEM = {
    "id": _TWILIO_SETUP,
    "name": "acme-voice",
    "account_sid": "AC0123456789abcdef0123456789abcdef",
    "customer_profile_sid": "BU0123456789abcdef0123456789abcdef",
    "customer_profile_status": "twilio-approved",
    "created_at": _MADE,
    "updated_at": _MADE,
}
SETUPS_TO_CREATE: dict[str, Any] = {
    "setup": {
        "summary": "A domain",
        "value": {"tenant_name": "acme", "domain_identity": "mail.acme.example"},
    }
}
USE_CASES_TO_CREATE: dict[str, Any] = {
    "email": {
        "summary": "An email sender",
        "value": {
            "channel": "email",
            "entity_name": "Acme",
            "name": "Receipts",
            "description": "Order receipts and invoices",
            "ses_setup_id": _SETUP,
            "sender_email_address": "receipts@mail.acme.example",
            "email_type": "transactional",
        },
    },
    "voice": {
        "summary": "A voice line",
        "value": {
            "channel": "inbound_voice",
            "entity_name": "Acme",
            "name": "Support line",
            "twilio_setup_id": _TWILIO_SETUP,
        },
    },
}
_READY = {"status": "ready", "store": "ok", "configuration": "ok"}
_NOT_READY = {"status": "not_ready", "store": "unreadable", "configuration": "ok"}
_METRICS = """# HELP chanplan_state_serial The state's serial when it was last read
# TYPE chanplan_state_serial gauge
chanplan_state_serial 42.0
"""
ANSWERS: dict[str, Any] = {
    "ses_setup": _SES_SETUP,
    "ses_setup_checked": _SES_SETUP_CHECKED,
    "ses_setups": {"items": [_SES_ITEM]},
    "use_case": _EMAIL_USE_CASE,
    "use_cases": {"items": [_EMAIL_USE_CASE, _VOICE_USE_CASE]},
    "twilio_setups": {"items": [_TWILIO_ITEM]},
    "alive": {"status": "ok"},
    "ready": _READY,
    "not_ready": _NOT_READY,
    "figures": _METRICS,
}
EXTRAS: dict[str, dict[str, Any]] = {
    "invalid_request": {
        "errors": [
            {
                "where": "body",
                "field": "tenant_name",
                "code": "string_pattern_mismatch",
                "message": "String should match pattern '^[A-Za-z0-9_-]{1,64}$'",
            }
        ]
    },
    "sender_domain_mismatch": {"expected_domain": "mail.acme.example"},
    "setup_in_use": {"use_cases": ["5d9a2c44-8c6b-4d8f-a7a5-9b6f0d1e2f33"]},
    "phone_numbers_assigned": {"phone_numbers": ["+14155550100"]},
    "managed_by_configuration": {"address": "ses_setup.acme-mail"},
    "tenant_exists": {"value": "acme", "id": _SETUP},
    "service_ceiling": {"ceiling": 10_000},
    "dns_not_verified": {
        "state": "pending",
        "todo": ["Publish TXT _dmarc.mail.acme.example: v=DMARC1; p=none;"],
    },
    "not_found": {"kind": "ses_setup", "id": _SETUP},
    "rejected": {"service": "ses"},
    "service_timed_out": {"service": "ses", "unfinished": _SETUP},
}
"""What errors have beside the common members."""
