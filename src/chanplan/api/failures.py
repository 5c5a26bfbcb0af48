"""From errors to answers: what the engine, FastAPI and our own layers raise, as one kind of failure."""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from chanplan.api.catalogue import CATALOGUE
from chanplan.api.problems import Failure, FieldError, shown
from chanplan.model.channel_errors import (
    ChannelError,
    Conflict,
    NotFound,
    ServiceFailed,
    ServiceTimedOut,
    Unacceptable,
    Unprepared,
)
from chanplan.model.errors import ChanplanError, Interrupted, Locked, StateError
from chanplan.render.escapes import visible

SOON = 2
"""Seconds after which what stands in the way may be gone."""
MOST_FIELDS = 20
"""Fields that one answer tells of: more than any request of the specification has."""
LATER = 30
"""Seconds to wait where somebody must act first."""
_log = logging.getLogger("chanplan.api")
_CHANNELS = frozenset({"outbound_voice", "inbound_voice", "ringless_voicemail", "email"})


def failure_of(error: ChanplanError) -> Failure | None:
    """Give what is answered for an error of the engine; None when nobody foresaw it here."""
    match error:
        case NotFound():
            return _told(error, 404)
        case Conflict():
            return _told(error, 409)
        case Unacceptable():
            return _told(error, 422, errors=_problems(error.data.get("problems")))
        case ServiceTimedOut(retry_after=retry_after):
            return _told(error, 504, retry_after=retry_after)
        case ServiceFailed(retry_after=retry_after):
            return _told(error, 502, retry_after=retry_after)
        case Unprepared(code="stopping"):
            return _told(error, 503, retry_after=SOON)
        case Unprepared():
            return _told(error, 503, retry_after=LATER)
        case Interrupted():
            return _plain("stopping", "The server was asked to stop; send the request again.", SOON)
        case Locked():
            # Who holds it is no caller's business: it names a user, a machine and a process.
            _log.info("A request found the workspace locked by %s", error.holding)
            return _plain("locked", "Another run holds the workspace; try again.", SOON)
        case StateError():
            # It names hosts, paths and roles.
            _log.warning("The state can't be used: %s %s", error.message, error.remedy)
            # Stores have codes of their own for why.
            known = error.code if error.code in CATALOGUE else type(error).code
            return _plain(known, "The state can't be used now; the server's log tells why.", SOON)
        case _:
            return None


def _told(
    error: ChannelError,
    status: int,
    *,
    retry_after: float | None = None,
    errors: Sequence[Mapping[str, object]] = (),
) -> Failure:
    by_service = {502: "rejected", 504: "service_timed_out"}
    entry = CATALOGUE.get(error.code) or CATALOGUE[by_service.get(status, "refused")]
    extra: dict[str, object] = {name: value for name, value in error.data.items() if name != "problems"}
    if error.remedy:
        extra["remedy"] = error.remedy
    if errors:
        extra["errors"] = errors
    seconds = None if retry_after is None else max(1, math.ceil(retry_after))
    return Failure(error.code, status, entry.title, error.message, seconds, extra=extra)


def _plain(code: str, detail: str, retry_after: int) -> Failure:
    entry = CATALOGUE.get(code) or CATALOGUE["state"]
    return Failure(code, 503, entry.title, detail, retry_after)


def _problems(problems: object) -> Sequence[Mapping[str, object]]:
    entries = problems if isinstance(problems, list | tuple) else ()
    return [
        FieldError(
            where="body",
            field=str(entry.get("field", "")),
            code="invalid",
            message=str(entry.get("message", "")),
        ).model_dump()
        for entry in entries
        if isinstance(entry, Mapping)
    ]


def invalid_request(errors: Sequence[Mapping[str, Any]]) -> Failure:
    """Give what is answered for fields that pydantic refuses: so many of them that nobody can have an answer made that is
    far longer than the request, and no value that it quotes at length."""
    fields = [_field_error(error) for error in errors[:MOST_FIELDS]]
    names = ", ".join(dict.fromkeys(field.field or field.where for field in fields))
    count = "1 field is wrong" if len(errors) == 1 else f"{len(errors)} fields are wrong"
    return Failure(
        "invalid_request",
        422,
        CATALOGUE["invalid_request"].title,
        f"{count}: {shown(names)}.",
        extra={"errors": [field.model_dump() for field in fields]},
    )


def _field_error(error: Mapping[str, Any]) -> FieldError:
    where, *path = [str(part) for part in error["loc"]] or ["body"]
    kind = str(error["type"])
    if kind.startswith("union_tag"):
        path = [*path, "channel"]
    elif where == "body" and path and path[0] in _CHANNELS:
        # pydantic names the member of the union, which is no field of anybody's body.
        path = path[1:]
    return FieldError(
        where=where,
        field=visible(shown(".".join(path))),
        code=_CODES.get(kind, kind),
        message=_message(error),
    )


_CODES = {
    "union_tag_invalid": "unknown_channel",
    "union_tag_not_found": "missing",
    "extra_forbidden": "unknown_field",
}
_MESSAGES = {
    "extra_forbidden": "There is no such field here.",
    "union_tag_invalid": "It isn't one of outbound_voice, inbound_voice, ringless_voicemail and email.",
    "union_tag_not_found": "Field required",
}


def _message(error: Mapping[str, Any]) -> str:
    return _MESSAGES.get(str(error["type"])) or visible(shown(str(error["msg"])))
