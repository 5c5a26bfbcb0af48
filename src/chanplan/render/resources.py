"""Resources in the response shapes of the Channel Manager specification, and as text."""

from collections.abc import Callable, Mapping, Sequence

from chanplan.model.addresses import Address, parse_address
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import FIRST_TIER, configuration_set_name
from chanplan.model.records import DnsRecord, Outcome, Purpose
from chanplan.model.resources import Origin, ResourceState
from chanplan.model.snapshots import Observation
from chanplan.model.tier_facts import TIERING
from chanplan.model.values import Facts, Value
from chanplan.render.gate_view import gate_view
from chanplan.render.phrases import stamp
from chanplan.render.plan_text import gate_lines
from chanplan.render.printable import line
from chanplan.render.rows import flat, shown_value
from chanplan.render.terminal import Paper, Style, columns, padded, table

IdOf = Callable[[Address], str | None]
"""Gives the id of another resource of the state, or None when it isn't there."""

Response = dict[str, Value]

_JUDGED_BY_SES = {Purpose.DKIM: "dkim_status", Purpose.MAIL_FROM_MX: "mail_from_status"}


def response(
    resource: ResourceState, observation: Observation | None, records: Sequence[DnsRecord], id_of: IdOf
) -> Response:
    """Give a resource as the specification's "Get" answers; `records` are those of an SES setup.

    Sending pools and Twilio setups, for which the specification has no shape, follow its manner.
    """
    match resource.address.kind:
        case "ses_setup":
            return _ses_setup(resource, observation, records)
        case "twilio_setup":
            return _twilio_setup(resource, observation)
        case "use_case":
            return _use_case(resource, id_of)
        case _:
            return {
                "id": resource.id,
                **{
                    name: resource.attributes.get(name)
                    for name in ("pool_name", "family", "tiers", "scaling")
                },
                **_times(resource),
            }


def list_item(
    resource: ResourceState, observation: Observation | None, records: Sequence[DnsRecord], id_of: IdOf
) -> Response:
    """Give a resource as an item of the specification's "List": cached, an SES setup without its records."""
    if resource.address.kind != "ses_setup":
        return response(resource, observation, records, id_of)
    return {
        "id": resource.id,
        "tenant_name": resource.attributes["tenant_name"],
        "domain_identity": resource.attributes["domain_identity"],
        "dns_verified": dns_verified(resource, observation, records),
        "dns_checked_at": _checked_at(observation),
        **_times(resource),
    }


def dns_verified(
    resource: ResourceState, observation: Observation | None, records: Sequence[DnsRecord]
) -> bool:
    """Tell whether all DNS records of a setup are verified; a setup without its DKIM tokens isn't."""
    made = any(record.purpose is Purpose.DKIM for record in records)
    return made and all(record_verified(record, resource.facts, observation) for record in records)


def resource_text(
    resource: ResourceState,
    observation: Observation | None,
    records: Sequence[DnsRecord],
    *,
    width: int,
    colour: bool,
    sender: Mapping[str, Value] | None = None,
) -> str:
    """Write all that is known of a resource: declared attributes, facts, DNS records, its gate, and what its `sender` must
    know. Ends with a line break."""
    paper = Paper(width, colour)
    written = paper.block(line(str(resource.address)), style=Style.HEADING)
    about: dict[str, Value] = {
        "id": resource.id,
        "provider": resource.scope.provider,
        "account": resource.scope.account,
        "region": resource.scope.region,
        "origin": resource.origin.value,
        **_times(resource),
    }
    if not resource.complete:
        written += paper.block(
            "Its creation has begun and isn't finished; an apply goes on.", style=Style.UPDATE
        )
    written += _listed("", about, paper)
    written += _listed("Declared", resource.attributes, paper)
    # The moves of a tier fill pages: `tiers history` tells them.
    facts = {name: value for name, value in resource.facts.items() if name != TIERING}
    written += _listed("Known of it", facts, paper)
    written += _listed("For whoever sends", sender or {}, paper)
    if observation is not None:
        seen: Facts = {"read_at": stamp(observation.read_at), **observation.facts}
        written += _listed("Last seen", seen, paper)
    if records:
        written += ["", *paper.block("DNS records", style=Style.HEADING)]
        for record in records:
            verified = "verified" if record_verified(record, resource.facts, observation) else "not verified"
            written += [
                f"  {record.type.value:5}  {line(record.name)} ({verified})",
                f"         {line(record.value)}",
            ]
    if observation is not None and observation.gate is not None:
        written += ["", *paper.block("Gate", style=Style.HEADING)]
        written += gate_lines(gate_view(observation.gate, ()), paper, waiting=0)
    return "\n".join(written) + "\n"


def resources_table(resources: Sequence[ResourceState], observations: Mapping[Address, Observation]) -> str:
    """Write the resources of a state as a table, in the order given. Ends with a line break."""
    if not resources:
        return "The state holds no resources.\n"
    # Most workspaces are declared as a whole, and have no use for a column that says so.
    told = any(resource.origin is Origin.API for resource in resources)
    rows = [
        (
            line(str(resource.address)),
            line(_named(resource)),
            _standing(resource, observations.get(resource.address)),
            line(resource.scope.region or resource.scope.account or ""),
            *((resource.origin.value,) if told else ()),
            line(resource.id),
        )
        for resource in resources
    ]
    headers = ("ADDRESS", "WHAT", "STANDING", "PLACE", *(("ORIGIN",) if told else ()), "ID")
    return "".join(f"{text}\n" for text in table(headers, rows))


def _ses_setup(
    resource: ResourceState, observation: Observation | None, records: Sequence[DnsRecord]
) -> Response:
    return {
        "id": resource.id,
        "tenant_name": resource.attributes["tenant_name"],
        "domain_identity": resource.attributes["domain_identity"],
        "dns_checked_at": _checked_at(observation),
        "dns_records": [
            {
                "address": record.name,
                "record": record.value,
                "type": record.type.value,
                "verified": record_verified(record, resource.facts, observation),
            }
            for record in records
        ],
        **_times(resource),
    }


def _twilio_setup(resource: ResourceState, observation: Observation | None) -> Response:
    facts = {**resource.facts, **(observation.facts if observation else {})}
    return {
        "id": resource.id,
        "account_sid": resource.scope.account,
        "customer_profile_sid": profile_sid(resource.attributes) or None,
        "profile_status": facts.get("profile_status"),
        **_times(resource),
    }


def _use_case(resource: ResourceState, id_of: IdOf) -> Response:
    attributes = resource.attributes
    entity, name = str(attributes["entity_name"]), str(attributes["name"])
    answer: Response = {
        "id": resource.id,
        "entity_name": entity,
        "name": name,
        "description": attributes.get("description"),
        "channel": attributes["channel"],
    }
    if attributes["channel"] == "email":
        answer |= {
            "ses_setup_id": _referred(attributes.get("ses_setup"), id_of),
            "configuration_set_name": resource.facts.get("configuration_set_name")
            or configuration_set_name(entity, name),
            "sender_email_address": attributes["sender_email_address"],
            "email_type": attributes["email_type"],
            "tier": resource.facts.get("tier", FIRST_TIER),
        }
    else:
        answer["twilio_setup_id"] = _referred(attributes.get("twilio_setup"), id_of)
    return {**answer, **_times(resource)}


def _referred(reference: Value, id_of: IdOf) -> str | None:
    address = parse_address(reference) if isinstance(reference, str) else None
    return None if address is None else id_of(address)


def _times(resource: ResourceState) -> Response:
    return {"created_at": stamp(resource.created_at), "updated_at": stamp(resource.updated_at)}


def _checked_at(observation: Observation | None) -> str | None:
    return None if observation is None else stamp(observation.dns_checked_at)


def record_verified(record: DnsRecord, stable: Facts, observation: Observation | None) -> bool:
    """Judge one record as its gate does: SES's word on DKIM and MAIL FROM where it was read, else our own look."""
    if observation is None:
        return False
    status = _JUDGED_BY_SES.get(record.purpose)
    said = None if status is None else {**stable, **observation.facts}.get(status)
    if said is not None:
        return said == "SUCCESS"
    return any(
        verdict.record == record and verdict.outcome is Outcome.VERIFIED for verdict in observation.verdicts
    )


def _listed(title: str, values: Mapping[str, Value], paper: Paper) -> list[str]:
    rows = [(path, shown_value(value)[0]) for path, value in flat(values)]
    if not rows:
        return []
    width = max(columns(path) for path, _ in rows)
    written = ["", *paper.block(title, style=Style.HEADING)] if title else []
    for path, text in rows:
        written += paper.block(f"{padded(path, width)} = {text}", first="  ", rest="      ")
    return written


def _named(resource: ResourceState) -> str:
    attributes = resource.attributes
    match resource.address.kind:
        case "ses_setup":
            return f"{attributes['tenant_name']}, {attributes['domain_identity']}"
        case "use_case":
            return f"{attributes['channel']}: {attributes['entity_name']}, {attributes['name']}"
        case "sending_pool":
            return f"{attributes['pool_name']} ({attributes['family']})"
        case _:
            return f"{resource.scope.account}, {profile_sid(attributes)}"


def _standing(resource: ResourceState, observation: Observation | None) -> str:
    if not resource.complete:
        return "unfinished"
    if observation is not None and observation.gate is not None:
        return f"{observation.gate.kind} {observation.gate.state}"
    tier = resource.facts.get("tier")
    return line(tier) if isinstance(tier, str) else "made"
