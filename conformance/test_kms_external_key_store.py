"""External key stores: keys that a proxy of their owner's keeps, by boto3."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.account import Account, allow, name
from support.cluster import until
from support.key_store import KeyStore
from support.refusal import refused
from support.server import DidNotStart, Server
from support.xks import HOST, Proxy, Refused

CONTEXT = {"department": "marketing"}


@pytest.fixture
def realm(proxy):
    return proxy.realm()


class Store(KeyStore):
    """An external key store of an account."""

    def __init__(self, account, realm, **changed):
        self.realm = realm
        self.name = name("store")
        super().__init__(account.root.kms, CustomKeyStoreName=self.name, CustomKeyStoreType="EXTERNAL_KEY_STORE",
                         **realm.settings(**changed))

    def key(self, external="key-1"):
        if external not in self.realm.keys:
            self.realm.add(external)
        made = self.kms.create_key(Origin="EXTERNAL_KEY_STORE", XksKeyId=external, **self.named)
        return made["KeyMetadata"]["Arn"]


@pytest.fixture
def store(account, realm):
    return Store(account, realm).connect()


def seal(kms, key, plaintext=b"hunter2"):
    return kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=CONTEXT)["CiphertextBlob"]


def test_from_a_new_store_to_a_key_in_it(account, realm):
    store = Store(account, realm)
    described = store.describe()
    assert described["ConnectionState"] == "DISCONNECTED" and described["CustomKeyStoreName"] == store.name
    assert described["XksProxyConfiguration"] == {
        "Connectivity": "PUBLIC_ENDPOINT", "AccessKeyId": realm.access_key_id, "UriEndpoint": f"https://{HOST}",
        "UriPath": realm.path}
    with refused("CustomKeyStoreInvalidStateException"):
        store.key()
    store.connect()
    key, kms = store.key(), account.root.kms
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["Origin"] == "EXTERNAL_KEY_STORE" and metadata["XksKeyConfiguration"] == {"Id": "key-1"}
    assert metadata["CustomKeyStoreId"] == store.id and metadata["KeyState"] == "Enabled"
    sealed = seal(kms, key)
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"
    asked = [(path, body["requestMetadata"]) for path, body in realm.asked]
    assert [path for path, _ in asked][-3:] == ["/keys/key-1/metadata", "/keys/key-1/encrypt", "/keys/key-1/decrypt"]
    assert asked[-1][1]["kmsKeyArn"] == key and asked[-1][1]["awsPrincipalArn"] == account.root_arn
    assert "hunter2" not in json.dumps(realm.asked)


def test_what_a_key_in_a_store_can_do(account, store):
    kms, key = account.root.kms, store.key()
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"] and len(made["Plaintext"]) == 32
    moved = kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], SourceEncryptionContext=CONTEXT,
                           DestinationKeyId=account.key())
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    back = kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], DestinationKeyId=key)
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"], KeyId=key)["Plaintext"] == made["Plaintext"]
    with refused("UnsupportedOperationException"):
        kms.enable_key_rotation(KeyId=key)


def test_a_proxy_is_not_asked_by_what_is_only_tried(account, store):
    kms, key, here = account.root.kms, store.key(), account.key()
    sealed, ours = seal(kms, key), seal(kms, here)
    context = {"SourceEncryptionContext": CONTEXT}
    calls = {
        "encrypt": (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
        "decrypt": (kms.decrypt, {"CiphertextBlob": sealed, "EncryptionContext": CONTEXT}),
        "decrypt nothing": (kms.decrypt, {"KeyId": key, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
        "data key": (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
        "hidden": (kms.generate_data_key_without_plaintext, {"KeyId": key, "KeySpec": "AES_256"}),
        "from": (kms.re_encrypt, {"CiphertextBlob": sealed, "DestinationKeyId": here} | context),
        "to": (kms.re_encrypt, {"CiphertextBlob": ours, "DestinationKeyId": key} | context),
        "both": (kms.re_encrypt, {"CiphertextBlob": sealed, "DestinationKeyId": key} | context),
        "grant": (kms.create_grant, {"KeyId": key, "GranteePrincipal": account.root_arn, "Operations": ["Decrypt"]}),
    }
    before = list(store.realm.asked)
    for call, given in calls.values():
        with refused("DryRunOperationException"):
            call(**given, DryRun=True)
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=b"x", KeyId=key, DryRun=True)
    assert store.realm.asked == before
    for call, given in calls.values():
        if "DryRunModifiers" not in given:
            call(**given)
    assert len(store.realm.asked) == len(before) + 8
    store.disconnect()
    for name, (call, given) in calls.items():
        with refused("DryRunOperationException" if name == "grant" else "KMSInvalidStateException"):
            call(**given, DryRun=True)


def test_nothing_but_what_was_sealed_is_opened(account, store):
    kms, key, other = account.root.kms, store.key(), store.key("key-2")
    sealed = seal(kms, key)
    with refused("KMSInvalidStateException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"department": "sales"})
    with refused("IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT, KeyId=other)
    # Another external key of the same proxy cannot stand in.
    store.realm.keys["key-1"], store.realm.keys["key-2"] = store.realm.keys["key-2"], store.realm.keys["key-1"]
    with refused("KMSInvalidStateException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)


def http(status, headers="", body=b""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.mark.parametrize("answer", [
    http("302 Found", f"Location: https://{HOST}/\r\n"), http("200 OK", body=b"{"), http("200 OK", body=b"[]"),
    http("200 OK", body=b" " * 10_000_000), b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", b"hello\r\n\r\n",
    {"authenticationTag": "AAAA", "plaintext": 7}, {"ciphertextDataIntegrityValue": "AAAA", "plaintext": "AAAA"},
    {"initializationVector": "", "plaintext": "?"},
], ids=["redirect", "half", "list", "large", "short", "other protocol", "tag", "integrity", "vector"])
def test_a_proxy_is_not_taken_at_its_word(account, store, answer):
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    store.realm.answer = lambda path: answer
    for call in (lambda: seal(kms, key), lambda: kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT),
                 lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256")):
        with refused("KMSInvalidStateException", "external key store proxy"):
            call()
    store.realm.answer = None
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"


def test_a_proxy_that_does_not_answer_is_not_waited_for(account, store):
    kms, key = account.root.kms, store.key()
    store.realm.answer = lambda path: store.realm.proxy.released.wait()
    with refused("KMSInvalidStateException", "did not respond in time"):
        seal(kms, key)
    # Nor does it keep others waiting.
    assert account.key()
    store.disconnect()
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "XKS_PROXY_TIMED_OUT"
    with refused("CustomKeyStoreInvalidStateException"):
        store.kms.connect_custom_key_store(**store.named)
    with refused("KMSInvalidStateException", "not connected"):
        seal(kms, key)
    store.realm.answer = None
    store.disconnect()
    store.connect()
    assert seal(kms, key)


@pytest.mark.parametrize("status, error, code", [
    (400, "InvalidStateException", "is not enabled"), (404, "KeyNotFoundException", "was not found"),
    (403, "AccessDeniedException", "denied access"), (429, "ThrottlingException", "very high request rate"),
    (500, "InternalException", "cannot communicate with the external key manager"),
    (401, "AuthenticationFailedException", "could not authenticate"), (400, "Whatever", "cannot interpret"),
])
def test_what_a_proxy_refuses_is_told(account, store, status, error, code):
    def refuse(path):
        raise Refused(status, error)
    key = store.key()
    store.realm.answer = refuse
    with refused("KMSInvalidStateException", code):
        seal(account.root.kms, key)


MANAGERS = [{"id": str(number), "model": "memory", "healthStatus": "UNAVAILABLE"} for number in (1, 2)]
UNREACHABLE, UNINTELLIGIBLE = "XksProxyUriUnreachableException", "XksProxyInvalidResponseException"
# How a proxy answers GetHealthStatus, the `ConnectionErrorCode`, and what whoever names the proxy is told.
TROUBLES = {
    "credential": (Refused(401, "AuthenticationFailedException"), "INVALID_CREDENTIALS",
                   "XksProxyIncorrectAuthenticationCredentialException"),
    "access": (Refused(403, "AccessDeniedException"), "XKS_PROXY_ACCESS_DENIED", UNINTELLIGIBLE),
    "path": (Refused(404, "InvalidUriPathException"), "XKS_PROXY_INVALID_CONFIGURATION",
             "XksProxyInvalidConfigurationException"),
    "rate": (Refused(429, "ThrottlingException"), "XKS_PROXY_TIMED_OUT", UNREACHABLE),
    "behind": (Refused(503, "DependencyTimeoutException"), "XKS_PROXY_TIMED_OUT", UNREACHABLE),
    "silent": (None, "XKS_PROXY_TIMED_OUT", UNREACHABLE),
    "unavailable": ({"ekmFleetDetails": MANAGERS}, "XKS_PROXY_NOT_REACHABLE", UNREACHABLE),
    "no managers": ({"ekmFleetDetails": []}, "XKS_PROXY_INVALID_RESPONSE", UNINTELLIGIBLE),
    "health": ({"ekmFleetDetails": [MANAGERS[0] | {"healthStatus": "FINE"}]}, "XKS_PROXY_INVALID_RESPONSE",
               UNINTELLIGIBLE),
    "half": (http("200 OK", body=b"{"), "XKS_PROXY_INVALID_RESPONSE", UNINTELLIGIBLE),
    "redirect": (http("302 Found", f"Location: https://{HOST}/\r\n"), "XKS_PROXY_INVALID_RESPONSE", UNINTELLIGIBLE),
    "error": (Refused(400, "Whatever"), "XKS_PROXY_INVALID_RESPONSE", UNINTELLIGIBLE),
}


@pytest.mark.parametrize("answer,code,error", TROUBLES.values(), ids=TROUBLES)
def test_why_a_store_is_not_connected_made_or_changed(account, realm, proxy, answer, code, error):
    def answers(path):
        if answer is None:
            proxy.released.wait()
        if isinstance(answer, Refused):
            raise answer
        return answer
    store, other = Store(account, realm), proxy.realm()
    realm.answer = other.answer = answers
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == code
    events = [event["serviceEventDetails"] for event in account.server.events("--account", account.id)
              if event["eventName"] == "CustomKeyStoreConnectionChanged"]
    assert events[0] == {"customKeyStoreId": store.id, "connectionState": "FAILED", "connectionErrorCode": code}
    with refused("CustomKeyStoreInvalidStateException"):
        store.key()
    with refused(error):
        Store(account, other)
    store.disconnect()
    assert "ConnectionErrorCode" not in (before := store.describe())
    credential, theirs = ({"XksProxyAuthenticationCredential": it.settings()["XksProxyAuthenticationCredential"]}
                          for it in (realm, other))
    for changed in (credential, theirs | {"XksProxyUriPath": other.path}):
        with refused(error):
            store.kms.update_custom_key_store(**store.named, **changed)
    assert store.describe() == before
    realm.answer = None
    assert seal(store.kms, store.connect().key())


def test_a_proxy_that_changes_its_credential_or_path_is_not_connected_until_kms_is_told(account, realm, proxy):
    store = Store(account, realm)
    old, realm.secret = realm.secret, "c2VjcmV0IG9mIGEgcHJveHkgdGhhdCBpcyBuZXcgdG9kYXk="
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "INVALID_CREDENTIALS"
    store.disconnect()
    with refused("XksProxyIncorrectAuthenticationCredentialException"):
        store.kms.update_custom_key_store(**store.named, XksProxyAuthenticationCredential={
            "AccessKeyId": realm.access_key_id, "RawSecretAccessKey": old})
    credential = realm.settings()["XksProxyAuthenticationCredential"]
    store.kms.update_custom_key_store(**store.named, XksProxyAuthenticationCredential=credential)
    store.connect().disconnect()
    moved = f"/moved{realm.path}"
    proxy.realms[moved] = proxy.realms.pop(realm.path)
    store.kms.connect_custom_key_store(**store.named)
    assert store.wait("FAILED")["ConnectionErrorCode"] == "XKS_PROXY_INVALID_CONFIGURATION"
    store.disconnect()
    with refused("XksProxyInvalidConfigurationException"):
        store.kms.update_custom_key_store(**store.named, XksProxyUriPath=f"/nowhere{realm.path}")
    with refused("XksProxyVpcEndpointServiceNotFoundException"):
        store.kms.update_custom_key_store(
            **store.named, XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
            XksProxyVpcEndpointServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0")
    realm.path = moved
    store.kms.update_custom_key_store(**store.named, XksProxyUriPath=moved)
    assert seal(store.kms, store.connect().key())


@pytest.mark.parametrize("host", [HOST, "other.example.com"], ids=["authority", "name"])
def test_a_proxy_whose_certificate_is_anothers_is_not_connected(tmp_path, host):
    """One of an authority that the server does not know, and one of another name by an authority that it knows."""
    (tmp_path / "first").mkdir()
    proxy = Proxy(tmp_path / "first")
    server = Server(tmp_path, *proxy.options).start()
    try:
        account = Account.create(server)
        store = Store(account, proxy.realm()).connect()
        sealed = seal(account.root.kms, key := store.key())
        good = (proxy.folder / "xks.pem").read_bytes()
        proxy.stop()
        proxy.issue(host, ca=None if host == HOST else proxy.authority)
        proxy.start()
        with refused("KMSInvalidStateException", "TLS"):
            seal(store.kms, key)
        with refused("XksProxyUriUnreachableException", "TLS"):
            Store(account, proxy.realm())
        store.disconnect()
        store.kms.connect_custom_key_store(**store.named)
        assert store.wait("FAILED")["ConnectionErrorCode"] == "XKS_PROXY_INVALID_TLS_CONFIGURATION"
        proxy.stop()
        (proxy.folder / "xks.pem").write_bytes(good)
        proxy.start()
        store.disconnect()
        store.connect()
        opened = store.kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)
        assert opened["Plaintext"] == b"hunter2"
    finally:
        server.kill()
        proxy.close()


def test_a_disconnected_store_keeps_its_keys_from_being_used(account, store):
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)
    with refused("CustomKeyStoreInvalidStateException"):
        kms.delete_custom_key_store(**store.named)
    store.disconnect()
    before = len(store.realm.asked)
    for call in (lambda: seal(kms, key), lambda: kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)):
        with refused("KMSInvalidStateException", "not connected"):
            call()
    assert len(store.realm.asked) == before
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Unavailable"
    with refused("CustomKeyStoreInvalidStateException"):
        store.key("key-2")
    with refused("CustomKeyStoreInvalidStateException"):
        kms.disconnect_custom_key_store(**store.named)
    with refused("CustomKeyStoreHasCMKsException"):
        kms.delete_custom_key_store(**store.named)
    store.connect()
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"


def test_a_store_is_changed_and_deleted(account, store, proxy):
    kms, other = account.root.kms, proxy.realm()
    kms.update_custom_key_store(NewCustomKeyStoreName="renamed", XksProxyUriPath=other.path, **store.named,
                                XksProxyAuthenticationCredential=other.settings()["XksProxyAuthenticationCredential"])
    described = store.describe()
    assert described["CustomKeyStoreName"] == "renamed" and described["XksProxyConfiguration"]["UriPath"] == other.path
    other.add("key-1")
    assert seal(kms, store.key())
    assert other.asked[-1][0] == "/keys/key-1/encrypt"
    empty = Store(account, store.realm)
    kms.delete_custom_key_store(**empty.named)
    with refused("CustomKeyStoreNotFoundException"):
        kms.describe_custom_key_stores(**empty.named)


def test_what_is_refused_of_a_new_store(account, store, proxy):
    realm = proxy.realm()
    credential = {"AccessKeyId": realm.access_key_id, "RawSecretAccessKey": "x" * 43}
    with refused("XksProxyIncorrectAuthenticationCredentialException"):
        Store(account, realm, XksProxyAuthenticationCredential=credential)
    with refused("XksProxyInvalidConfigurationException"):
        Store(account, realm, XksProxyUriPath="/nowhere/kms/xks/v1")
    with refused("XksProxyUriInUseException"):
        Store(account, store.realm)
    for unlisted in ("https://localhost", "https://metadata.example.com"):
        with refused("XksProxyUriUnreachableException"):
            Store(account, realm, XksProxyUriEndpoint=unlisted)
    log = account.server.log.read_text()
    assert "metadata.example.com" in log and "--xks-proxy" in log
    for address in ("https://127.0.0.1", "https://169.254.169.254", "http://xks.example.com", f"https://{HOST}:22"):
        with refused("ValidationException"):
            Store(account, realm, XksProxyUriEndpoint=address)
    with refused("XksProxyVpcEndpointServiceNotFoundException"):
        Store(account, realm, XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
              XksProxyVpcEndpointServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0")


def test_what_is_refused_of_a_new_key(account, store, second_account):
    store.key()
    for external, changed, code in (
            ("key-1", {}, "XksKeyAlreadyInUseException"), ("none", None, "XksKeyNotFoundException"),
            ("off", {"keyStatus": "DISABLED"}, "XksKeyInvalidConfigurationException"),
            ("signing", {"keyUsage": ["SIGN"]}, "XksKeyInvalidConfigurationException"),
            ("small", {"keySpec": "AES_128"}, "XksKeyInvalidConfigurationException")):
        if changed:
            store.realm.add(external, **changed)
        with refused(code):
            account.root.kms.create_key(Origin="EXTERNAL_KEY_STORE", XksKeyId=external, **store.named)
    with refused("CustomKeyStoreNotFoundException"):
        second_account.root.kms.create_key(Origin="EXTERNAL_KEY_STORE", XksKeyId="key-1", **store.named)
    for operation in ("connect", "disconnect", "delete", "update"):
        with refused("CustomKeyStoreNotFoundException"):
            getattr(second_account.root.kms, f"{operation}_custom_key_store")(**store.named)
    assert second_account.root.kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_a_key_is_made_in_a_store_only_by_who_may(account, store):
    """To make keys is not to make stores."""
    maker = account.user(allow("kms:CreateKey"))
    store.realm.add("key-9")
    assert maker.kms.create_key(Origin="EXTERNAL_KEY_STORE", XksKeyId="key-9", **store.named)
    before = len(store.realm.asked)
    with refused("AccessDeniedException"):
        maker.kms.create_custom_key_store(
            CustomKeyStoreName="mine", CustomKeyStoreType="EXTERNAL_KEY_STORE", **store.realm.settings())
    assert len(store.realm.asked) == before


def test_many_connect_and_disconnect_at_once(account, store):
    kms, key = account.root.kms, store.key()
    sealed = seal(kms, key)

    def turn(number):
        calls = (kms.connect_custom_key_store, kms.disconnect_custom_key_store)
        try:
            calls[number % 2](**store.named)
        except kms.exceptions.CustomKeyStoreInvalidStateException:
            pass
        try:
            assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"
        except kms.exceptions.KMSInvalidStateException:
            pass
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(64)))
    until(lambda: store.describe()["ConnectionState"] in ("CONNECTED", "DISCONNECTED"))
    if store.describe()["ConnectionState"] == "DISCONNECTED":
        store.connect()
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"


def test_no_credential_is_recorded_or_logged(account, store):
    seal(account.root.kms, store.key())
    events = json.dumps(account.server.events("--account", account.id))
    assert "CreateCustomKeyStore" in events and "CustomKeyStoreConnectionChanged" in events
    for secret in (store.realm.secret, "hunter2"):
        assert secret not in events and secret not in account.server.log.read_text()


def test_a_restart_stays_connected_and_a_proxy_that_is_gone_is_told(tmp_path):
    proxy = Proxy(tmp_path)
    server = Server(tmp_path, *proxy.options).start()
    try:
        account = Account.create(server)
        store = Store(account, proxy.realm()).connect()
        sealed = seal(account.root.kms, key := store.key())
        server.kill()
        server.start()
        kms = store.kms = Account.root_of(server, account.id).kms
        assert store.describe()["ConnectionState"] == "CONNECTED"
        assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"
        proxy.stop()
        for call in (lambda: seal(kms, key), lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
                     lambda: kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)):
            with refused("KMSInvalidStateException", "cannot communicate with the external key store proxy"):
                call()
        with refused("CustomKeyStoreInvalidStateException"):
            store.key("key-2")
        with refused("XksProxyUriUnreachableException"):
            kms.create_custom_key_store(CustomKeyStoreName="another", CustomKeyStoreType="EXTERNAL_KEY_STORE",
                                        **proxy.realm().settings())
        store.disconnect()
        kms.connect_custom_key_store(**store.named)
        assert store.wait("FAILED")["ConnectionErrorCode"] == "XKS_PROXY_NOT_REACHABLE"
        proxy.start()
        store.disconnect()
        store.connect()
        assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"] == b"hunter2"
    finally:
        server.kill()
        proxy.close()


def test_a_proxy_is_known_by_its_certificate(tmp_path):
    proxy = Proxy(tmp_path)
    (other := tmp_path / "other").mkdir()
    stranger = Proxy(other)
    options = [*proxy.options[:2], *stranger.options[2:]]
    server = Server(tmp_path, *options).start()
    try:
        with refused("XksProxyUriUnreachableException", "TLS"):
            Store(Account.create(server), realm := proxy.realm())
        assert realm.asked == []
        assert "--xks-ca" in server.log.read_text()
    finally:
        server.kill()
        proxy.close()
        stranger.close()


def test_a_server_without_the_authorities_does_not_start(tmp_path):
    for options, word in ((["--xks-proxy", HOST, "--xks-ca", str(tmp_path / "none.pem")], "--xks-ca FILE"),
                          (["--xks-proxy", "https://xks.example.com"], "not the name of a host")):
        with pytest.raises(DidNotStart, match=word):
            Server(tmp_path, *options).start()
