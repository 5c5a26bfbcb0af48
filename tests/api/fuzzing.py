"""What schemathesis needs to reach the core: real ids among the generated ones. Loaded by `SCHEMATHESIS_HOOKS`.

Without it nearly every use case would end in 404, since nobody guesses a UUID. What is generated stays, but for the setup
that it names, and for the sender's domain with it.
"""

import os
import random
import re
import uuid
from urllib.parse import urlsplit

import schemathesis

from tests.api.front import Client

_BASE = os.environ["CHANPLAN_FUZZED"]
"""Where the server listens."""
_KEY = os.environ["CHANPLAN_FUZZING_KEY"]
_DRAWS = random.Random(0)


@schemathesis.hook
def map_headers(context, headers):
    """Make each idempotency key a new one: one that comes again gives the first answer again, of a setup that may be gone since."""
    key = (headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        headers["Idempotency-Key"] = f"{key}-{uuid.uuid4().hex}"
    return headers


@schemathesis.hook
def before_call(context, case, kwargs):
    """Put ids that exist into most of what is sent and is well-formed otherwise."""
    body = case.body
    if case.operation.label != "POST /v1/use-case" or not isinstance(body, dict) or _DRAWS.random() < 0.3:
        return
    if "twilio_setup_id" in body:
        body["twilio_setup_id"] = _any("/v1/twilio-setup", "id")["id"]
    elif "ses_setup_id" in body:
        setup = _any("/v1/ses-setup", "dns_verified")
        if setup is not None:
            body["ses_setup_id"] = setup["id"]
            if "@" in str(body.get("sender_email_address")) and _DRAWS.random() < 0.8:
                local = body["sender_email_address"].rpartition("@")[0]
                body["sender_email_address"] = f"{local}@{setup['domain_identity']}"


def _any(path, what):
    """Gives any item that has something, None when there is none."""
    items = [item for item in _client().get(path).json["items"] if item[what]]
    return _DRAWS.choice(items) if items else None


def _client():
    assert urlsplit(_BASE).hostname == "127.0.0.1"
    return Client(_BASE, _KEY)
