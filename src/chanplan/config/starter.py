"""The configuration that `chanplan init` writes: it validates as it is, and its comments are a first manual."""

import re

from chanplan.config.document import WORKSPACE_PATTERN
from chanplan.config.schema import config_schema_text
from chanplan.model.errors import Misused

SCHEMA_PATH = ".chanplan/config.schema.json"
"""Where `init` writes the schema for editors, relative to the root file."""

_TEXT = """\
# yaml-language-server: $schema={schema}
#
# A workspace of chanplan. The first line lets editors complete and check this file.
#   chanplan validate    checks it, offline
#   chanplan plan        shows what would change
#   chanplan apply       does it, and says which DNS records somebody must publish

version: 1
workspace: {workspace}        # marks every object of ours: choose a name that stays

# More files with the same sections, relative to this one:
# include: ["tenants/*.yaml"]

providers:
  ses:
    default: {{region: us-east-1}}
    # A second alias; a resource chooses it with `provider: eu`.
    # eu: {{region: eu-west-1}}

# Tags for every AWS object, beside chanplan's own:
# tags: {{team: growth}}

# Dedicated IP addresses, which AWS bills. Without pools, mail goes through the addresses that SES's customers share.
# sending_pools:
#   txn:
#     pool_name: {name}-transactional
#     family: transactional
#     tiers: [onboarding, standard, premium]
#     scaling: managed

ses_setups:
  example-mail:
    tenant_name: example
    domain_identity: mail.example.com    # a domain whose DNS you, or your customer, can edit
    # mail_from: bounce                  # bounces arrive at bounce.mail.example.com
    # dmarc: {{policy: none}}
    # reputation_policy: standard        # none, standard or strict
    # receiving: {{rule_set: inbound, actions: [{{s3: {{bucket: example-inbound}}}}]}}

use_cases:
  receipts:
    channel: email
    entity_name: Example
    name: Receipts
    description: Order receipts and invoices
    ses_setup: example-mail
    sender_email_address: receipts@mail.example.com
    email_type: transactional            # or marketing; a change replaces the use case
    # lifecycle: {{prevent_destroy: true}}

# Voice needs a Twilio account with an approved customer profile. Quote phone numbers. Secrets never stand here:
# ${{env:NAME}} names the environment variable that holds one.
#
# providers:
#   twilio:
#     default: {{account_sid: "${{env:TWILIO_ACCOUNT_SID}}"}}
#
# twilio_setups:
#   example-voice:
#     customer_profile: {{sid: BU0123456789abcdef0123456789abcdef}}
#
# use_cases:
#   support-line:
#     channel: inbound_voice
#     entity_name: Example
#     name: Support line
#     twilio_setup: example-voice
#     voice: {{url: "https://voice.example.com/answer"}}
#     phone_numbers: ["+14155550100"]
"""


def starter_configuration(workspace: str) -> str:
    """Give the text of a commented starter configuration for a workspace of this name.

    Raises Misused when a workspace can't have this name.
    """
    if not re.fullmatch(WORKSPACE_PATTERN, workspace):
        raise Misused(
            f"A workspace can't be named '{workspace}'.",
            remedy="A name has 1 to 50 lower-case letters, digits, hyphens and underscores, "
            "and begins with a letter or digit.",
        )
    # Without quotes an editor would see a number in 2024, and anyone would see nothing in null.
    plain = workspace[0].isalpha() and workspace not in {"null", "true", "false"}
    written = workspace if plain else f'"{workspace}"'
    return _TEXT.format(workspace=written, name=workspace, schema=SCHEMA_PATH)


def editor_schema() -> str:
    """Give the text of the schema file that the starter configuration's first line points to."""
    return config_schema_text()
