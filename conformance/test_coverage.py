"""Operations without a conformance case, a denial or a checked audit record, and errors without a case: lists that may
only shrink."""

import pytest

from support.model import built, errors, services
from support.server import ROOT

LISTS = ROOT / "conformance/coverage"


def excused(list_name, service):
    """The operations of a service that the list excuses."""
    lines = (line.partition("#")[0].strip() for line in (LISTS / list_name).read_text().splitlines())
    return {line for line in lines if line.startswith(f"{service}:")}


def compare(list_name, service, covered):
    """The list names exactly what is not covered."""
    operations = {operation for operation in built() if operation.startswith(f"{service}:")}
    listed, missing = excused(list_name, service), operations - covered
    uncovered, obsolete = sorted(missing - listed), sorted(listed - missing)
    assert not uncovered, f"have no case, and are not in coverage/{list_name}"
    assert not obsolete, f"are covered or gone: strike them from coverage/{list_name}"


@pytest.mark.parametrize("service", services())
def test_every_operation_has_a_case(service, server):
    compare("without-case.txt", service, server.recorder.succeeded())


@pytest.mark.parametrize("service", services())
def test_every_operation_has_a_denial(service, server):
    compare("without-denial.txt", service, server.recorder.denied())


@pytest.mark.parametrize("service", services())
def test_every_operation_is_in_the_audit_record(service, server, recorded):
    """Each operation was recorded both when it succeeded and when it was denied."""
    succeeded, denied = set(), set()
    for outcome in server.recorder.with_request_id().values():
        event = recorded.get(outcome.request_id)
        if event and f"{event['eventSource'].split('.')[0]}:{event['eventName']}" == outcome.operation:
            if outcome.error is None and "errorCode" not in event:
                succeeded.add(outcome.operation)
            elif outcome.is_denial and event["errorCode"] == "AccessDenied":
                denied.add(outcome.operation)
    compare("without-audit.txt", service, succeeded)
    compare("without-denial.txt", service, denied)


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_every_error_has_a_case(service, server):
    listed, missing = excused("without-error.txt", service), errors(service) - server.recorder.errors(service)
    assert not missing - listed, "have no case, and are not in coverage/without-error.txt"
    assert not listed - missing, "are covered or gone: strike them from coverage/without-error.txt"


def test_every_call_of_every_test_was_recorded(server, recorded):
    missing = [outcome for outcome in server.recorder.with_request_id().values() if outcome.request_id not in recorded]
    assert not missing
