"""The operations of Twilio that the sandbox has: where they are found, what they take, how they answer when it worked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from chanplan.sandbox.services.twilio.quirks import NAME_CHARACTERS
from chanplan.sandbox.wire.twilio.parameters import (
    Check,
    app_sid_or_none,
    choice,
    method,
    page_token,
    sid,
    sids,
    text,
    trunk_sid_or_none,
    truth,
    up_to,
    url,
    whole,
)

API = "api.twilio.com"
TRUSTHUB = "trusthub.twilio.com"
HOSTS = frozenset({API, TRUSTHUB})

_NAME = up_to(NAME_CHARACTERS.value)
_ACCOUNTS = "/2010-04-01/Accounts"
_ACCOUNT = _ACCOUNTS + "/{AccountSid}"
_PROFILES = "/v1/CustomerProfiles"
_ASSIGNMENTS = _PROFILES + "/{CustomerProfileSid}/ChannelEndpointAssignments"

_PATH: Mapping[str, Check] = {
    "AccountSid": sid("AC"),
    "CustomerProfileSid": sid("BU"),
}
_PAGING: Mapping[str, Check] = {
    "PageSize": whole(1, 1000),
    "Page": whole(0, None),
    "PageToken": page_token,
}
_ACCOUNT_STATUS = choice("active", "suspended", "closed")
_PROFILE_STATUS = choice("draft", "pending-review", "in-review", "twilio-rejected", "twilio-approved")
_APPLICATION: Mapping[str, Check] = {
    "FriendlyName": _NAME,
    "ApiVersion": choice("2008-08-01", "2010-04-01"),
    "VoiceUrl": url,
    "VoiceMethod": method,
    "VoiceFallbackUrl": url,
    "VoiceFallbackMethod": method,
    "StatusCallback": url,
    "StatusCallbackMethod": method,
    "VoiceCallerIdLookup": truth,
    "SmsUrl": url,
    "SmsMethod": method,
    "SmsFallbackUrl": url,
    "SmsFallbackMethod": method,
    "SmsStatusCallback": url,
    "MessageStatusCallback": url,
    "PublicApplicationConnectEnabled": truth,
}
_NUMBER: Mapping[str, Check] = {
    **{
        name: check
        for name, check in _APPLICATION.items()
        if name not in ("SmsStatusCallback", "MessageStatusCallback", "PublicApplicationConnectEnabled")
    },
    "SmsApplicationSid": app_sid_or_none,
    "VoiceApplicationSid": app_sid_or_none,
    "TrunkSid": trunk_sid_or_none,
    "VoiceReceiveMode": choice("voice", "fax"),
}
_PROFILE: Mapping[str, Check] = {"FriendlyName": _NAME, "Email": text, "StatusCallback": url}


@dataclass(frozen=True)
class Operation:
    """One operation of Twilio."""

    name: str
    """Twilio's own name of it, the `operationId` of its description."""
    method: str
    host: str
    path: str
    """With its parameters in braces."""
    success: int
    """The HTTP status of an answer that isn't a refusal."""
    takes: Mapping[str, Check] = field(default_factory=dict)
    """What may stand in the query of a GET, in the form of a POST."""
    required: frozenset[str] = frozenset()
    own_sid: str = ""
    """The prefix of the SID that the last part of the path holds."""

    @property
    def full_name(self) -> str:
        """Returns the name by which faults, hooks and the journal know it."""
        return f"twilio:{self.name}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Returns the pattern that its raw paths match."""
        parts = re.split(r"\{(\w+)\}", self.path)
        return re.compile(
            "".join(
                f"(?P<{part}>[^/]+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
            )
        )

    def path_check(self, name: str) -> Check:
        """Returns the check of a parameter in the path."""
        return _PATH[name] if name in _PATH else sid(self.own_sid)


def _resource(
    name: str,
    host: str,
    collection: str,
    prefix: str,
    takes: Mapping[str, Mapping[str, Check]],
    required: str,
) -> Iterator[Operation]:
    """Returns the usual five operations on a collection, as far as `takes` names them."""
    suffix = ".json" if host == API else ""
    one = f"{collection}/{{Sid}}{suffix}"
    rows = {
        "List": ("GET", collection + suffix, 200, ""),
        "Create": ("POST", collection + suffix, 201, ""),
        "Fetch": ("GET", one, 200, prefix),
        "Update": ("POST", one, 200, prefix),
        "Delete": ("DELETE", one, 204, prefix),
    }
    for verb, (http_method, path, success, own_sid) in rows.items():
        if verb in takes:
            yield Operation(
                verb + name,
                http_method,
                host,
                path,
                success,
                {**takes[verb], **_PAGING} if verb == "List" else takes[verb],
                frozenset(required.split()) if verb == "Create" else frozenset(),
                own_sid,
            )


OPERATIONS: tuple[Operation, ...] = (
    *_resource(
        "Account",
        API,
        _ACCOUNTS,
        "AC",
        {
            "List": {"FriendlyName": text, "Status": _ACCOUNT_STATUS},
            "Create": {"FriendlyName": _NAME},
            "Fetch": {},
            "Update": {"FriendlyName": _NAME, "Status": _ACCOUNT_STATUS},
        },
        "",
    ),
    *_resource(
        "Application",
        API,
        _ACCOUNT + "/Applications",
        "AP",
        {
            "List": {"FriendlyName": text},
            "Create": _APPLICATION,
            "Fetch": {},
            "Update": _APPLICATION,
            "Delete": {},
        },
        "",
    ),
    *_resource(
        "IncomingPhoneNumber",
        API,
        _ACCOUNT + "/IncomingPhoneNumbers",
        "PN",
        {
            "List": {"Beta": truth, "FriendlyName": text, "PhoneNumber": text, "Origin": text},
            "Fetch": {},
            "Update": _NUMBER,
            "Delete": {},
        },
        "",
    ),
    *_resource(
        "CustomerProfile",
        TRUSTHUB,
        _PROFILES,
        "BU",
        {
            "List": {"Status": _PROFILE_STATUS, "FriendlyName": text, "PolicySid": sid("RN")},
            "Create": {**_PROFILE, "PolicySid": sid("RN")},
            "Fetch": {},
            "Update": {**_PROFILE, "Status": _PROFILE_STATUS},
            "Delete": {},
        },
        "FriendlyName Email PolicySid",
    ),
    *_resource(
        "CustomerProfileChannelEndpointAssignment",
        TRUSTHUB,
        _ASSIGNMENTS,
        "RA",
        {
            "List": {"ChannelEndpointSid": sid(""), "ChannelEndpointSids": sids},
            "Create": {"ChannelEndpointType": text, "ChannelEndpointSid": sid("")},
            "Fetch": {},
            "Delete": {},
        },
        "ChannelEndpointType ChannelEndpointSid",
    ),
)


def operation_at(host: str, path: str, http_method: str) -> tuple[Operation, dict[str, str]] | None:
    """Returns the operation at a raw path and what its placeholders hold; None where nothing is."""
    for operation in OPERATIONS:
        if (operation.host, operation.method) == (host, http_method) and (
            found := operation.pattern.fullmatch(path)
        ):
            return operation, found.groupdict()
    return None
