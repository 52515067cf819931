"""A custom key store of an account: what is the same whatever keeps its keys."""

from support.cluster import until


class KeyStore:
    """A key store that was made by `kms`, with `settings`."""

    def __init__(self, kms, **settings):
        self.kms = kms
        made = kms.create_custom_key_store(**settings)
        self.named = {"CustomKeyStoreId": made["CustomKeyStoreId"]}

    @property
    def id(self):
        return self.named["CustomKeyStoreId"]

    def describe(self):
        [found] = self.kms.describe_custom_key_stores(**self.named)["CustomKeyStores"]
        return found

    def wait(self, state):
        return until(lambda: (found := self.describe())["ConnectionState"] == state and found)

    def connect(self):
        self.kms.connect_custom_key_store(**self.named)
        self.wait("CONNECTED")
        return self

    def disconnect(self):
        self.kms.disconnect_custom_key_store(**self.named)
        self.wait("DISCONNECTED")
