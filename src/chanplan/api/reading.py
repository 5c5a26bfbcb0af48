"""Reading a request's body: JSON, declared as such, bounded in size, depth and time."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterable
from email.message import Message

from starlette.requests import ClientDisconnect, Request

from chanplan.api.problems import Problem, shown
from chanplan.api.settings import Bounds

_DRAINED = 1_048_576
"""Bytes of a body that is too large which are still read, so that its sender gets to read the answer."""
_DRAINING_SECONDS = 2.0


class _Twice(ValueError):
    """A name stands twice in one object."""


class _NoNumber(ValueError):
    """`NaN` or an infinity, which Python's reader takes and JSON doesn't have."""


async def check_body(request: Request, limit: int, bounds: Bounds) -> None:
    """Read the body, which the request then keeps, or refuse it.

    Raises:
        Problem: it isn't declared as JSON, isn't JSON, or is beyond a bound.
        ClientDisconnect: its sender hung up.
    """
    length = _declared_length(request)
    if length is None and "transfer-encoding" not in request.headers:
        raise Problem("length_required", "Send the body with Content-Length, or in chunks.")
    _check_type(request)
    try:
        async with asyncio.timeout(bounds.body_seconds):
            body = await _read(request, limit, length or 0)
    except TimeoutError:
        raise Problem(
            "request_timeout", f"The body wasn't complete within {bounds.body_seconds:g} seconds."
        ) from None
    _check_json(body, bounds.depth)
    # What FastAPI reads afterwards. Starlette keeps the body of a request that was read whole here, too.
    request._body = body  # noqa: SLF001


async def _read(request: Request, limit: int, declared: int) -> bytes:
    if declared > limit:
        if request.headers.get("expect", "").lower() == "100-continue":
            # Its sender waits for leave to send it.
            raise Problem("body_too_large", f"The body has more than {limit} bytes.")
        await _drain(request, limit)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            await _drain(request, limit)
    return bytes(body)


async def _drain(request: Request, limit: int) -> None:
    """Read some of what is too large, and refuse it."""
    left = _DRAINED
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAINING_SECONDS):
            while left > 0:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    break
    raise Problem("body_too_large", f"The body has more than {limit} bytes.")


def _declared_length(request: Request) -> int | None:
    text = request.headers.get("content-length")
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _check_type(request: Request) -> None:
    declared = Message()
    declared["content-type"] = request.headers.get("content-type", "none/none")
    charset = declared.get_param("charset", "utf-8")
    if declared.get_content_type() != "application/json" or str(charset).lower() not in ("utf-8", "utf8"):
        raise Problem(
            "content_type_unsupported", "Send the body as Content-Type: application/json, in UTF-8."
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("content_encoding_unsupported", "Send the body without Content-Encoding.")


def _check_json(body: bytes, depth: int) -> None:
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise Problem("not_json", "The body isn't UTF-8.") from None
    except _Twice as error:
        raise Problem(
            "duplicate_field", f"The field '{shown(str(error))}' stands twice in one object."
        ) from None
    except json.JSONDecodeError as error:
        raise Problem(
            "not_json", f"The body isn't JSON: {error.msg}, at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise _too_deep(depth) from None
    except _NoNumber as error:
        raise Problem("not_json", f"The body isn't JSON: {error} is no number of JSON.") from None
    except ValueError:
        # Python's own bound on the digits of a whole number.
        raise Problem("not_json", "The body has a number with too many digits.") from None
    _check_depth(document, depth)


def _check_depth(document: object, depth: int) -> None:
    level = [document]
    for _ in range(depth):
        level = [item for value in level for item in _inside(value)]
        if not level:
            return
    raise _too_deep(depth)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep(depth: int) -> Problem:
    return Problem("nested_too_deeply", f"The body is nested more than {depth} levels deep.")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _Twice(next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))
    return document


def _no_constant(text: str) -> object:
    raise _NoNumber(text)
