"""Key stores in CloudHSM clusters, and their keys as a PKCS#11 client sees them."""

from support.account import Account, name
from support.cluster import Authority, Cluster, pem, until
from support.key_store import KeyStore

OFFICER, PIN = "officers-own", "kmsusers-own"
LOOK = """
with token.open(user_pin=values['pin']) as session:
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: values['label']}))
    print(json.dumps([[bool(key[attribute]) for attribute in (
        Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.EXTRACTABLE, Attribute.NEVER_EXTRACTABLE,
        Attribute.LOCAL, Attribute.PRIVATE, Attribute.ENCRYPT, Attribute.WRAP)] + [key.key_length] for key in found]))
"""
READ = """
with token.open(user_pin=values['pin']) as session:
    [key] = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: values['label']})
    try:
        read = bytes(key[Attribute.VALUE]).hex()
    except PKCS11Error as refused:
        read = type(refused).__name__
    print(json.dumps(read))
"""
DESTROY = """
with token.open(rw=True, user_pin=values['pin']) as session:
    for key in list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: values['label']})):
        key.destroy()
"""
CHANGE_PIN = """
with token.open(rw=True, user_pin=values['pin']) as session:
    session.set_pin(values['pin'], values['new_pin'])
"""
FORGE = """
with token.open(rw=True, user_pin=values['pin']) as session:
    session.generate_key(KeyType.AES, 256, label=values['label'], store=True)
"""
# Whether a wrong PIN was the last that was tried.
WARNS = "print(json.dumps(bool(token.flags & TokenFlag.USER_PIN_COUNT_LOW)))"
LABELS = """
with token.open(user_pin=values['pin']) as session:
    print(json.dumps([key[Attribute.LABEL] for key in session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})]))
"""
# What `LOOK` tells of a key that was made in a token, never leaves it, and encrypts only.
UNREADABLE = [True, True, False, True, True, True, True, False, 256]


class OwnCluster(Cluster):
    """An active cluster with an HSM in each of two zones."""

    def __init__(self, account, **parameters):
        super().__init__(account, **parameters)
        self.wait("UNINITIALIZED")
        self.authority = Authority()
        first = self.add("us-east-1a")
        self.initialize(self.authority)
        first.activate(self.describe()["PreCoPassword"], OFFICER, PIN)
        self.wait("ACTIVE")
        self.hsms = [first, self.add("us-east-1b")]

    @property
    def anchor(self):
        return pem(self.authority.certificate)

    def look(self, key):
        """What each HSM tells of the keys that bear the ARN of a KMS key."""
        return [hsm.run(LOOK, pin=PIN, label=key) for hsm in self.hsms]

    def labels(self):
        """The labels of all keys of each HSM."""
        return [hsm.run(LABELS, pin=PIN) for hsm in self.hsms]

    def change_pin(self, pin, new_pin):
        for hsm in self.hsms:
            hsm.run(CHANGE_PIN, pin=pin, new_pin=new_pin)

    def remove(self, hsm):
        self.hsm_client.delete_hsm(ClusterId=self.id, HsmId=hsm.id)
        self.hsms.remove(hsm)
        until(lambda: hsm.id not in [it["HsmId"] for it in self.describe()["Hsms"]])


class ClusterStore(KeyStore):
    """A key store of an account in a cluster of its own."""

    def __init__(self, account, cluster=None, **changed):
        self.cluster = cluster or OwnCluster(account)
        super().__init__(account.root.kms, **self.settings(**changed))

    def settings(self, **changed):
        usual = {"CustomKeyStoreName": name("store"), "CloudHsmClusterId": self.cluster.id,
                 "TrustAnchorCertificate": self.cluster.anchor, "KeyStorePassword": PIN}
        return usual | changed

    def again(self, server, account):
        """After the server was started anew."""
        root = Account.root_of(server, account.id)
        self.kms, self.cluster.hsm_client = root.kms, root.cloudhsm

    def key(self):
        return self.kms.create_key(Origin="AWS_CLOUDHSM", **self.named)["KeyMetadata"]["Arn"]
