"""Times as the two families of Twilio's APIs write them."""

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc_2822(at: float) -> str:
    """Writes a time as v2010 does: `Thu, 30 Jul 2015 20:00:00 +0000`."""
    return format_datetime(datetime.fromtimestamp(int(at), UTC))


def iso_8601(at: float) -> str:
    """Writes a time as the newer APIs do: `2019-07-30T22:29:24Z`."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
