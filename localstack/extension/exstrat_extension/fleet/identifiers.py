"""Identifiers in AWS's formats. The tokens are random; nothing depends on their values."""

import uuid
from secrets import token_hex


def instance_id() -> str:
    return f"i-0{token_hex(8)}"


def activity_id() -> str:
    return str(uuid.uuid4())
