"""Remembers which operations the tests called and how that ended, for the coverage lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How one call ended. A call of the stock command line tells no request id."""

    operation: str
    error: str | None
    request_id: str | None

    @property
    def is_denial(self):
        return self.error in ("AccessDenied", "AccessDeniedException")


class Recorder:
    """Every call the tests made of one server."""

    def __init__(self):
        self.outcomes = set()

    def note(self, operation, error=None, request_id=None):
        self.outcomes.add(Outcome(operation, error, request_id))

    def succeeded(self):
        return {outcome.operation for outcome in self.outcomes if outcome.error is None}

    def denied(self):
        return {outcome.operation for outcome in self.outcomes if outcome.is_denial}

    def errors(self, service):
        """The codes of the errors that calls of a service ended with."""
        calls = (outcome for outcome in self.outcomes if outcome.operation.startswith(f"{service}:"))
        return {f"{service}:{outcome.error}" for outcome in calls if outcome.error}

    def with_request_id(self):
        return {outcome.request_id: outcome for outcome in self.outcomes if outcome.request_id}
