"""What the service makes up: ids, ARNs, tokens and statuses. The same call makes up the same."""

import hashlib
from datetime import datetime

from chanplan.model.values import Facts

VERIFIED: Facts = {"dkim_status": "SUCCESS", "mail_from_status": "SUCCESS"}
"""The statuses of an identity whose records were found."""

_TOKENS = 3


def facts_of(part: str, name: str, serial: int, now: datetime) -> Facts:
    """Give what stays of a part that is the world's `serial`th."""
    made_up = hashlib.sha256(f"{part}/{name}/{serial}".encode()).hexdigest()
    match part:
        case "tenant":
            tenant_id = f"tn-{made_up[:12]}"
            return {"tenant_id": tenant_id, "tenant_arn": f"arn:aws:ses:tenant/{name}/{tenant_id}"}
        case "identity":
            return {
                "identity_arn": f"arn:aws:ses:identity/{name}",
                "dkim_tokens": [made_up[start : start + 16] for start in range(0, 16 * _TOKENS, 16)],
                "verification_started_at": now.isoformat(),
            }
        case "pool":
            return {"pool_arn": f"arn:aws:ses:dedicated-ip-pool/{name}"}
        case "configuration_set":
            return {
                "configuration_set_name": name,
                "configuration_set_arn": f"arn:aws:ses:configuration-set/{name}",
            }
        case "application":
            return {"application_sid": f"AP{made_up[:32]}"}
        case _:
            return {}


def statuses_of(part: str) -> Facts:
    """Give the statuses of a part that was just made."""
    match part:
        case "identity":
            return {"dkim_status": "PENDING", "mail_from_status": "PENDING"}
        case "tenant":
            return {"sending_status": "ENABLED", "sending_status_by_us": "ENABLED"}
        case _:
            return {}
