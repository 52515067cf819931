"""Ed25519ph (RFC 8032, section 5.1) over the plain definition of its curve: slow, and not fit for keys that matter."""

import hashlib

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
DOMAIN = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])


def _sum(one, other):
    """The sum of two points of the curve."""
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, PRIME)
    y = (y1 * y2 + x1 * x2) * pow(1 - both, -1, PRIME)
    return x % PRIME, y % PRIME


def _base():
    """The point whose y is 4/5 and whose x is even."""
    y = 4 * pow(5, -1, PRIME) % PRIME
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    return (x if x % 2 == 0 else PRIME - x), y


def _times(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = _sum(result, point)
        point = _sum(point, point)
        scalar >>= 1
    return result


def _encoded(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _hashed(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def sign(secret, message):
    """The signature of the key of this seed over `message`, which is hashed first."""
    half = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(half[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    public = _encoded(_times(scalar, _base()))
    digest = hashlib.sha512(message).digest()
    nonce = _hashed(DOMAIN, half[32:], digest)
    commitment = _encoded(_times(nonce % ORDER, _base()))
    challenge = _hashed(DOMAIN, commitment, public, digest)
    return commitment + ((nonce + challenge * scalar) % ORDER).to_bytes(32, "little")
