"""The account's own page: out of the mail sandbox, healthy, nothing sent."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.call import Call


def get_account(call: Call) -> Document:
    """Answers an account in production that has sent nothing yet."""
    del call
    return {
        "DedicatedIpAutoWarmupEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
        "SendingEnabled": True,
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        "VdmAttributes": {"VdmEnabled": "DISABLED"},
    }
