"""Where AWS's quota of one request a second is kept: everywhere but where calls really go elsewhere."""

import os
from pathlib import Path

import pytest

from chanplan.app.wiring import OWN_RATE, open_workspace
from chanplan.model.scopes import Scope

VIRGINIA = Scope("ses", None, "us-east-1")
ELSEWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
IGNORED = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}


@pytest.fixture
def rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Returns a function that gives the estimate's rate of an operation, and the one that is kept."""
    # A command that ran in this process may have left where its sandbox is, and that it is to be heeded.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))

    def rates_of(environment, alias="region: us-east-1", profile="", operation="sesv2:GetTenant"):
        (tmp_path / "aws").write_text(f"[default]\n{profile}\n")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        root = tmp_path / "chanplan.yaml"
        root.write_text(f"version: 1\nworkspace: acme\nproviders: {{ses: {{default: {{{alias}}}}}}}\n")
        with open_workspace(root, environment) as workspace:
            return (
                workspace.rate_of(VIRGINIA, operation),
                workspace.pacer._rates(VIRGINIA, operation),
            )

    return rates_of


@pytest.mark.parametrize(
    "environment, alias, profile, estimated, kept",
    [
        ({}, "region: us-east-1", "", OWN_RATE, OWN_RATE),
        (ELSEWHERE, "region: us-east-1", "", None, None),
        (ELSEWHERE | IGNORED, "region: us-east-1", "", OWN_RATE, OWN_RATE),
        (ELSEWHERE, "region: us-east-1", "ignore_configured_endpoint_urls = true", None, OWN_RATE),
        ({}, "region: us-east-1", "endpoint_url = http://127.0.0.1:1", OWN_RATE, OWN_RATE),
        (IGNORED, 'region: us-east-1, endpoint_url: "http://127.0.0.1:1"', "", None, None),
        (ELSEWHERE, "region: us-east-1, requests_per_second: 5", "", 5.0, 5.0),
        (
            {"AWS_ENDPOINT_URL_SESV2": "https://email.us-east-1.amazonaws.com"},
            "region: us-east-1",
            "",
            OWN_RATE,
            OWN_RATE,
        ),
    ],
)
def test_quotas_are_kept_unless_calls_really_go_elsewhere(
    rates, environment, alias, profile, estimated, kept
):
    """What the configuration says first, then what the SDK does with the environment and the profile."""
    assert rates(environment, alias, profile) == (estimated, kept)


@pytest.mark.parametrize(
    "operation, environment, alias, rate",
    [
        ("sesv2:BatchGetMetricData", {}, "region: us-east-1", 16.0),
        ("cloudwatch:GetMetricData", {}, "region: us-east-1", 50.0),
        ("sesv2:BatchGetMetricData", ELSEWHERE, "region: us-east-1", None),
        ("sesv2:BatchGetMetricData", {}, "region: us-east-1, requests_per_second: 5", 5.0),
        ("sesv2:ListRecommendations", {}, "region: us-east-1", OWN_RATE),
    ],
)
def test_metrics_have_quotas_of_their_own(rates, operation, environment, alias, rate):
    """16 calls of ten queries a second at SES, 50 at CloudWatch; what is configured holds for all."""
    assert rates(environment, alias, operation=operation) == (rate, rate)
