"""A running sandbox, its controls, and real boto3 clients whose every answer is checked against its service's model."""

import http.client
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.services import quirks
from tests.sandbox.twilio_client import Twilio

ENDPOINT_VARIABLES = {
    "sesv2": "AWS_ENDPOINT_URL_SESV2",
    "ses": "AWS_ENDPOINT_URL_SES",
    "sts": "AWS_ENDPOINT_URL_STS",
    "resourcegroupstaggingapi": "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API",
    "cloudwatch": "AWS_ENDPOINT_URL_CLOUDWATCH",
}


class Clients:
    """Makes clients of one sandbox; answers that don't fit the model's output shape fail the test."""

    def __init__(self, session, environment):
        self._session = session
        self._environment = environment
        self._made = []

    def __call__(self, service, region="us-east-1", access_key="sandbox", read_timeout=20, **config):
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self._environment[ENDPOINT_VARIABLES[service]],
            aws_access_key_id=access_key,
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout, **config),
        )
        client.meta.events.register("after-call", self._check)
        self._made.append(client)
        return client

    def close(self):
        for client in self._made:
            client.close()

    @staticmethod
    def _check(parsed, model, http_response, **_):
        if model.name == quirks.NO_MAIL_FROM_IN_BATCH.value:
            return
        if http_response.status_code == 200 and model.output_shape is not None:
            answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), f"{model.name}: {report.generate_report()}"


@pytest.fixture(scope="session")
def session():
    """One session, so that its service models are read once."""
    return boto3.Session()


@pytest.fixture
def directory(tmp_path):
    """Where the sandbox keeps its state."""
    return tmp_path / "sandbox"


@pytest.fixture
def sandbox(directory):
    """A running sandbox."""
    with Sandbox(directory) as running:
        yield running


@pytest.fixture
def controls(directory, sandbox):
    """The knobs of the running sandbox."""
    with Controls(directory) as knobs:
        yield knobs


@pytest.fixture
def clients(session, sandbox):
    """Makes boto3 clients of the running sandbox."""
    made = Clients(session, sandbox.environment())
    yield made
    made.close()


@pytest.fixture
def sesv2(clients):
    """A client of the present API in us-east-1."""
    return clients("sesv2")


@pytest.fixture
def ses(clients):
    """A client of the older API in us-east-1."""
    return clients("ses")


@pytest.fixture
def refused():
    """Returns a function that makes a call and returns the code and the message of its refusal."""

    def call(operation, **parameters):
        with pytest.raises(ClientError) as refusal:
            operation(**parameters)
        error = refusal.value.response["Error"]
        return error["Code"], error["Message"]

    return call


@pytest.fixture
def twilio(sandbox):
    """Makes clients of the real Twilio SDK for the running sandbox."""
    made = Twilio(sandbox.endpoint)
    yield made
    made.close()


@pytest.fixture
def post(sandbox):
    """Returns a function that sends a request as it is, and returns status and JSON body of the answer."""

    def send(method, path, body=b"", headers=None):
        connection = http.client.HTTPConnection(sandbox.endpoint.removeprefix("http://"))
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    return send
