"""Lists in pages, as the two families of Twilio's APIs link them."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.paging import kept_rows
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.state.storage import Row

Shown = Callable[[Document], Document]
Keep = Callable[[Document], bool]

_DEFAULT_SIZE = 50
_NOT_FILTERS = frozenset({"PageSize", "Page", "PageToken", "AccountSid", "CustomerProfileSid"})


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Document]
    size: int
    number: int
    here: str
    first: str
    following: str | None


def v2010(call: TwilioCall, kind: str, key: str, shown: Shown, keep: Keep | None = None) -> Document:
    """Answers a page of v2010: the rows under `key`, links relative to the host."""
    page = _page(call, kind, keep, "")
    start = page.number * page.size
    return {
        key: [shown(row) for row in page.rows],
        "end": start + max(0, len(page.rows) - 1),
        "first_page_uri": page.first,
        "next_page_uri": page.following,
        "page": page.number,
        "page_size": page.size,
        "previous_page_uri": None,
        "start": start,
        "uri": page.here,
    }


def v1(call: TwilioCall, kind: str, shown: Shown, keep: Keep | None = None, prefix: str = "") -> Document:
    """Answers a page of TrustHub: rows under `results`, links absolute, on the real host."""
    page = _page(call, kind, keep, prefix)
    host = "https://trusthub.twilio.com"
    return {
        "results": [shown(row) for row in page.rows],
        "meta": {
            "first_page_url": host + page.first,
            "key": "results",
            "next_page_url": None if page.following is None else host + page.following,
            "page": page.number,
            "page_size": page.size,
            "previous_page_url": None,
            "url": host + page.here,
        },
    }


def _page(call: TwilioCall, kind: str, keep: Keep | None, prefix: str) -> _Page:
    size = call.params.get("PageSize", _DEFAULT_SIZE)
    number = call.params.get("Page", 0)
    behind = call.params.get("PageToken", "")
    if number and not behind:
        raise refused(20001, "Page needs the PageToken of its link")
    rows: list[Row] = kept_rows(
        call,
        kind,
        limit=size + 1,
        after=prefix + behind if behind else "",
        prefix=prefix,
        keep=None if keep is None else lambda row: keep(row.value),
    )
    shown, more = rows[:size], len(rows) > size
    last = shown[-1].key.rpartition("/")[2] if shown else ""
    return _Page(
        [row.value for row in shown],
        size,
        number,
        _link(call, size, number, behind),
        _link(call, size, 0, ""),
        _link(call, size, number + 1, last) if more else None,
    )


def _link(call: TwilioCall, size: int, number: int, behind: str) -> str:
    filters = [
        (name, ",".join(value) if isinstance(value, tuple) else str(value))
        for name, value in call.params.items()
        if name not in _NOT_FILTERS
    ]
    token = [("PageToken", f"PA{behind}")] if behind else []
    return f"{call.path}?{urlencode([*filters, ('PageSize', size), ('Page', number), *token])}"
