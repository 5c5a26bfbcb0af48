"""The application: routes, errors and layers put together. Everything that it works with comes from outside."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from chanplan.api.catalogue import CATALOGUE
from chanplan.api.conversation import unforeseen
from chanplan.api.description import TITLE, describe
from chanplan.api.desk import AtDesk, Desk
from chanplan.api.failures import failure_of, invalid_request
from chanplan.api.page import page_router
from chanplan.api.problems import Failure, Problem, shown
from chanplan.api.routes import operation, ses_setups, twilio_setups, use_cases
from chanplan.model.errors import ChanplanError
from chanplan.render.escapes import json_text, visible

DESCRIPTION = "/openapi.json"


def build_application(desk: Desk | None) -> FastAPI:
    """Give the application. Without a desk it can be described, and answers nothing."""
    app = FastAPI(title=TITLE, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.desk = desk
    pages = page_router(TITLE, DESCRIPTION)
    described = cache(lambda: json_text(describe(app)).encode())

    @pages.get(DESCRIPTION)
    async def description(desk: AtDesk) -> Response:
        # Making it takes a tenth of a second, once.
        return Response(await desk.listing.run(described), media_type="application/json")

    routers = (
        ses_setups.router,
        use_cases.router,
        twilio_setups.router,
        operation.router,
        operation.guarded,
        pages,
    )
    for router in routers:
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes]

    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        Problem: lambda request, error: _answer(request, error.failure),
        ChanplanError: _engine_error,
        RequestValidationError: lambda request, error: _answer(request, invalid_request(error.errors())),
        HTTPException: _http_error,
        # Whatever else: it is raised again once it is answered, and `Conversation` logs it.
        Exception: lambda request, _: _answer(request, unforeseen()),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _awaited(handler))
    return app


def description() -> dict[str, Any]:
    """Give the description without anything to serve."""
    return describe(build_application(None))


def _awaited(handler: Callable[[Request, Any], Response]) -> Any:
    # A handler that isn't a coroutine would be run in a thread.
    async def handle(request: Request, error: Exception) -> Response:
        return handler(request, error)

    return handle


def _answer(request: Request, failure: Failure) -> Response:
    return failure.response(request.scope["state"]["request_id"])


def _engine_error(request: Request, error: ChanplanError) -> Response:
    failure = failure_of(error)
    if failure is None:
        raise error
    return _answer(request, failure)


def _http_error(request: Request, error: HTTPException) -> Response:
    path = visible(shown(request.url.path))
    if error.status_code == 405:
        allowed = _allowed(request)
        return _answer(
            request,
            Failure(
                "method_not_allowed",
                405,
                CATALOGUE["method_not_allowed"].title,
                f"{request.method} isn't allowed at {path}; it takes {', '.join(allowed)}.",
                headers=(("Allow", ", ".join(allowed)),),
            ),
        )
    if error.status_code == 404:
        return _answer(
            request, Failure("not_found", 404, CATALOGUE["not_found"].title, f"There is nothing at {path}.")
        )
    return _answer(request, unforeseen())


def _allowed(request: Request) -> list[str]:
    """Give every method of a path: each has a route of its own, of which only the first was asked."""
    methods: set[str] = set()
    for route in request.app.state.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)
