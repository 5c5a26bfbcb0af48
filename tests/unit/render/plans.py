"""Plans made by hand: every action, gate state, refusal, loss and drift, and values that play tricks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import (
    Action,
    Change,
    Difference,
    Drift,
    Edge,
    Estimate,
    Half,
    Loss,
    Plan,
    Reason,
    RefreshMode,
    Refusal,
    Step,
    Summary,
    Unchecked,
)
from chanplan.model.problems import Problem, Severity, Source
from chanplan.model.resources import Importing
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Value
from chanplan.planning.diff import differences_of
from chanplan.planning.digest import digest_of, fingerprint_of, fingerprints_of
from chanplan.planning.profile_gate import Profile, profile_gate
from chanplan.render.plan_reading import Seal

NOW = datetime(2026, 11, 23, 17, 5, tzinfo=UTC)
SES = Scope("ses", "123456789012", "us-east-1")
TWILIO = Scope("twilio", "AC" + "0" * 32, None)
SEAL = Seal(fingerprints_of, fingerprint_of, digest_of, differences_of)

POOL = Address("sending_pool", "txn")
MAIL = Address("ses_setup", "acme-mail")
OTHER_MAIL = Address("ses_setup", "globex-mail")
VOICE = Address("twilio_setup", "acme-voice")
REPUTATION = Loss("reputation", "The reputation tier and metrics are gone; a new one starts at onboarding.")


def use_case(name: str) -> Address:
    """The address of a use case."""
    return Address("use_case", name)


def setup_attributes(domain: str = "mail.acme.example", tenant: str = "acme") -> Attributes:
    """What a declared SES setup holds."""
    return {
        "tenant_name": tenant,
        "domain_identity": domain,
        "mail_from": "bounce",
        "dmarc": {"policy": "none"},
        "reputation_policy": "standard",
        "receiving": {"rule_set": "inbound", "actions": [{"s3": {"bucket": "acme-inbound"}}]},
        "prevent_destroy": False,
        "tags": {"team": "growth"},
    }


def email_attributes(name: str = "Receipts", setup: Address = MAIL) -> Attributes:
    """What a declared email use case holds."""
    return {
        "entity_name": "Acme",
        "name": name,
        "description": "Order receipts and invoices",
        "prevent_destroy": False,
        "channel": "email",
        "ses_setup": str(setup),
        "sender_email_address": "receipts@mail.acme.example",
        "email_type": "transactional",
        "tags": {"team": "growth"},
    }


def voice_attributes(url: str = "https://voice.acme.example/answer") -> Attributes:
    """What a declared voice line holds."""
    return {
        "entity_name": "Acme",
        "name": "Support line",
        "description": None,
        "prevent_destroy": False,
        "channel": "inbound_voice",
        "twilio_setup": str(VOICE),
        "voice": {"url": url, "method": "POST", "caller_id_lookup": False},
        "phone_numbers": ["+14155550100"],
    }


def create(address: Address, attributes: Attributes, **more: object) -> Change:
    """A create of something new."""
    change = Change(
        address=address,
        provider=SES.provider,
        action=Action.CREATE,
        reason=Reason.NOT_IN_STATE,
        scope=SES,
        after=attributes,
        after_unknown=("id", "created_at"),
        source=Source("chanplan.yaml", 12, 3),
    )
    return replace(change, **more)


def update(address: Address, *differences: Difference, **more: object) -> Change:
    """An update in place, or what it becomes with another action."""
    change = Change(
        address=address,
        provider=SES.provider,
        action=Action.UPDATE,
        reason=Reason.CHANGED,
        scope=SES,
        id="0b54a0e4-7b5c-4b2c-9d55-1d9a3a4ab000",
        before=_side({difference.path: difference.before for difference in differences}),
        after=_side({difference.path: difference.after for difference in differences}),
        changed=tuple(sorted({str(difference.path[0]) for difference in differences})),
        differences=differences,
        source=Source("chanplan.yaml", 40, 3),
    )
    return replace(change, **more)


def _side(values: Mapping[tuple[str | int, ...], Value]) -> Attributes:
    """Attributes that hold values at places; None is nothing below the top."""
    side: dict[str, Value] = {}
    for (name, *rest), value in values.items():
        if not rest:
            side[str(name)] = value
            continue
        inner = side.setdefault(str(name), {})
        assert isinstance(inner, dict)
        if value is not None:
            inner[str(rest[0])] = value
    return side


def plan_of(changes: Iterable[Change], **more: object) -> Plan:
    """A plan with these changes, its fingerprints, digest and summary as the planner makes them."""
    sealed = [
        replace(change, fingerprints=fingerprints_of(change))
        for change in sorted(changes, key=lambda change: change.address)
    ]

    def count(*actions: Action) -> int:
        return sum(change.action in actions and not change.only_imports for change in sealed)

    plan = Plan(
        workspace="acme-production",
        lineage="1f0c8a52-31a6-4f5e-8f39-8a56c0a5f001",
        serial=7,
        config_digest="sha256:" + "c" * 64,
        digest=digest_of(text for change in sealed for text in change.fingerprints),
        created_at=NOW,
        refresh=RefreshMode.SHALLOW,
        refreshed_at=NOW - timedelta(seconds=8),
        changes=tuple(sealed),
        edges=(),
        drift=(),
        unchecked=(),
        refusals=(),
        diagnostics=(),
        summary=Summary(
            create=count(Action.CREATE),
            update=count(Action.UPDATE),
            replace=count(Action.REPLACE, Action.REPLACE_CREATE_FIRST),
            delete=count(Action.DELETE),
            forget=count(Action.FORGET),
            no_op=count(Action.NO_OP),
            waiting=sum(change.waits for change in sealed),
            imported=sum(change.importing is not None for change in sealed),
        ),
        estimate=Estimate({"ses": 9, "twilio": 0, "dns": 7}, 12.0),
    )
    return replace(plan, **more)


def dns_gate(state: GateState, on: Address = MAIL, **more: object) -> Gate:
    """A gate that waits for DNS records, with what is to be done."""
    gate = Gate(
        GateKind.DNS_VERIFIED,
        on,
        state,
        since=NOW - timedelta(hours=2),
        deadline=NOW + timedelta(hours=70),
        detail="5 of 7 records are in place. SES says DKIM pending, MAIL FROM pending.",
        todo=(
            "TXT _dmarc.mail.acme.example = v=DMARC1; p=none; (missing: Nothing stands there. Publish it.)",
            "MX mail.acme.example = 10 inbound-smtp.us-east-1.amazonaws.com "
            "(conflict: mail.acme.example receives mail at mx.other.example already.)",
        ),
    )
    return replace(gate, **more)


def first_plan() -> Plan:
    """What a newcomer sees: everything is new, and the use cases wait for DNS."""
    gate = Gate(GateKind.DNS_VERIFIED, MAIL, GateState.PENDING, detail=f"{MAIL} isn't made yet.")
    pool = {"pool_name": "acme-transactional", "family": "transactional", "tiers": ["onboarding", "standard"]}
    return plan_of(
        [
            create(
                POOL,
                {**pool, "scaling": "managed", "prevent_destroy": False},
                after_unknown=("id", "pool_arn"),
            ),
            create(MAIL, setup_attributes(), after_unknown=("id", "tenant_arn", "dkim_tokens", "created_at")),
            create(use_case("receipts"), email_attributes(), gate=gate, depends_on=(POOL, MAIL)),
            create(use_case("welcome"), email_attributes("Welcome"), gate=gate, depends_on=(POOL, MAIL)),
        ],
        edges=(
            Edge(Step(MAIL, Half.CREATE), Step(use_case("receipts"), Half.CREATE), "reference"),
            Edge(Step(POOL, Half.CREATE), Step(use_case("receipts"), Half.CREATE), "pool"),
        ),
        lineage=None,
        serial=0,
    )


def unchanged_plan() -> Plan:
    """A second plan is empty."""
    return plan_of(
        [
            replace(create(MAIL, setup_attributes()), action=Action.NO_OP, reason=Reason.UNCHANGED),
            replace(
                create(use_case("receipts"), email_attributes()), action=Action.NO_OP, reason=Reason.UNCHANGED
            ),
        ],
        unchecked=(Unchecked(use_case("receipts"), ("description", "sender_email_address")),),
        estimate=Estimate({}, 0.0),
    )


def full_plan() -> Plan:
    """Every action, gate state, loss, refusal, drift and diagnostic at once."""
    lost = Loss(
        "reputation",
        "The reputation tier and metrics of configuration set acme_newsletter are gone; "
        "a new one starts at onboarding.",
    )
    line = Loss("phone_line", "Calls to +14155550100 are no longer answered by this line.")
    voice = "https://hook:s3cret@voice.acme.example/answer"
    changes = [
        create(POOL, {"pool_name": "acme-transactional"}, reason=Reason.RESUMED, id="5f7c0000-0000"),
        update(
            MAIL,
            Difference(("dmarc", "policy"), "none", "quarantine"),
            Difference(("tags", "owner"), "ops", None),
            Difference(("tags", "team"), None, "growth"),
        ),
        replace(
            update(Address("ses_setup", "import-me"), reason=Reason.IMPORTED),
            importing=Importing("imported/in.acme.example"),
        ),
        replace(
            update(
                Address("ses_setup", "take-me"),
                Difference(("mail_from",), "mail", "bounce"),
                reason=Reason.IMPORTED,
            ),
            importing=Importing("taken/theirs.acme.example", ("11111111-1111",), "other", ("association",)),
            losses=(Loss("ownership", "It carries the mark of workspace other."),),
            acknowledged_by="--take-ownership",
        ),
        update(
            Address("ses_setup", "renamed-mail"),
            reason=Reason.RENAMED,
            previous_address=Address("ses_setup", "old-mail"),
            calls_service=False,
        ),
        update(Address("ses_setup", "mended"), reason=Reason.MENDED),
        update(Address("ses_setup", "rearmed"), reason=Reason.REARMED, changed=("verification",)),
        replace(
            create(Address("ses_setup", "forgotten"), setup_attributes("old.acme.example", "old")),
            action=Action.FORGET,
            reason=Reason.REMOVED,
            before=setup_attributes("old.acme.example", "old"),
            after=None,
            after_unknown=(),
        ),
        create(use_case("receipts"), email_attributes(), gate=dns_gate(GateState.PENDING)),
        create(use_case("welcome"), email_attributes("Welcome"), gate=dns_gate(GateState.PENDING)),
        create(use_case("opened"), email_attributes("Opened"), gate=dns_gate(GateState.OPEN)),
        create(
            use_case("late"),
            email_attributes("Late", OTHER_MAIL),
            gate=dns_gate(GateState.EXPIRED, OTHER_MAIL, deadline=NOW - timedelta(hours=1)),
        ),
        create(
            use_case("nobody-knows"),
            email_attributes("Unknown", Address("ses_setup", "dark-mail")),
            gate=dns_gate(
                GateState.UNKNOWN, Address("ses_setup", "dark-mail"), todo=(), since=None, deadline=None
            ),
        ),
        create(
            use_case("support-line"),
            voice_attributes(voice),
            provider="twilio",
            scope=TWILIO,
            gate=profile_gate(
                Profile(
                    VOICE,
                    "BU0123456789abcdef0123456789abcdef",
                    {"profile_status": "twilio-rejected", "profile_errors": [18601, 18603]},
                ),
                NOW,
            ),
        ),
        update(
            use_case("reminders"),
            Difference(
                ("voice", "url"), "https://a:old@voice.acme.example/x", "https://a:new@voice.acme.example/x"
            ),
            reason=Reason.DRIFTED,
            provider="twilio",
            scope=TWILIO,
        ),
        update(
            use_case("newsletter"),
            Difference(("email_type",), "transactional", "marketing"),
            action=Action.REPLACE,
            reason=Reason.CANNOT_UPDATE,
            replace_paths=(("email_type",),),
            after_unknown=("id", "configuration_set_arn"),
            losses=(lost,),
            gate=dns_gate(GateState.OPEN),
        ),
        update(
            use_case("hotline"),
            Difference(("twilio_setup",), "twilio_setup.old-voice", str(VOICE)),
            action=Action.REPLACE_CREATE_FIRST,
            reason=Reason.CANNOT_UPDATE,
            replace_paths=(("twilio_setup",),),
            losses=(line,),
            acknowledged_by="--allow-replace",
            provider="twilio",
            scope=TWILIO,
        ),
        replace(
            update(use_case("old-line")),
            action=Action.DELETE,
            reason=Reason.NOT_DECLARED,
            before=voice_attributes(),
            after=None,
            losses=(line,),
            acknowledged_by="acknowledge: CH-118, agreed with deliverability",
            source=None,
        ),
        replace(
            create(use_case("quiet"), email_attributes("Quiet")), action=Action.NO_OP, reason=Reason.UNCHANGED
        ),
    ]
    return plan_of(
        changes,
        refusals=(
            Refusal(
                "unacknowledged_loss",
                use_case("newsletter"),
                "Replacing use_case.newsletter loses its reputation, and nobody agreed to that.",
                "If it may go, say so:\nchanplan apply --allow-replace use_case.newsletter",
            ),
            Refusal(
                "prevent_destroy",
                use_case("old-line"),
                "It is protected by lifecycle.prevent_destroy.",
                "Put its block back with prevent_destroy: false, apply, and remove it then:\n"
                "use_cases:\n  old-line:\n    lifecycle: {prevent_destroy: false}",
            ),
            Refusal(
                "threshold",
                None,
                "2 of 6 resources (33 %) would be deleted or replaced; safety.max_percent is 30.",
                "Check that this is meant, and add --allow-delete all.",
            ),
        ),
        drift=(
            Drift(
                MAIL,
                "0b54a0e4",
                SES,
                {"mail_from": "bounce"},
                {"mail_from": "mx"},
                ("mail_from",),
                NOW - timedelta(seconds=8),
                missing=("association",),
                alike_at=NOW - timedelta(days=3),
            ),
            Drift(
                use_case("gone"),
                "77a0c7f2",
                SES,
                email_attributes("Gone"),
                None,
                (),
                NOW,
                losses=(REPUTATION,),
                differed_at=NOW - timedelta(hours=5),
            ),
        ),
        unchecked=(
            Unchecked(
                use_case("receipts"),
                ("description", "sender_email_address"),
                NOW - timedelta(days=3, hours=2),
            ),
            Unchecked(use_case("welcome"), ("description",)),
            Unchecked(MAIL, ("tags",), NOW - timedelta(minutes=5)),
        ),
        diagnostics=(
            Problem(
                "provider_unreachable",
                "SES in eu-west-1 didn't answer within 10 s, so that nothing that lives there is planned.",
                "Check the region and the network, and plan again.",
                Severity.ERROR,
            ),
            Problem(
                "inbound_unrouted",
                "ses_setup.acme-mail receives mail that no rule handles.",
                "Add receiving: to it.",
                Severity.WARNING,
                Source("tenants/acme.yaml", 3, 5),
                MAIL,
            ),
        ),
        targeted=True,
    )


def destroy_plan() -> Plan:
    """Everything goes."""
    return plan_of(
        [
            replace(
                create(address, attributes),
                action=Action.DELETE,
                reason=Reason.DESTROY_REQUESTED,
                id="0b54a0e4",
                before=attributes,
                after=None,
                after_unknown=(),
                source=None,
                losses=(Loss("reputation", f"The reputation of {address} is gone for good."),),
                acknowledged_by="--allow-delete",
            )
            for address, attributes in (
                (MAIL, setup_attributes()),
                (use_case("receipts"), email_attributes()),
            )
        ],
        destroy=True,
    )


HOSTILE = (
    "```\n</details><script>alert(1)</script> @everyone #1 !2 | a | b |\n### heading\n- [x](javascript:1)\n"
    "\x1b[31mred\x07\u202egnp.exe\u2066 `code` <!-- ```` :tada: www.evil.example https://evil.example GH-1 "
    "/close\r\n\tcell \u0085 \u2028 ~label %1 $1 &1"
)


def hostile_plan(text: str = HOSTILE) -> Plan:
    """Every free text says what could break out of a comment or take over a terminal."""
    gate = dns_gate(GateState.PENDING, detail=text, todo=(text, text))
    return plan_of(
        [
            create(use_case("created"), {**email_attributes(), "description": text}, gate=gate),
            update(
                use_case("replaced"),
                Difference(("description",), text, "plain"),
                Difference(("tags", text), None, text),
                action=Action.REPLACE,
                reason=Reason.CANNOT_UPDATE,
                replace_paths=(("tags", text),),
                losses=(Loss(text, text),),
                acknowledged_by=f"acknowledge: {text}",
                source=Source(text, 3),
                after_unknown=(text,),
            ),
        ],
        workspace=text,
        refusals=(Refusal(text, None, text, text),),
        diagnostics=(Problem(text, text, text, Severity.WARNING, Source(text, 1)),),
        drift=(
            Drift(
                MAIL,
                text,
                SES,
                {text: "a"},
                {text: text},
                (text,),
                missing=(text,),
                losses=(Loss(text, text),),
                left=text,
            ),
        ),
        unchecked=(Unchecked(MAIL, (text,)),),
        estimate=Estimate({text: 3}, 5.0),
    )


def drift_plan() -> Plan:
    """What somebody changed outside chanplan, to be taken into the state as far as that can be."""
    found = [
        Drift(
            MAIL,
            "0b54a0e4",
            SES,
            setup_attributes(),
            {**setup_attributes(), "mail_from": "mx", "tags": {"team": "sales"}},
            ("mail_from", "tags"),
            NOW - timedelta(seconds=2),
            missing=("association",),
            alike_at=NOW - timedelta(days=3),
        ),
        Drift(
            use_case("newsletter"),
            "aa11",
            SES,
            email_attributes("Newsletter"),
            None,
            (),
            NOW,
            losses=(REPUTATION,),
            differed_at=NOW - timedelta(hours=5),
        ),
        Drift(
            use_case("receipts"),
            "77a0c7f2",
            SES,
            email_attributes(),
            email_attributes(),
            (),
            NOW,
            missing=("association",),
            left="The state keeps no parts: an apply puts back what is missing.",
        ),
    ]
    sealed = tuple(each if each.left else replace(each, fingerprint=fingerprint_of(each)) for each in found)
    return plan_of(
        [],
        digest=digest_of(each.fingerprint for each in sealed if each.fingerprint),
        drift=sealed,
        estimate=Estimate(),
        refresh_only=True,
        unchecked=(Unchecked(MAIL, ("dmarc",), NOW - timedelta(days=3)),),
    )


def large_plan(size: int) -> Plan:
    """As many changes as asked for: setups with a use case each, every fiftieth replaced."""
    lost = Loss("reputation", "The reputation tier and metrics are gone; a new one starts at onboarding.")
    changes = []
    for number in range(size // 2):
        setup = Address("ses_setup", f"tenant-{number:05}")
        attributes = setup_attributes(f"mail-{number:05}.acme.example", f"tenant-{number:05}")
        changes.append(create(setup, attributes, source=Source(f"tenants/{number:05}.yaml", 3)))
        if number % 50 == 0:
            changes.append(
                update(
                    use_case(f"mail-{number:05}"),
                    Difference(("email_type",), "transactional", "marketing"),
                    action=Action.REPLACE,
                    reason=Reason.CANNOT_UPDATE,
                    replace_paths=(("email_type",),),
                    losses=(lost,),
                    acknowledged_by="--allow-replace",
                )
            )
        else:
            gate = Gate(GateKind.DNS_VERIFIED, setup, GateState.PENDING, detail=f"{setup} isn't made yet.")
            changes.append(
                create(use_case(f"mail-{number:05}"), email_attributes(f"Mail {number}", setup), gate=gate)
            )
    return plan_of(changes)
