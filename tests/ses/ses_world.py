"""What the tests of the SES provider declare, remember and count."""

from collections import Counter
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.resources import Desired, Identity, ResourceState, identity_of
from chanplan.model.scopes import Scope

ACCOUNT = "123456789012"
REGION = "us-east-1"
SCOPE = Scope("ses", ACCOUNT, REGION)
S3 = [{"s3": {"bucket": "acme-inbound"}}]
RECEIVING = {"rule_set": "inbound", "actions": S3}


class Killed(BaseException):
    """The process ends here."""


class World:
    """The sandbox, our provider in front of it, and what a state would remember."""

    def __init__(self, controls, provider):
        self.controls = controls
        self.provider = provider

    def setup(self, name="acme", **attributes):
        """Declares a setup."""
        declared = {
            "tenant_name": name,
            "domain_identity": f"mail.{name}.example",
            "mail_from": "bounce",
            "dmarc": {"policy": "none"},
            "reputation_policy": "standard",
            "receiving": None,
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        }
        return Desired(Address("ses_setup", name), declared | attributes, SCOPE)

    def pool(self, name="txn", **attributes):
        """Declares a sending pool."""
        declared = {
            "pool_name": f"acme-{name}",
            "family": "transactional",
            "tiers": ["onboarding"],
            "scaling": "standard",
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        }
        return Desired(Address("sending_pool", name), declared | attributes, SCOPE)

    def use_case(self, name="receipts", setup="acme", **attributes):
        """Declares an email use case of a setup."""
        declared = {
            "channel": "email",
            "entity_name": "Acme",
            "name": name.title(),
            "description": None,
            "ses_setup": f"ses_setup.{setup}",
            "sender_email_address": f"{name}@mail.{setup}.example",
            "email_type": "transactional",
            "sending_pool": None,
            "tags": {"team": "growth"},
            "prevent_destroy": False,
        }
        context = {"tenant_name": setup, "domain_identity": f"mail.{setup}.example"}
        return Desired(Address("use_case", name), declared | attributes, SCOPE, context=context)

    def create(self, desired, id="id-1", partial=None, checkpoint=None, provider=None):
        """Creates, and gives what a state would remember."""
        facts = (provider or self.provider).create(desired, id, partial or {}, checkpoint or ignored)
        return remembered(desired, id, facts)

    def update(self, prior, changed, **attributes):
        """Updates attributes, and gives what a state would remember."""
        desired = self.declared(prior, **attributes)
        facts = self.provider.update(prior, desired, changed, ignored)
        return remembered(desired, prior.id, facts)

    def declared(self, prior, **attributes):
        """Declares what is remembered, with other attributes."""
        return Desired(prior.address, {**prior.attributes, **attributes}, prior.scope, context=prior.context)

    def read(self, resource):
        """Reads what a state remembers, or what is declared and new."""
        if isinstance(resource, ResourceState):
            return self.provider.read(identity_of(resource))
        return self.provider.read(new_identity(resource))

    def holdings(self):
        """Gives the names of all that SES holds, by kind."""
        return {holding.kind: holding.names for holding in self.controls.status().holdings}

    def calls(self):
        """Gives how often each operation was called since the last look."""
        counted = Counter(call.operation for call in self.controls.calls())
        self.controls.clear_calls()
        return dict(counted)


def ignored(what, facts):
    """A checkpoint of somebody who isn't interested."""


def remembered(desired, id, facts, complete=True):
    """Gives what a state remembers after a create."""
    return ResourceState(
        desired.address, id, desired.scope, desired.attributes, facts, desired.context, complete=complete
    )


def new_identity(desired):
    """Gives what finds a declared resource that no state knows."""
    return Identity(desired.address, None, desired.scope, desired.attributes, context=desired.context)


def without(mapping, *keys):
    """Gives a mapping without some keys."""
    return {key: value for key, value in mapping.items() if key not in keys}


def incomplete(prior, **changes):
    """Gives what a state remembers of a create that has begun and not finished."""
    return replace(prior, complete=False, **changes)
