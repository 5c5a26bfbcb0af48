"""How many calls a change makes, by operation, so that a plan can say how long it takes at SES's quotas.

Counted as things go when nothing went wrong before: a resumed create looks at what it finds, an update leaves
out what is so already, and the first setup of a receipt rule creates it where the others update it. A delete is
counted with the read by which the engine makes sure right before it that it deletes what the plan showed. A test
compares these numbers with the calls that a service saw.
"""

from collections import Counter
from collections.abc import Mapping

from chanplan.model.plans import Action, Change, Reason
from chanplan.model.values import Attributes
from chanplan.providers.ses.marks import declared_tags
from chanplan.providers.ses.setup_reading import receiving_of

_SETUP_LOOK = ("sesv2:GetTenant", "sesv2:GetEmailIdentity")
_SETUP_READ = (*_SETUP_LOOK, "sesv2:GetReputationEntity", "sesv2:ListResourceTenants")
_RECEIVING_READ = ("ses:DescribeActiveReceiptRuleSet", "ses:DescribeReceiptRuleSet")
_SET_READ = ("sesv2:GetConfigurationSet", "sesv2:ListResourceTenants")
_POOL_READ = ("sesv2:GetDedicatedIpPool", "sesv2:ListTagsForResource")
_PLACE_IN_RULE = ("ses:DescribeReceiptRuleSet", "ses:UpdateReceiptRule", "ses:DescribeReceiptRuleSet")


def calls_of(change: Change) -> Mapping[str, int]:
    """Count the calls of a change; both halves of a replacement."""
    if not change.calls_service or change.action in {Action.NO_OP, Action.FORGET}:
        return {}
    before, after = change.before or {}, change.after or {}
    if change.prior is not None:
        before = change.prior.attributes
    if change.desired is not None:
        after = change.desired.attributes
    kind = change.address.kind
    if change.action is Action.UPDATE:
        return _UPDATES[kind](change, before, after)
    counted: Counter[str] = Counter()
    if change.action.destroys:
        counted += _DELETES[kind](before)
    if change.action is Action.CREATE or change.action.replaces:
        counted += _CREATES[kind](after)
    return counted


def _create_setup(after: Attributes) -> Counter[str]:
    counted = Counter(
        (
            "sesv2:CreateTenant",
            "sesv2:UpdateReputationEntityPolicy",
            "sesv2:CreateEmailIdentity",
            "sesv2:PutEmailIdentityMailFromAttributes",
            "sesv2:CreateTenantResourceAssociation",
        )
    )
    if receiving_of(after) is not None:
        counted.update(("ses:DescribeReceiptRuleSet", *_PLACE_IN_RULE))
    return counted


def _update_setup(change: Change, before: Attributes, after: Attributes) -> Counter[str]:
    if change.switch is not None:
        return Counter(("sesv2:GetTenant", "sesv2:UpdateReputationEntityCustomerManagedStatus"))
    counted = Counter(_SETUP_READ)
    changed = set(change.changed)
    restarts = "verification" in changed or change.reason is Reason.REARMED
    if "reputation_policy" in changed:
        counted["sesv2:UpdateReputationEntityPolicy"] += 1
    if "mail_from" in changed or restarts:
        counted["sesv2:PutEmailIdentityMailFromAttributes"] += 1
    if restarts:
        counted["sesv2:PutEmailIdentityDkimSigningAttributes"] += 1
    old, new = receiving_of(before), receiving_of(after)
    if new is not None:
        counted["ses:DescribeReceiptRuleSet"] += 1
        if "receiving" in changed:
            # Into the right rule, and out of the wrong one of the same set; one look after each write.
            writes = 2 if old is not None and old["rule_set"] == new["rule_set"] else 1
            counted.update({"ses:UpdateReceiptRule": writes, "ses:DescribeReceiptRuleSet": writes})
    if old is not None and (new is None or old["rule_set"] != new["rule_set"]):
        counted.update(_PLACE_IN_RULE)
    return counted + _mends(change) + _tags(change, before, after, objects=2)


def _delete_setup(before: Attributes) -> Counter[str]:
    counted = Counter(
        (
            *_SETUP_READ,
            *_SETUP_LOOK,
            "sesv2:ListTenantResources",
            "sesv2:ListResourceTenants",
            "sesv2:DeleteTenantResourceAssociation",
            "sesv2:DeleteEmailIdentity",
            "sesv2:DeleteTenant",
        )
    )
    if receiving_of(before) is not None:
        counted.update((*_RECEIVING_READ, *_PLACE_IN_RULE))
    return counted


def _create_set(_: Attributes) -> Counter[str]:
    return Counter(("sesv2:CreateConfigurationSet", "sesv2:CreateTenantResourceAssociation"))


def _update_set(change: Change, before: Attributes, after: Attributes) -> Counter[str]:
    counted = Counter(_SET_READ)
    changed = set(change.changed)
    if "sending_pool" in changed:
        counted["sesv2:PutConfigurationSetDeliveryOptions"] += 1
    return counted + _mends(change) + _tags(change, before, after, objects=1)


def _delete_set(_: Attributes) -> Counter[str]:
    return Counter(
        (
            *_SET_READ,
            *_SET_READ,
            "sesv2:GetEmailIdentity",
            "sesv2:DeleteTenantResourceAssociation",
            "sesv2:DeleteConfigurationSet",
        )
    )


def _create_pool(_: Attributes) -> Counter[str]:
    return Counter(("sesv2:CreateDedicatedIpPool",))


def _update_pool(change: Change, before: Attributes, after: Attributes) -> Counter[str]:
    counted = Counter(_POOL_READ)
    if "scaling" in change.changed:
        counted["sesv2:PutDedicatedIpPoolScalingAttributes"] += 1
    return counted + _tags(change, before, after, objects=1)


def _delete_pool(before: Attributes) -> Counter[str]:
    addresses = ("sesv2:GetDedicatedIps",) if before["scaling"] == "standard" else ()
    return Counter((*_POOL_READ, *addresses, *_POOL_READ, "sesv2:DeleteDedicatedIpPool"))


def _mends(change: Change) -> Counter[str]:
    # A plan doesn't say which part is missing; of all of them the association is lost the most easily.
    missing = change.reason is Reason.MENDED or (change.importing is not None and change.importing.missing)
    return Counter({"sesv2:CreateTenantResourceAssociation": 1} if missing else {})


def _tags(change: Change, before: Attributes, after: Attributes, *, objects: int) -> Counter[str]:
    counted: Counter[str] = Counter()
    if change.importing is not None:
        # The mark and the workspace's tags go in one call; what carries an id that it keeps is marked already.
        counted["sesv2:TagResource"] += objects if change.id is None or "tags" in change.changed else 0
    elif "tags" in change.changed:
        old, new = declared_tags(before), declared_tags(after)
        if new.items() - old.items():
            counted["sesv2:TagResource"] += objects
        if old.keys() - new.keys():
            counted["sesv2:UntagResource"] += objects
    return counted


_CREATES = {"ses_setup": _create_setup, "use_case": _create_set, "sending_pool": _create_pool}
_UPDATES = {"ses_setup": _update_setup, "use_case": _update_set, "sending_pool": _update_pool}
_DELETES = {"ses_setup": _delete_setup, "use_case": _delete_set, "sending_pool": _delete_pool}
