"""The way into a handler: who calls, what they may, and whether what they sent can be read at all."""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from chanplan.api.desk import Desk
from chanplan.api.failures import invalid_request
from chanplan.api.problems import Failure
from chanplan.api.reading import check_body

NOBODY = 499
"""What the log and the figures say where a client hung up before it was answered. No client sees it."""


class GuardedRoute(APIRoute):
    """A route that needs a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the checks before FastAPI's own handler, which would read the body first."""
        handle = super().get_route_handler()
        reads_body = self.body_field is not None
        has_filters = bool(self.dependant.query_params)

        async def guarded(request: Request) -> Response:
            desk: Desk = request.app.state.desk
            holder = await desk.gate.admit(request)
            request.scope["state"] |= {"holder": holder}
            refused = _failure(request, has_filters)
            if refused is not None:
                return refused.response(request.scope["state"]["request_id"])
            try:
                if reads_body:
                    await check_body(request, desk.body_bytes, desk.bounds)
            except ClientDisconnect:
                return Response(status_code=NOBODY)
            return await handle(request)

        return guarded


def _failure(request: Request, has_filters: bool) -> Failure | None:
    """Refuse what would be ignored: a filter that is misspelled, or stands twice, would give more than was asked for; of two
    idempotency keys a repeated request may have the other one first, and make a second thing."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    wrong = {("query", name): "extra_forbidden" for name in counts if not has_filters}
    wrong |= {("query", name): "repeated" for name, count in counts.items() if count > 1}
    if len(request.headers.getlist("idempotency-key")) > 1:
        wrong["header", "Idempotency-Key"] = "repeated"
    if not wrong:
        return None
    return invalid_request(
        [
            {"type": kind, "loc": place, "msg": "It stands more than once in the request."}
            for place, kind in wrong.items()
        ]
    )
