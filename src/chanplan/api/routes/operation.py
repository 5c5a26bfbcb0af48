"""What those who run the service ask: does it live, is it ready, how is it doing."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from chanplan.api.answers import Health, Readiness
from chanplan.api.desk import AtDesk
from chanplan.api.documenting import answered, errors, needs
from chanplan.api.guarding import GuardedRoute
from chanplan.api.measuring import CONTENT_TYPE

router = APIRouter(tags=["Operation"])
guarded = APIRouter(tags=["Operation"], route_class=GuardedRoute)


@router.get(
    "/healthz",
    operation_id="health",
    response_model=Health,
    responses=answered(200, "The process lives", "alive"),
)
async def health() -> Response:
    """Say that the process lives. Needs no key."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="readiness",
    response_model=Readiness,
    responses=answered(200, "Requests can be answered", "ready")
    | {
        503: {
            "description": "Requests can't be answered now",
            "model": Readiness,
            "content": {
                "application/json": {"examples": {"not_ready": {"$ref": "#/components/examples/not_ready"}}}
            },
        }
    },
)
async def readiness(desk: AtDesk) -> Response:
    """Say whether requests can be answered: the state is readable and the configuration valid. Needs no key."""
    standing = await desk.probe.standing()
    ready = standing.readable and standing.valid
    return JSONResponse(
        {
            "status": "ready" if ready else "not_ready",
            "store": "ok" if standing.readable else "unreadable",
            "configuration": "ok" if standing.valid else "invalid",
        },
        200 if ready else 503,
    )


@guarded.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses=errors()
    | answered(200, "The figures, in Prometheus's text format", "figures", media_type="text/plain"),
    openapi_extra=needs("view"),
)
async def metrics(desk: AtDesk) -> Response:
    """Give the figures of this server, in Prometheus's text format."""
    await desk.probe.standing()
    return Response(desk.measures.text(), media_type=CONTENT_TYPE)
