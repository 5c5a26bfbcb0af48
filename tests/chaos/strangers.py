"""Objects that aren't ours, some of them close by: nothing of them may change."""

import boto3
from botocore.config import Config

from tests.chaos.declared import REGIONS


def client(environment: dict[str, str], service: str, region: str):
    """Makes a boto3 client of the sandbox."""
    return boto3.Session().client(
        service,
        region_name=region,
        endpoint_url=environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
        aws_access_key_id="sandbox",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )


def plant(environment: dict[str, str]) -> None:
    """Puts strangers into both regions: untagged ones, ones of another workspace, and rules beside ours."""
    for region in REGIONS.values():
        sesv2, ses = client(environment, "sesv2", region), client(environment, "ses", region)
        for mark, tags in (("other", []), ("their", _marks())):
            sesv2.create_tenant(TenantName=f"tenant-{mark}", Tags=tags)
            sesv2.create_email_identity(EmailIdentity=f"mail.{mark}.test", Tags=tags)
            sesv2.create_dedicated_ip_pool(PoolName=f"pool-{mark}", ScalingMode="STANDARD", Tags=tags)
            sesv2.create_configuration_set(
                ConfigurationSetName=f"acme_case-{mark}",
                DeliveryOptions={"SendingPoolName": f"pool-{mark}"},
                Tags=tags,
            )
            for resource in (f"identity/mail.{mark}.test", f"configuration-set/acme_case-{mark}"):
                sesv2.create_tenant_resource_association(
                    TenantName=f"tenant-{mark}", ResourceArn=f"arn:aws:ses:{region}:123456789012:{resource}"
                )
        for rule_set in ("inbound", "second"):
            ses.create_receipt_rule_set(RuleSetName=rule_set)
            for name in ("theirs", "chanplan-other-001"):
                ses.create_receipt_rule(
                    RuleSetName=rule_set,
                    Rule={
                        "Name": name,
                        "Enabled": True,
                        "Recipients": [f"{name}.test"],
                        "Actions": [{"S3Action": {"BucketName": "bucket-0"}}],
                    },
                )
        ses.set_active_receipt_rule_set(RuleSetName="inbound")
        sesv2.close()
        ses.close()


def _marks() -> list[dict[str, str]]:
    return [
        {"Key": "chanplan:id", "Value": "00000000-0000-4000-8000-000000000000"},
        {"Key": "chanplan:workspace", "Value": "another"},
    ]
