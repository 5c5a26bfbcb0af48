"""What Applications and numbers have in common: where Twilio asks what to do with a call or a message."""

from collections.abc import Mapping

from chanplan.sandbox.documents import Document

ATTRIBUTES: Mapping[str, str] = {
    "FriendlyName": "friendly_name",
    "ApiVersion": "api_version",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceCallerIdLookup": "voice_caller_id_lookup",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
}
"""From parameters to attributes."""


def at_first() -> Document:
    """Returns the attributes as they are before anybody has set them."""
    return {
        **dict.fromkeys(ATTRIBUTES.values()),
        "friendly_name": "",
        "api_version": "2010-04-01",
        "voice_method": "POST",
        "voice_fallback_method": "POST",
        "status_callback_method": "POST",
        "voice_caller_id_lookup": False,
        "sms_method": "POST",
        "sms_fallback_method": "POST",
    }
