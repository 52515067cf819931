"""An account of a server, and the people and roles the tests put into it."""

import itertools
import json

from support.principal import Principal

NUMBERS = itertools.count(1)


def name(kind):
    """A name nobody has yet."""
    return f"{kind}-{next(NUMBERS)}"


def document(*statements):
    """A policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*", **further):
    """A statement for an identity policy."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **further}


def deny(*actions, resource="*", **further):
    """A statement for an identity policy."""
    return allow(*actions, resource=resource, **further) | {"Effect": "Deny"}


def trust(*principals, **further):
    """A trust policy for AWS principals."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **further}
    return document(statement)


def key_policy(*statements):
    """A key policy; statements without a resource get `*`."""
    return document(*({"Resource": "*"} | statement for statement in statements))


def principals(*arns, actions="kms:*", **further):
    """A statement of a key policy for these principals."""
    return {"Effect": "Allow", "Principal": {"AWS": list(arns)}, "Action": actions, **further}


class Account:
    """One account, by its root user."""

    def __init__(self, server, account_id, root):
        self.server = server
        self.id = account_id
        self.root = root

    @classmethod
    def create(cls, server):
        """A fresh account."""
        account_id = server.create_account(name("account"))
        return cls(server, account_id, cls.root_of(server, account_id))

    @staticmethod
    def root_of(server, account_id):
        found = server.env("--account", account_id)
        return Principal(server, found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"])

    @property
    def root_arn(self):
        return f"arn:aws:iam::{self.id}:root"

    def user(self, *statements):
        """A new user with an access key and, if there are statements, an inline policy."""
        user = name("user")
        self.root.iam.create_user(UserName=user)
        if statements:
            self.root.iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document(*statements))
        key = self.root.iam.create_access_key(UserName=user)["AccessKey"]
        principal = Principal(self.server, key["AccessKeyId"], key["SecretAccessKey"])
        principal.name = user
        principal.__dict__["arn"] = f"arn:aws:iam::{self.id}:user/{user}"
        return principal

    def role(self, *statements, trusting=None):
        """A new role that the account trusts, with an inline policy: its ARN."""
        role = name("role")
        made = self.root.iam.create_role(
            RoleName=role, AssumeRolePolicyDocument=trusting or trust(self.root_arn))
        if statements:
            self.root.iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document(*statements))
        return made["Role"]["Arn"]

    def key(self, policy=None):
        """A new KMS key: its ARN. Without a policy it has the default one, which delegates to the account."""
        further = {"Policy": policy} if policy else {}
        return self.root.kms.create_key(**further)["KeyMetadata"]["Arn"]


def session(server, credentials):
    """A principal of temporary credentials as STS answers them."""
    return Principal(
        server, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def assume(principal, role_arn, session_name="session", **further):
    """The principal's session of a role."""
    answer = principal.sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name, **further)
    return session(principal.server, answer["Credentials"])
