"""An issuer of identity tokens, and what an attacker makes of them."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.account import name

CLIENT_ID = "sts.amazonaws.com"


def encoded(data):
    """RFC 7515's base64url."""
    data = json.dumps(data).encode() if isinstance(data, dict) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """One RSA key, which the issuer signs with and publishes."""

    def __init__(self, url, key_id="one"):
        self.url = url
        self.key_id = key_id
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_set(self):
        """What it publishes at its jwks_uri."""
        public = self.key.public_key().public_numbers()
        modulus, exponent = (number.to_bytes((number.bit_length() + 7) // 8) for number in (public.n, public.e))
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id,
                          "n": encoded(modulus), "e": encoded(exponent)}]}

    def claims(self, **more):
        """A pipeline's claims, as GitHub's are."""
        now = int(time.time())
        return {"iss": self.url, "aud": CLIENT_ID, "sub": "repo:team/app:ref:refs/heads/main", "iat": now,
                "nbf": now, "exp": now + 300, "repository": "team/app", "actor": "ann"} | more

    def token(self, **more):
        signed = f'{encoded({"alg": "RS256", "typ": "JWT", "kid": self.key_id})}.{encoded(self.claims(**more))}'
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encoded(signature)}"

    def without_signature(self):
        return f'{encoded({"alg": "none", "typ": "JWT"})}.{encoded(self.claims())}.'

    def signed_by_the_public_key(self):
        """As if the public key were a shared secret: HS256."""
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signed = f'{encoded({"alg": "HS256", "typ": "JWT", "kid": self.key_id})}.{encoded(self.claims())}'
        code = hmac.HMAC(public, hashes.SHA256())
        code.update(signed.encode())
        return f"{signed}.{encoded(code.finalize())}"


# Of nobody: it is as long as metadata must be.
METADATA = f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>{" " * 1000}'


def calls(scene):
    """Parameters of a call for each operation on identity providers."""
    saml = {"SAMLProviderArn": f"arn:aws:iam::{scene.account.id}:saml-provider/none"}
    provider = {"OpenIDConnectProviderArn": f"arn:aws:iam::{scene.account.id}:oidc-provider/none.example.com"}
    tags, keys = {"Tags": [{"Key": "color", "Value": "red"}]}, {"TagKeys": ["color"]}
    return {
        "CreateOpenIDConnectProvider": {"Url": f"https://{name('new')}.example.com", "ThumbprintList": ["a" * 40]},
        "ListOpenIDConnectProviders": {}, "ListOpenIDConnectProviderTags": provider,
        "GetOpenIDConnectProvider": provider, "DeleteOpenIDConnectProvider": provider,
        "AddClientIDToOpenIDConnectProvider": provider | {"ClientID": "a"},
        "RemoveClientIDFromOpenIDConnectProvider": provider | {"ClientID": "a"},
        "UpdateOpenIDConnectProviderThumbprint": provider | {"ThumbprintList": ["a" * 40]},
        "TagOpenIDConnectProvider": provider | tags, "UntagOpenIDConnectProvider": provider | keys,
        "EnableOutboundWebIdentityFederation": {}, "DisableOutboundWebIdentityFederation": {},
        "GetOutboundWebIdentityFederationInfo": {},
        "CreateSAMLProvider": {"Name": "new", "SAMLMetadataDocument": METADATA},
        "ListSAMLProviders": {}, "ListSAMLProviderTags": saml, "GetSAMLProvider": saml, "DeleteSAMLProvider": saml,
        "UpdateSAMLProvider": saml | {"AssertionEncryptionMode": "Allowed"},
        "TagSAMLProvider": saml | tags, "UntagSAMLProvider": saml | keys,
    }
