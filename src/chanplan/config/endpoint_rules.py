"""Where an alias's own `endpoint_url` may lead.

Its requests are signed with the credentials of whoever runs chanplan, and carry a session token. Their secret key
isn't among what is sent, so that a stranger's server can't use them; but what it answers is believed.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from chanplan.config.draft import Draft
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import MapNode, Node
from chanplan.model.configuration import SesAlias
from chanplan.model.problems import Severity

_OWN_HOST = re.compile(
    r"email(-fips)?\.[a-z]{2,3}(-[a-z]+){1,3}-[0-9]{1,2}\.(amazonaws\.com(\.cn)?|api\.aws)"
)
"""SES's hosts by name (ses.md 1.1): others below amazonaws.com are buckets and functions that anybody can make."""


def check_endpoints(root: SourceFile, draft: Draft) -> None:
    """Refuse endpoints that are called in clear text over a network; warn of those that aren't AWS's."""
    providers = draft.settings.providers
    for name, alias in () if providers is None else providers.ses.items():
        host = _host(alias)
        if host is None or _is_here(host):
            continue
        place = place_of(root, _written(root.node, "providers", "ses", name, "endpoint_url"))
        assert alias.endpoint_url is not None
        if not alias.endpoint_url.startswith("https:"):
            draft.reading.report(
                "endpoint_in_clear_text",
                f"providers.ses.{name}.endpoint_url is called without encryption, and isn't on this machine.",
                place,
                "Use https. Whoever runs chanplan can set AWS_ENDPOINT_URL_SESV2 and AWS_ENDPOINT_URL_SES instead.",
            )
        elif not _OWN_HOST.fullmatch(host):
            draft.reading.report(
                "endpoint_not_aws",
                f"providers.ses.{name} doesn't call AWS but {host}, with requests that your credentials sign.",
                place,
                "Nothing, if that is meant; otherwise remove endpoint_url.",
                severity=Severity.WARNING,
            )


def _host(alias: SesAlias) -> str | None:
    try:
        return None if alias.endpoint_url is None else urlsplit(alias.endpoint_url).hostname
    except ValueError:
        # Brackets that hold no IPv6 address; boto3 says so.
        return None


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _written(node: Node, *path: str) -> Node:
    """Give the node at a path, or the closest one around it."""
    for part in path:
        below = node.values.get(part) if isinstance(node, MapNode) else None
        if below is None:
            break
        node = below
    return node
