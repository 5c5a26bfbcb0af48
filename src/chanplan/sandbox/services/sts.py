"""STS, as far as it says who is calling."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.call import Call


def get_caller_identity(call: Call) -> Document:
    """Answers the account that the access key stands for."""
    account = call.scope.account
    return {
        "UserId": f"AIDASANDBOX{account}",
        "Account": account,
        "Arn": f"arn:{call.scope.partition}:iam::{account}:user/sandbox",
    }
