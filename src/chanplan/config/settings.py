"""From the root file's own keys to the settings of the workspace."""

import os
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from chanplan.config import document
from chanplan.config.complaints import Owner
from chanplan.config.decoding import Declared
from chanplan.config.draft import Draft, Settings
from chanplan.config.environment import secret_variable
from chanplan.config.includes import SourceFile, place_of
from chanplan.config.nodes import MapNode, Scalar
from chanplan.model.configuration import (
    PostgresSettings,
    Providers,
    S3Encryption,
    S3Settings,
    Safety,
    SesAlias,
    SqliteSettings,
    StateSettings,
    TwilioAlias,
)
from chanplan.model.values import Secret

T = TypeVar("T")

_VERSION: Declared[int] = Declared(TypeAdapter(document.FormatVersion))
_WORKSPACE: Declared[str] = Declared(TypeAdapter(document.WorkspaceName))
_STATE: Declared[document.AnyState] = Declared(TypeAdapter(document.AnyState))
_SQLITE_STATE = Declared(TypeAdapter(document.SqliteState))
_PROVIDERS = Declared(TypeAdapter(document.Providers))
_TAGS: Declared[dict[str, str]] = Declared(TypeAdapter(document.Tags))
_SAFETY = Declared(TypeAdapter(document.Safety))

_REQUIRED = {
    "version": "Add `version: 1`.",
    "workspace": "Add `workspace: NAME`; the name marks every object of ours, so choose one that stays.",
}


def read_settings(root: SourceFile, path: Path, draft: Draft) -> Settings:
    """Decode what the root file says of the whole workspace."""
    for key, remedy in _REQUIRED.items():
        if key not in root.node.values:
            draft.reading.report("missing_key", f"The root file needs {key}.", draft.root, remedy)
    settings = Settings()
    _decode(_VERSION, "version", root, draft)
    settings.workspace = _decode(_WORKSPACE, "workspace", root, draft)
    _read_state(root, path, draft, settings)
    safety = _decode(_SAFETY, "safety", root, draft) or document.Safety()
    settings.safety = Safety(safety.max_percent, safety.minimum)
    settings.tags = {} if _absent("tags", root) else _decode(_TAGS, "tags", root, draft)
    _read_providers(root, draft, settings)
    return settings


def _decode(declared: Declared[T], key: str, file: SourceFile, draft: Draft) -> T | None:
    if _absent(key, file):
        return None
    return declared.decode(
        file.node.values[key], file.scalars, Owner(key, file.node.key(key), draft.suggestions)
    )


def _absent(key: str, file: SourceFile) -> bool:
    """Tell whether a key isn't there, or holds nothing where it may be left out."""
    node = file.node.values.get(key)
    return node is None or (key not in _REQUIRED and isinstance(node, Scalar) and node.is_null)


def _read_state(root: SourceFile, path: Path, draft: Draft, settings: Settings) -> None:
    node = root.node.values.get("state")
    written: document.AnyState | None
    if isinstance(node, MapNode) and "backend" in node.values:
        written = _decode(_STATE, "state", root, draft)
    else:
        written = _decode(_SQLITE_STATE, "state", root, draft)
    written = written or document.SqliteState()
    settings.declared_state = written.model_dump()
    settings.state = _state(written, path)


def _state(written: document.AnyState, path: Path) -> StateSettings:
    match written:
        case document.SqliteState():
            return SqliteSettings(os.path.normpath(path.parent / written.path))
        case document.PostgresState():
            return PostgresSettings(_secret(written.dsn))
        case document.S3State():
            encryption = written.encryption
            return S3Settings(
                written.bucket,
                written.key,
                written.region,
                written.endpoint_url,
                written.profile,
                None if encryption is None else S3Encryption(encryption.sse, encryption.kms_key_id),
            )


def _read_providers(root: SourceFile, draft: Draft, settings: Settings) -> None:
    key = root.node.key("providers")
    if key is None or _absent("providers", root):
        settings.providers = Providers()
        return
    settings.providers_source = place_of(root, key)
    declared = _decode(_PROVIDERS, "providers", root, draft)
    if declared is None:
        return
    settings.providers = Providers(
        {alias: _ses_alias(alias, written) for alias, written in sorted(declared.ses.items())},
        {alias: _twilio_alias(alias, written) for alias, written in sorted(declared.twilio.items())},
        tuple(_with_port(server) for server in declared.dns.nameservers),
    )
    if declared.ses_receiving_regions is not None:
        settings.receiving_regions = frozenset(declared.ses_receiving_regions)


def _ses_alias(alias: str, written: document.SesProvider) -> SesAlias:
    return SesAlias(
        alias,
        written.region,
        written.account_id,
        written.profile,
        written.requests_per_second,
        written.endpoint_url,
    )


def _twilio_alias(alias: str, written: document.TwilioProvider) -> TwilioAlias:
    return TwilioAlias(
        alias,
        written.account_sid,
        _secret(written.auth_token) or Secret("TWILIO_AUTH_TOKEN"),
        written.requests_per_second,
        _secret(written.api_key),
        _secret(written.api_secret),
    )


def _secret(reference: str | None) -> Secret | None:
    variable = None if reference is None else secret_variable(reference)
    return None if variable is None else Secret(variable)


def _with_port(server: str) -> str:
    bare = server.endswith("]") or ":" not in server
    return f"{server}:53" if bare else server
