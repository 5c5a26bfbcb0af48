"""`/v1/twilio-setup`: an addition of ours. The specification says nowhere how a caller learns a `twilio_setup_id`."""

from fastapi import APIRouter
from starlette.responses import Response

from chanplan.api.answers import TwilioSetupList
from chanplan.api.desk import AtDesk
from chanplan.api.documenting import answered, errors, needs
from chanplan.api.guarding import GuardedRoute

router = APIRouter(prefix="/v1/twilio-setup", tags=["Twilio setups (an addition)"], route_class=GuardedRoute)


@router.get(
    "",
    operation_id="list_twilio_setups",
    response_model=TwilioSetupList,
    responses=answered(200, "All Twilio setups", "twilio_setups") | errors("list"),
    openapi_extra=needs("view") | {"x-addition": True},
)
async def list_twilio_setups(desk: AtDesk) -> Response:
    """Return all Twilio setups, so that a caller finds the ids that use cases are bound to. An addition of chanplan: the
    Channel Manager's specification doesn't have it."""
    return await desk.listed(desk.service.list_twilio_setups, desk.twilio_setups)
