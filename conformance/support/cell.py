"""One writer's corner of an account: random changes, and what must be there after those that were acknowledged."""

import copy
import json
from dataclasses import dataclass

from support.account import allow, document, key_policy, principals

MOST = 4  # of one kind in one cell, so that changes meet
UNKNOWN = "an id that the client was never told"


@dataclass
class Step:
    """One call, and what it does to the cell's state."""

    service: str
    operation: str
    parameters: dict
    apply: object


def nothing(state, answer):
    """What a call that only reads does."""


class Cell:
    """The users, groups, policies and keys one writer makes in one round."""

    def __init__(self, account, name, random):
        self.account = account
        self.name = name
        self.random = random
        self.counted = 0
        self.state = {"users": {}, "groups": {}, "policies": {}, "keys": {}}

    def after(self, step, answer):
        """The state after a step whose answer is known, or not."""
        state = copy.deepcopy(self.state)
        step.apply(state, answer)
        return state

    def next(self):
        """A random step that will succeed if it is carried out."""
        users, groups, keys = (sorted(self.state[kind]) for kind in ("users", "groups", "keys"))
        makers = [self.look_around]
        for kind, maker in (("users", self.create_user), ("groups", self.create_group),
                            ("policies", self.create_policy), ("keys", self.create_key)):
            makers += [maker] * (len(self.state[kind]) < MOST)
        if users:
            makers += [self.tag_user, self.put_policy, self.create_access_key, self.delete_user, self.rename] * 2
        if users and groups:
            makers += [self.join_or_leave] * 3
        if users and self.state["policies"]:
            makers += [self.attach_or_detach] * 3
        if keys:
            makers += [self.put_key_policy, self.create_alias, self.tag_key, self.toggle_key, self.encrypt] * 2
        while not (step := self.random.choice(makers)()):
            pass
        return step

    def fresh(self):
        self.counted += 1
        return f"{self.name}-{self.counted}"

    def pick(self, kind):
        return self.random.choice(sorted(self.state[kind]))

    def create_user(self):
        name, tag = self.fresh(), self.fresh()
        parameters = {"UserName": name, "Path": f"/{self.name}/",
                      "Tags.member.1.Key": "made", "Tags.member.1.Value": tag}
        made = {"tags": {"made": tag}, "policies": {}, "attached": [], "groups": [], "access_keys": []}
        return Step("iam", "CreateUser", parameters, lambda state, _: state["users"].update({name: made}))

    def create_group(self):
        name = self.fresh()
        parameters = {"GroupName": name, "Path": f"/{self.name}/"}
        return Step("iam", "CreateGroup", parameters, lambda state, _: state["groups"].update({name: []}))

    def create_policy(self):
        name = self.fresh()
        parameters = {"PolicyName": name, "Path": f"/{self.name}/", "PolicyDocument": document(allow("s3:*"))}
        arn = f"arn:aws:iam::{self.account.id}:policy/{self.name}/{name}"
        return Step("iam", "CreatePolicy", parameters, lambda state, _: state["policies"].update({arn: []}))

    def tag_user(self):
        user, value = self.pick("users"), self.fresh()
        parameters = {"UserName": user, "Tags.member.1.Key": "changed", "Tags.member.1.Value": value}
        return Step("iam", "TagUser", parameters,
                    lambda state, _: state["users"][user]["tags"].update({"changed": value}))

    def put_policy(self):
        user, name = self.pick("users"), f"p{self.random.randrange(3)}"
        text = document(allow("s3:*", Sid=f"S{self.counted}"))
        self.counted += 1
        parameters = {"UserName": user, "PolicyName": name, "PolicyDocument": text}
        return Step("iam", "PutUserPolicy", parameters,
                    lambda state, _: state["users"][user]["policies"].update({name: json.loads(text)}))

    def create_access_key(self):
        user = self.pick("users")
        if len(self.state["users"][user]["access_keys"]) == 2:
            return self.delete_access_key(user)
        return Step("iam", "CreateAccessKey", {"UserName": user}, lambda state, answer: state["users"][user][
            "access_keys"].append(between(answer.text, "<AccessKeyId>") if answer else UNKNOWN))

    def delete_access_key(self, user):
        key = self.state["users"][user]["access_keys"][0]
        return Step("iam", "DeleteAccessKey", {"UserName": user, "AccessKeyId": key},
                    lambda state, _: state["users"][user]["access_keys"].remove(key))

    def delete_user(self):
        user = self.pick("users")
        had = self.state["users"][user]
        if any(had[kind] for kind in ("policies", "attached", "groups", "access_keys")):
            return None
        return Step("iam", "DeleteUser", {"UserName": user}, lambda state, _: state["users"].pop(user))

    def rename(self):
        """Moves a user with all that refers to it: groups, policies, access keys."""
        user, new = self.pick("users"), self.fresh()

        def apply(state, _):
            state["users"][new] = state["users"].pop(user)
            for members in (*state["groups"].values(), *state["policies"].values()):
                members[:] = [new if member == user else member for member in members]
        return Step("iam", "UpdateUser", {"UserName": user, "NewUserName": new}, apply)

    def join_or_leave(self):
        user, group = self.pick("users"), self.pick("groups")
        member = group in self.state["users"][user]["groups"]
        return Step("iam", "RemoveUserFromGroup" if member else "AddUserToGroup",
                    {"UserName": user, "GroupName": group},
                    lambda state, _: toggle(state["users"][user]["groups"], group, state["groups"][group], user))

    def attach_or_detach(self):
        user, policy = self.pick("users"), self.pick("policies")
        attached = policy in self.state["users"][user]["attached"]
        return Step("iam", "DetachUserPolicy" if attached else "AttachUserPolicy",
                    {"UserName": user, "PolicyArn": policy},
                    lambda state, _: toggle(state["users"][user]["attached"], policy, state["policies"][policy], user))

    def create_key(self):
        parameters = {"Description": self.name, "Tags": [{"TagKey": "made", "TagValue": self.name}]}
        made = {"enabled": True, "policy": None, "tags": {"made": self.name}, "aliases": []}
        return Step("kms", "CreateKey", parameters, lambda state, answer: state["keys"].update(
            {json.loads(answer.text)["KeyMetadata"]["KeyId"] if answer else UNKNOWN: made}))

    def put_key_policy(self):
        key, sid = self.pick("keys"), self.fresh()
        text = key_policy(principals(self.account.root_arn, Sid=sid))
        return Step("kms", "PutKeyPolicy", {"KeyId": key, "Policy": text},
                    lambda state, _: state["keys"][key].update(policy=sid))

    def create_alias(self):
        key, alias = self.pick("keys"), f"alias/{self.fresh()}"
        return Step("kms", "CreateAlias", {"AliasName": alias, "TargetKeyId": key},
                    lambda state, _: state["keys"][key]["aliases"].append(alias))

    def tag_key(self):
        key, value = self.pick("keys"), self.fresh()
        return Step("kms", "TagResource", {"KeyId": key, "Tags": [{"TagKey": "changed", "TagValue": value}]},
                    lambda state, _: state["keys"][key]["tags"].update(changed=value))

    def toggle_key(self):
        key = self.pick("keys")
        enabled = self.state["keys"][key]["enabled"]
        return Step("kms", "DisableKey" if enabled else "EnableKey", {"KeyId": key},
                    lambda state, _: state["keys"][key].update(enabled=not enabled))

    def encrypt(self):
        key = self.pick("keys")
        if not self.state["keys"][key]["enabled"]:
            return None
        return Step("kms", "Encrypt", {"KeyId": key, "Plaintext": "eA=="}, nothing)

    def look_around(self):
        return Step("sts", "GetCallerIdentity", {}, nothing)


def toggle(one_side, one, other_side, other):
    """Puts each into the other's list, or takes both out."""
    for side, item in ((one_side, one), (other_side, other)):
        side.remove(item) if item in side else side.append(item)


def between(text, opening):
    """What stands in an XML element."""
    return text.partition(opening)[2].partition("<")[0]


def settled(state):
    """The state in a form that compares: nothing in it depends on the order of calls."""
    state = copy.deepcopy(state)
    for user in state["users"].values():
        for kind in ("attached", "groups", "access_keys"):
            user[kind].sort()
    for listing in (state["groups"], state["policies"]):
        for members in listing.values():
            members.sort()
    for key in state["keys"].values():
        key["aliases"].sort()
    return state
