"""What logs in at Twilio: an API key is a pair, and half a pair would be passed over in favour of a token."""

from chanplan.config.draft import Draft
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import MapNode, Node


def check_logins(root: SourceFile, draft: Draft) -> None:
    """Refuse an alias that names only one of an API key's two halves."""
    providers = draft.settings.providers
    for name, alias in () if providers is None else providers.twilio.items():
        named = {"api_key": alias.api_key, "api_secret": alias.api_secret}
        missing = [half for half, secret in named.items() if secret is None]
        if len(missing) != 1:
            continue
        (there,) = named.keys() - set(missing)
        draft.reading.report(
            "half_a_key",
            f"providers.twilio.{name} names an {there} and no {missing[0]}.",
            place_of(root, _written(root.node, "providers", "twilio", name, there)),
            f"Add `{missing[0]}: ${{env:NAME}}`, or name the account's auth_token instead.",
        )


def _written(node: Node, *path: str) -> Node:
    for part in path:
        assert isinstance(node, MapNode), "it was decoded"
        node = node.values[part]
    return node
