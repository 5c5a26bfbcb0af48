"""Joining ports to implementations; the only place that knows which stands behind which."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from chanplan.app.holder import holder_of
from chanplan.app.workspace import Workspace
from chanplan.config.loader import load_configuration
from chanplan.execution.clocks import SystemClock
from chanplan.execution.pacing import OF_RUNS, Patience, TokenPacer, Unmeasured
from chanplan.execution.stopping import Stop
from chanplan.model.configuration import (
    Configuration,
    PostgresSettings,
    S3Settings,
    SesAlias,
    SqliteSettings,
)
from chanplan.model.errors import Misused
from chanplan.model.scopes import Scope
from chanplan.ports.clock import Clock
from chanplan.ports.metrics import Metrics
from chanplan.ports.review import Review
from chanplan.ports.store import Store
from chanplan.providers.dns.checker import DnsRecordChecker
from chanplan.providers.ses.clients import OWN_HOSTS
from chanplan.providers.ses.limits import OWN_RATE, OWN_RATES
from chanplan.providers.ses.provider import SesProvider
from chanplan.providers.twilio.provider import TwilioProvider

_SERVICE_IDS = {"resourcegroupstaggingapi": "RESOURCE_GROUPS_TAGGING_API"}
"""How the AWS SDK spells services in its variables, where that isn't the name of their client."""
NAMESERVERS_VARIABLE = "CHANPLAN_DNS_NAMESERVERS"


@contextmanager
def open_workspace(
    root: Path,
    environment: Mapping[str, str],
    *,
    stop: Stop | None = None,
    metrics: Metrics | None = None,
    parallelism: int = 16,
    patience: Patience = OF_RUNS,
    ahead: Callable[[], timedelta] | None = None,
) -> Iterator[Workspace]:
    """Read the configuration and join everything that a command needs; let go of it afterwards.

    `ahead` says how far the services' time is ahead of the machine's; no variable and no setting can.

    Raises:
        Invalid: the configuration has problems.
        Misused: a name server can't be read, or the state's backend needs a package that isn't installed.
    """
    stop = stop or Stop()
    configuration = load_configuration(root, environment)
    clock = SystemClock(stop, ahead)

    def rate_of(scope: Scope, operation: str) -> float | None:
        return _rate(configuration, environment, scope, operation)

    def kept_rate_of(scope: Scope, operation: str) -> float | None:
        rate = rate_of(scope, operation)
        # The SDK reads more than the environment: a profile, too, may say to ignore configured endpoints.
        is_aws = scope.provider == "ses" and ses.at_aws(scope, operation)
        return _own_rate(operation) if rate is None and is_aws else rate

    metrics = metrics or Unmeasured()
    pacer = TokenPacer(clock, metrics, kept_rate_of, patience=patience, stop=stop)
    ses = SesProvider(
        configuration.providers.ses,
        configuration.workspace,
        pacer,
        clock,
        receiving_regions=configuration.receiving_regions,
    )
    twilio = TwilioProvider(
        configuration.providers.twilio, configuration.workspace, pacer, clock, environment
    )
    store = open_store(configuration, environment)
    try:
        yield Workspace(
            configuration=configuration,
            store=store,
            providers={"ses": ses, "twilio": twilio},
            checker=DnsRecordChecker(_nameservers(configuration, environment), clock, metrics),
            clock=clock,
            pacer=pacer,
            stop=stop,
            rate_of=rate_of,
            account_of=lambda scope: (
                twilio.account_of(scope) if scope.provider == "twilio" else ses.account_of(scope)
            ),
            holder=holder_of(environment),
            recovery_folders=(_state_folder(configuration), Path.cwd()),
            parallelism=parallelism,
            number_books={"twilio": twilio.numbers},
            examiners={"ses": ses, "twilio": twilio},
            mail_evidence={"ses": ses.mail},
        )
    finally:
        ses.close()
        twilio.close()
        store.close()


def open_store(configuration: Configuration, environment: Mapping[str, str]) -> Store:
    """Give the store that the configuration names. Opens nothing yet. Raises `Misused` when it needs a package that isn't
    installed."""
    match configuration.state:
        case SqliteSettings(path):
            from chanplan.stores.sqlite.store import SqliteStore

            return SqliteStore(Path(path))
        case S3Settings() as settings:
            from chanplan.stores.s3.store import S3Store

            return S3Store(settings)
        case PostgresSettings() as settings:
            try:
                from chanplan.stores.postgres.store import PostgresStore
            except ImportError as error:  # also of psycopg itself, where it finds no libpq
                raise Misused(
                    "The state is kept in PostgreSQL, for which the package psycopg isn't installed, or not completely.",
                    remedy="Run `pip install 'chanplan[postgres]'`.",
                    code="package_missing",
                ) from error

            return PostgresStore(settings, configuration.workspace, environment)


@contextmanager
def open_review(
    platform: str, environment: Mapping[str, str], number: int | None, clock: Clock, metrics: Metrics | None
) -> Iterator[Review]:
    """Give the pull or merge request at `github` or `gitlab` that a run is about, or the one with the number.

    Raises:
        Misused: the environment doesn't say who asks, where, or about which request.
    """
    pacer = TokenPacer(clock, metrics or Unmeasured(), lambda _, __: None)
    opened: AbstractContextManager[Review]
    if platform == "gitlab":
        from chanplan.platforms.gitlab.opening import merge_request

        opened = merge_request(environment, number, pacer, clock)
    else:
        from chanplan.platforms.github.opening import pull_request

        opened = pull_request(environment, number, pacer, clock)
    with opened as review:
        yield review


def _state_folder(configuration: Configuration) -> Path:
    """Give the folder beside which a run saves what the state couldn't take."""
    match configuration.state:
        case SqliteSettings(path):
            return Path(path).parent
        case _:
            return Path(configuration.root).parent


def _nameservers(configuration: Configuration, environment: Mapping[str, str]) -> tuple[str, ...]:
    named = [text.strip() for text in environment.get(NAMESERVERS_VARIABLE, "").split(",")]
    return tuple(text for text in named if text) or configuration.providers.nameservers


def _rate(
    configuration: Configuration, environment: Mapping[str, str], scope: Scope, operation: str
) -> float | None:
    if scope.provider == "twilio":
        # Twilio limits what runs at once and publishes no rate (twilio.md 4.1): its throttles say when it is too much.
        named = configuration.providers.twilio.get(scope.alias)
        return None if named is None else named.requests_per_second
    alias = configuration.providers.ses.get(scope.alias)
    if alias is None:
        return _own_rate(operation)
    if alias.requests_per_second is not None:
        return alias.requests_per_second
    host = urlsplit(_endpoint(alias, environment, operation)).hostname or "amazonaws.com"
    return _own_rate(operation) if f".{host}".endswith(OWN_HOSTS) else None


def _own_rate(operation: str) -> float:
    return OWN_RATES.get(operation, OWN_RATE)


def _endpoint(alias: SesAlias, environment: Mapping[str, str], operation: str) -> str:
    if alias.endpoint_url:
        return alias.endpoint_url
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    service = operation.partition(":")[0]
    variable = f"AWS_ENDPOINT_URL_{_SERVICE_IDS.get(service, service.upper())}"
    return environment.get(variable) or environment.get("AWS_ENDPOINT_URL") or ""
