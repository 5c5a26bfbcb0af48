"""Lists in pages: what a page holds, and tokens that belong to the operation, the region and the request."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services.call import Call, bad_request
from chanplan.sandbox.services.quirks import PageRules
from chanplan.sandbox.state.storage import Row

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page and the token of the next; None on the last."""

    rows: list[Row]
    next_token: str | None


def page(
    call: Call,
    kind: str,
    rules: PageRules,
    *,
    prefix: str = "",
    keep: Callable[[Row], bool] | None = None,
) -> Page:
    """
    Returns the page that a call's `PageSize` and `NextToken` ask for.

    `keep` filters rows; rows that are still too young to be listed are left out.

    Raises:
        ServiceError: the page size is out of range, or the token isn't of this operation, region and request.
    """
    size = call.params.get("PageSize", rules.default)
    if not 1 <= size <= rules.most:
        raise bad_request(rules.bad_size.format(size=size))
    after = position(call, bad_request(rules.bad_token.format(token=call.params.get("NextToken"))))
    rows = kept_rows(call, kind, limit=size + 1, after=after, prefix=prefix, keep=keep)
    more = len(rows) > size
    return Page(rows[:size], token(call, rows[size - 1].key) if more else None)


def kept_rows(
    call: Call,
    kind: str,
    *,
    limit: int,
    after: str,
    prefix: str = "",
    keep: Callable[[Row], bool] | None = None,
) -> list[Row]:
    """Returns at most `limit` rows behind the key `after` that `keep` lets through."""
    kept: list[Row] = []
    while len(kept) < limit:
        wanted = limit if keep is None else _CHUNK
        chunk = call.state.rows(
            call.scope, kind, limit=wanted, prefix=prefix, after=after, born_until=call.listed_until
        )
        kept += chunk if keep is None else [row for row in chunk if keep(row)]
        if len(chunk) < wanted:
            break
        after = chunk[-1].key
    return kept[:limit]


def token(call: Call, key: str) -> str:
    """Makes the token that continues this call's list behind `key`."""
    return base64.urlsafe_b64encode(json.dumps([_request_mark(call), key]).encode()).decode()


def position(call: Call, refusal: ServiceError, member: str = "NextToken") -> str:
    """Returns the key that a call's token stands for, "" at the beginning; raises `refusal` for a foreign token."""
    given = call.params.get(member)
    if not given:
        return ""
    try:
        mark, key = json.loads(base64.urlsafe_b64decode(given))
    except (ValueError, TypeError) as error:
        raise refusal from error
    if mark != _request_mark(call):
        raise refusal
    return str(key)


def _request_mark(call: Call) -> str:
    asked: Document = {
        name: value
        for name, value in call.params.items()
        if name not in ("NextToken", "PageSize", "PaginationToken")
    }
    text = json.dumps([call.operation, *call.scope, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
