"""What happens to inbound mail, as it is declared and as receipt rules spell it."""

from collections.abc import Mapping, Sequence

from chanplan.model.values import Value, canonical
from chanplan.providers.ses.answers import Answer, block, text

_SPELLINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "s3": (
        "S3Action",
        {"bucket": "BucketName", "prefix": "ObjectKeyPrefix", "topic": "TopicArn", "kms_key": "KmsKeyArn"},
    ),
    "sns": ("SNSAction", {"topic": "TopicArn", "encoding": "Encoding"}),
    "lambda": ("LambdaAction", {"function": "FunctionArn", "invocation": "InvocationType"}),
}
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "sns": {"encoding": "UTF-8"},
    "lambda": {"invocation": "Event"},
}


def spelled(actions: Value) -> list[dict[str, object]]:
    """Give declared actions as a receipt rule has them."""
    rule_actions: list[dict[str, object]] = []
    for kind, settings in _declared(actions):
        name, members = _SPELLINGS[kind]
        rule_actions.append({name: {members[key]: value for key, value in settings.items()}})
    return rule_actions


def declared_form(actions: Sequence[Answer]) -> list[Value]:
    """Give a receipt rule's actions as they would be declared; those that can't be are named by SES's word."""
    return [_declared_action(action) for action in actions]


def same_actions(one: Value, other: Value) -> bool:
    """Tell whether two declared lists of actions do the same: an empty text means the same as none."""
    return _key(one) == _key(other)


def _declared_action(action: Answer) -> Value:
    for kind, (name, members) in _SPELLINGS.items():
        if settings := block(action, name):
            told = {key: value for key, member in members.items() if (value := text(settings, member))}
            return {kind: {**_DEFAULTS.get(kind, {}), **told}}
    return {name: {} for name in sorted(action)}


def _declared(actions: Value) -> list[tuple[str, dict[str, str]]]:
    if isinstance(actions, str) or not isinstance(actions, Sequence):
        return []
    return [
        (kind, {key: str(value) for key, value in settings.items() if value not in {"", None}})
        for action in actions
        if isinstance(action, Mapping)
        for kind, settings in action.items()
        if isinstance(settings, Mapping)
    ]


def _key(actions: Value) -> str:
    return canonical(
        [{kind: {**_DEFAULTS.get(kind, {}), **settings}} for kind, settings in _declared(actions)]
    )
