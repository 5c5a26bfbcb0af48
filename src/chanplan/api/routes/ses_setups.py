"""`/v1/ses-setup`."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from chanplan.api import examples
from chanplan.api.answers import SesSetupAnswer, SesSetupList
from chanplan.api.bodies import CreateSesSetup, ResourceId
from chanplan.api.desk import AtDesk, IdempotencyKey
from chanplan.api.documenting import answered, errors, links, needs
from chanplan.api.guarding import GuardedRoute
from chanplan.model.channels import NewSesSetup

router = APIRouter(prefix="/v1/ses-setup", tags=["SES setups"], route_class=GuardedRoute)
_ANSWER = TypeAdapter(SesSetupAnswer)


@router.post(
    "",
    operation_id="create_ses_setup",
    status_code=201,
    response_model=SesSetupAnswer,
    responses=answered(
        201,
        "The setup, with the DNS records to publish",
        "ses_setup",
        links(
            get_ses_setup={"setup_id": "$response.body#/id"},
            delete_ses_setup={"setup_id": "$response.body#/id"},
        ),
    )
    | errors(
        "body", "change", "tenant_exists", "domain_exists", "service_ceiling", "foreign_object", "orphan"
    ),
    openapi_extra=needs("create"),
)
async def create_ses_setup(
    request: Request,
    desk: AtDesk,
    body: Annotated[CreateSesSetup, Body(openapi_examples=examples.SETUPS_TO_CREATE)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Provision the reputation isolation boundary and domain identity, and return the DNS records that must be published."""
    new = NewSesSetup(body.tenant_name, body.domain_identity)
    return await desk.create(
        request, lambda call: desk.service.create_ses_setup(new, call), _ANSWER, body, idempotency_key
    )


@router.get(
    "",
    operation_id="list_ses_setups",
    response_model=SesSetupList,
    responses=answered(
        200,
        "All SES setups",
        "ses_setups",
        links(
            get_ses_setup={"setup_id": "$response.body#/items/0/id"},
            delete_ses_setup={"setup_id": "$response.body#/items/0/id"},
        ),
    )
    | errors("list"),
    openapi_extra=needs("view"),
)
async def list_ses_setups(desk: AtDesk) -> Response:
    """Return all SES setups with cached verification status. Does not trigger live DNS checks."""
    return await desk.listed(desk.service.list_ses_setups, desk.ses_setups)


@router.get(
    "/{setup_id}",
    operation_id="get_ses_setup",
    response_model=SesSetupAnswer,
    responses=answered(
        200,
        "The setup, with its DNS records as they are now",
        "ses_setup_checked",
        links(delete_ses_setup={"setup_id": "$response.body#/id"}),
    )
    | errors("live", "not_found"),
    openapi_extra=needs("view"),
)
async def get_ses_setup(desk: AtDesk, setup_id: ResourceId) -> Response:
    """Return a single SES setup with a live DNS verification refresh. Checks DKIM, MAIL FROM, DMARC, and inbound MX status
    and updates the cached verification state."""
    return await desk.answer(desk.live, lambda: desk.service.get_ses_setup(str(setup_id)), _ANSWER)


@router.delete(
    "/{setup_id}",
    operation_id="delete_ses_setup",
    status_code=204,
    response_class=Response,
    responses=answered(204, "It is deleted", None)
    | errors("change", "not_found", "setup_in_use", "managed_by_configuration", "prevent_destroy"),
    openapi_extra=needs("delete"),
)
async def delete_ses_setup(request: Request, desk: AtDesk, setup_id: ResourceId) -> Response:
    """Delete an SES setup and its associated domain identity and reputation boundary."""
    return await desk.delete(request, lambda call: desk.service.delete_ses_setup(str(setup_id), call))
