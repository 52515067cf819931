"""CloudTrail's LookupEvents, and what the operator's `alcazar audit` tells, about the same record."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from support.account import allow, assume, document, key_policy, principals, session
from support.refusal import refused


def lookup(principal, **attributes):
    """All events that have these attributes, newest first."""
    wanted = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
    found = principal.cloudtrail.get_paginator("lookup_events").paginate(LookupAttributes=wanted)
    return [event for page in found for event in page["Events"]]


def record(event):
    return json.loads(event["CloudTrailEvent"])


def test_a_change_is_in_the_history(account):
    account.root.iam.create_user(UserName="ann", Tags=[{"Key": "color", "Value": "blue"}])
    [event] = lookup(account.root, EventName="CreateUser")
    assert (event["EventSource"], event["ReadOnly"]) == ("iam.amazonaws.com", "false")
    told = record(event)
    assert told["eventVersion"] >= "1.11" and told["eventID"] == event["EventId"]
    assert told["userIdentity"]["type"] == "Root" and told["userIdentity"]["arn"] == account.root_arn
    assert told["requestParameters"]["userName"] == "ann"
    assert told["responseElements"]["user"]["arn"] == f"arn:aws:iam::{account.id}:user/ann"
    assert told["recipientAccountId"] == account.id and told["eventCategory"] == "Management"
    assert told["tlsDetails"]["tlsVersion"] == "TLSv1.3"


def test_a_use_of_a_key_is_in_the_history_without_its_plaintext(account):
    key = account.key()
    user = account.user(allow("kms:*"))
    user.kms.encrypt(KeyId=key, Plaintext=b"attack at dawn", EncryptionContext={"purpose": "letters"})
    [event] = lookup(account.root, EventName="Encrypt")
    told = record(event)
    assert told["userIdentity"]["type"] == "IAMUser" and told["userIdentity"]["userName"] == user.name
    assert told["requestParameters"]["encryptionContext"] == {"purpose": "letters"}
    assert "plaintext" not in event["CloudTrailEvent"].lower() and told["responseElements"] is None
    assert told["resources"] == [{"accountId": account.id, "type": "AWS::KMS::Key", "ARN": key}]
    assert [resource["ResourceName"] for resource in event["Resources"]] == [key]
    assert event["Username"] == user.name and event["AccessKeyId"] == user.access_key_id


def test_a_denial_is_in_the_history(account):
    user = account.user()
    with refused("AccessDenied"):
        user.iam.create_user(UserName="bob")
    denials = [record(event) for event in lookup(account.root, Username=user.name)]
    [told] = [event for event in denials if event["eventName"] == "CreateUser"]
    assert told["errorCode"] == "AccessDenied" and user.arn in told["errorMessage"]
    assert told["responseElements"] is None


def test_each_kind_of_caller_is_named(account):
    role = account.role(allow("kms:ListKeys"))
    user = account.user(allow("sts:*", "kms:ListKeys"))
    role_session = assume(user, role, "night")
    federated = session(account.server, user.sts.get_federation_token(
        Name="bob", Policy=document(allow("kms:ListKeys")))["Credentials"])
    for caller in (account.root, user, role_session, federated):
        caller.kms.list_keys()
    events = [record(event)["userIdentity"] for event in lookup(account.root, EventName="ListKeys")]
    assert [identity["type"] for identity in events] == ["FederatedUser", "AssumedRole", "IAMUser", "Root"]
    issuer = events[1]["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["arn"]) == ("Role", role)


def test_both_accounts_see_a_call_across_them(account, second_account):
    shared = account.key(key_policy(principals(account.root_arn), principals(second_account.root_arn)))
    stranger = second_account.user(allow("kms:*"))
    stranger.kms.encrypt(KeyId=shared, Plaintext=b"x")
    [theirs], [ours] = lookup(second_account.root, EventName="Encrypt"), lookup(account.root, EventName="Encrypt")
    theirs, ours = record(theirs), record(ours)
    assert theirs["sharedEventID"] == ours["sharedEventID"] and theirs["eventID"] != ours["eventID"]
    assert ours["userIdentity"]["type"] == "AWSAccount"
    assert ours["userIdentity"]["accountId"] == second_account.id
    assert theirs["userIdentity"]["type"] == "IAMUser"


def test_attributes_and_times_narrow_the_search(account):
    user = account.user(allow("kms:ListKeys"))
    user.kms.list_keys()
    account.root.kms.list_keys()
    [mine] = lookup(account.root, AccessKeyId=user.access_key_id)
    assert mine["EventName"] == "ListKeys"
    assert lookup(account.root, EventId=mine["EventId"])[0]["EventId"] == mine["EventId"]
    sources = {event["EventSource"] for event in lookup(account.root, EventSource="kms.amazonaws.com")}
    assert sources == {"kms.amazonaws.com"}
    assert {event["ReadOnly"] for event in lookup(account.root, ReadOnly="true")} == {"true"}
    now = datetime.now(timezone.utc)
    ahead = account.root.cloudtrail.lookup_events(StartTime=now + timedelta(hours=1), EndTime=now + timedelta(hours=2))
    assert ahead["Events"] == []
    with pytest.raises(account.root.cloudtrail.exceptions.InvalidTimeRangeException):
        account.root.cloudtrail.lookup_events(StartTime=now, EndTime=now - timedelta(hours=1))


def test_a_search_is_answered_by_page(account):
    for _ in range(5):
        account.root.kms.list_keys()
    pages = account.root.cloudtrail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListKeys"}],
        PaginationConfig={"PageSize": 2})
    assert [len(page["Events"]) for page in pages] in ([2, 2, 1], [2, 2, 1, 0])


def test_nobody_sees_the_history_of_another_account_or_unasked(account, second_account):
    account.root.iam.create_user(UserName="ann")
    assert lookup(second_account.root, EventName="CreateUser") == []
    with refused("AccessDeniedException", "cloudtrail:LookupEvents"):
        account.user().cloudtrail.lookup_events()


def test_the_command_line_and_the_operator_read_the_same_record(account, server):
    account.root.cli("iam", "create-user", "--user-name", "ann")
    found = account.root.cli("cloudtrail", "lookup-events", "--lookup-attributes",
                             "AttributeKey=EventName,AttributeValue=CreateUser")
    told = record(found["Events"][0])
    [same] = server.events("--request-id", told["requestID"])
    assert same == told
    lines = server.ask("audit", "query", "--account", account.id, "--event-name", "CreateUser").splitlines()
    assert lines == [f"{told['eventTime']}  {account.id}  us-east-1  iam:CreateUser  {account.root_arn}"]
    [newest] = server.ask("audit", "tail", "--lines", "1").splitlines()
    assert "cloudtrail:LookupEvents" in newest
