"""
A thin typed layer over botocore's service models: which operations exist, where they are found, what shape they have.

Only the loader and `botocore.model` are used, so nothing of boto3's sessions, credentials or endpoints is loaded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

# Our short name, used in faults and the journal, and botocore's.
BOTOCORE_NAMES = {
    "sesv2": "sesv2",
    "ses": "ses",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
    "cloudwatch": "cloudwatch",
}

# Where clients before botocore 1.43.105 look for two lists that have moved since (spec/ses.md 0.9).
_FORMER_ROUTES = {
    ("GET", "/v2/email/identities"): "ListEmailIdentities",
    ("GET", "/v2/email/configuration-sets"): "ListConfigurationSets",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one service."""

    service: str
    name: str
    model: "OperationModel"

    @property
    def full_name(self) -> str:
        """Returns the name by which faults, journal and the table of operations know it."""
        return f"{self.service}:{self.name}"

    @property
    def input_shape(self) -> "Shape | None":
        """Returns the shape of the request, None where there are no members."""
        return self.model.input_shape

    @property
    def output_shape(self) -> "Shape | None":
        """Returns the shape of the answer, None where there are no members."""
        return self.model.output_shape

    def error_status(self, code: str) -> int | None:
        """Returns the HTTP status that the model gives an error code, None when it doesn't know the code."""
        for shape in self.model.error_shapes:
            error = shape.metadata.get("error") or {}
            if code in (shape.name, error.get("code")):
                return int(error.get("httpStatusCode", 400))
        return None


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a pattern over the raw, still percent-encoded path."""

    method: str
    pattern: re.Pattern[str]
    operation: Operation


@cache
def service_model(service: str) -> "ServiceModel":
    """Loads the model of a service, known by our short name."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    name = BOTOCORE_NAMES[service]
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@cache
def operation(service: str, name: str) -> Operation | None:
    """Returns an operation, or None when the model doesn't know it."""
    model = service_model(service)
    if name not in model.operation_names:
        return None
    return Operation(service, name, model.operation_model(name))


@cache
def routes(service: str) -> tuple[Route, ...]:
    """Returns the routes of a REST service, literal ones before those with placeholders."""
    return tuple(
        sorted(_routes(service), key=lambda route: ("(?P<" in route.pattern.pattern, route.pattern.pattern))
    )


def _routes(service: str) -> Iterator[Route]:
    model = service_model(service)
    known = set()
    for name in model.operation_names:
        found = Operation(service, name, model.operation_model(name))
        http = found.model.http
        path = http["requestUri"].partition("?")[0].rstrip("/")
        known.add((http["method"], path))
        yield Route(http["method"], _pattern(path), found)
    for (method, path), name in _FORMER_ROUTES.items() if service == "sesv2" else ():
        former = operation(service, name)
        if former is not None and (method, path) not in known:
            yield Route(method, _pattern(path), former)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\+?\}", path)
    # An ARN in the path is percent-encoded, so no placeholder ever holds a slash before it is decoded.
    text = "".join(
        f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
    return re.compile(text + "/?")
