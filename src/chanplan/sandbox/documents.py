"""
Names the loose type of what travels on the wire.

The shapes of requests and answers are held by botocore's models at the boundary (`wire.validation`), not by Python's
types: writing every SES structure down again here would be a second, unchecked copy of them.
"""

from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
