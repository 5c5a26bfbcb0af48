"""Which operations our sandbox has, which of them moto's server has too; found in their code, not listed by hand."""

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse
from moto.ses.responses import EmailResponse
from moto.sesv2.responses import SESV2Response
from moto.sts.responses import TokenResponse

from chanplan.sandbox.services.operations import HANDLERS

MOTO: dict[str, type[BaseResponse]] = {
    "sesv2": SESV2Response,
    "ses": EmailResponse,
    "sts": TokenResponse,
    "tagging": ResourceGroupsTaggingAPIResponse,
    "cloudwatch": CloudWatchResponse,
}


def compared() -> dict[str, dict[str, list[str]]]:
    """Returns the sandbox's operations by service: those that both have, and those without a second opinion."""
    found = {service: {"both": [], "ours_alone": []} for service in MOTO}
    for full_name in HANDLERS:
        service, _, name = full_name.partition(":")
        # moto calls an operation's method by its name; what a base class has is no operation.
        method = camelcase_to_underscores(name)
        theirs = method in vars(MOTO[service])
        found[service]["both" if theirs else "ours_alone"].append(name)
    return found


def shared() -> list[str]:
    """Returns the full names of the operations that both have."""
    return [f"{service}:{name}" for service, lists in compared().items() for name in lists["both"]]
