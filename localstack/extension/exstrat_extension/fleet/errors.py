"""The refusals an AWS client can branch on."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """AWS's error codes, as they stand on the wire."""

    VALIDATION = "ValidationError"
    ALREADY_EXISTS = "AlreadyExists"
    RESOURCE_IN_USE = "ResourceInUse"
    SCALING_ACTIVITY_IN_PROGRESS = "ScalingActivityInProgress"
    TARGET_GROUP_NOT_FOUND = "TargetGroupNotFound"
    INVALID_TARGET = "InvalidTarget"
    REFRESH_IN_PROGRESS = "InstanceRefreshInProgress"
    NO_ACTIVE_REFRESH = "ActiveInstanceRefreshNotFound"
    IRREVERSIBLE_REFRESH = "IrreversibleInstanceRefresh"
    INVALID_NEXT_TOKEN = "InvalidNextToken"


class Refused(Exception):
    """A request that AWS would refuse; nothing was changed."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    """The refusal that AWS uses for nearly everything."""
    return Refused(ErrorCode.VALIDATION, message)
