"""`/v1/use-case`."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from chanplan.api import examples
from chanplan.api.answers import UseCaseAnswer, UseCaseList
from chanplan.api.bodies import (
    CreateEmailUseCase,
    CreateUseCase,
    CreateVoiceUseCase,
    ResourceId,
    UseCaseFilters,
)
from chanplan.api.desk import AtDesk, IdempotencyKey
from chanplan.api.documenting import answered, errors, links, needs
from chanplan.api.guarding import GuardedRoute
from chanplan.model.channels import NewEmailUseCase, NewUseCase, NewVoiceUseCase, UseCaseFilter

router = APIRouter(prefix="/v1/use-case", tags=["Use cases"], route_class=GuardedRoute)
_ANSWER: TypeAdapter[UseCaseAnswer] = TypeAdapter(UseCaseAnswer)


@router.post(
    "",
    operation_id="create_use_case",
    status_code=201,
    response_model=UseCaseAnswer,
    responses=answered(
        201,
        "The use case",
        "use_case",
        links(delete_use_case={"use_case_id": "$response.body#/id"}),
    )
    | errors(
        "body",
        "change",
        "not_found",
        "dns_not_verified",
        "profile_not_approved",
        "use_case_exists",
        "configuration_set_exists",
        "sender_address_bound",
        "pool_missing",
        "service_ceiling",
        "foreign_object",
        "orphan",
        "sender_domain_mismatch",
    ),
    openapi_extra=needs("create"),
)
async def create_use_case(
    request: Request,
    desk: AtDesk,
    body: Annotated[CreateUseCase, Body(openapi_examples=examples.USE_CASES_TO_CREATE)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Bind a channel to a setup and define how that channel is used."""
    new = _new(body)
    return await desk.create(
        request, lambda call: desk.service.create_use_case(new, call), _ANSWER, body, idempotency_key
    )


def _new(body: CreateVoiceUseCase | CreateEmailUseCase) -> NewUseCase:
    if isinstance(body, CreateEmailUseCase):
        return NewEmailUseCase(
            entity_name=body.entity_name,
            name=body.name,
            ses_setup_id=str(body.ses_setup_id),
            sender_email_address=body.sender_email_address,
            email_type=body.email_type,
            description=body.description,
        )
    return NewVoiceUseCase(
        channel=body.channel,
        entity_name=body.entity_name,
        name=body.name,
        twilio_setup_id=str(body.twilio_setup_id),
        description=body.description,
    )


@router.get(
    "",
    operation_id="list_use_cases",
    response_model=UseCaseList,
    responses=answered(
        200,
        "The use cases that fit all filters",
        "use_cases",
        links(delete_use_case={"use_case_id": "$response.body#/items/0/id"}),
    )
    | errors("list"),
    openapi_extra=needs("view"),
)
async def list_use_cases(desk: AtDesk, filters: Annotated[UseCaseFilters, Query()]) -> Response:
    """Return use cases, all of them or those that fit every filter that is given."""
    only = UseCaseFilter(
        entity_name=filters.entity_name,
        channel=filters.channel,
        twilio_setup_id=_text(filters.twilio_setup_id),
        ses_setup_id=_text(filters.ses_setup_id),
    )
    return await desk.listed(
        lambda: desk.service.list_use_cases(only), desk.use_cases, whole=only == UseCaseFilter()
    )


def _text(id: ResourceId | None) -> str | None:
    return None if id is None else str(id)


@router.delete(
    "/{use_case_id}",
    operation_id="delete_use_case",
    status_code=204,
    response_class=Response,
    responses=answered(204, "It is deleted", None)
    | errors("change", "not_found", "phone_numbers_assigned", "managed_by_configuration", "prevent_destroy"),
    openapi_extra=needs("delete"),
)
async def delete_use_case(request: Request, desk: AtDesk, use_case_id: ResourceId) -> Response:
    """Delete a use case and its channel binding."""
    return await desk.delete(request, lambda call: desk.service.delete_use_case(str(use_case_id), call))
