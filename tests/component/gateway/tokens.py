"""Makes a key set and tokens by PyJWT, and the known attacks by hand: tokens.py FOLDER NOW writes keys.json and tokens.jsonl there, each line
of which says whether the token is good."""
import base64
import hashlib
import hmac
import json
import pathlib
import sys

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

FOLDER = pathlib.Path(sys.argv[1])
NOW = int(sys.argv[2])
USER = "99999999-2222-4333-8444-555555555555"
ORGANIZATION = "11111111-2222-4333-8444-555555555555"

KEYS = {
    "rsa-1": ("RS256", rsa.generate_private_key(65537, 2048), RSAAlgorithm),
    "rsa-2": ("RS256", rsa.generate_private_key(65537, 4096), RSAAlgorithm),
    "ec-1": ("ES256", ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
    "ed-1": ("EdDSA", ed25519.Ed25519PrivateKey.generate(), OKPAlgorithm),
}
STRANGER = ec.generate_private_key(ec.SECP256R1())
LINES = []


def claims(**more):
    out = {"iss": "https://login.example", "aud": "weir", "sub": USER, "org": ORGANIZATION, "exp": NOW + 600}
    out.update(more)
    return {name: value for name, value in out.items() if value is not None}


def add(name, token, good=False):
    LINES.append({"name": name, "token": token if isinstance(token, str) else token.decode(), "good": good})


def made(kid, payload, key=None, headers=None):
    algorithm, own, _ = KEYS[kid]
    return jwt.encode(payload, key or own, algorithm=algorithm, headers={"kid": kid, **(headers or {})})


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public(kid):
    return KEYS[kid][1].public_key()


def signed(kid, header, payload):
    """Any bytes as header and claims, under a good signature of PyJWT's."""
    covered = f"{encoded(header)}.{encoded(payload)}"
    algorithm, key, kind = KEYS[kid]
    signer = kind() if kind is OKPAlgorithm else kind(kind.SHA256)
    return f"{covered}.{encoded(signer.sign(covered.encode(), key))}"


members = []
for kid, (algorithm, key, kind) in KEYS.items():
    members.append({**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "alg": algorithm, "use": "sig"})
(FOLDER / "keys.json").write_text(json.dumps({"keys": members}))

for kid in KEYS:
    add(f"good {kid}", made(kid, claims()), good=True)
    add(f"good {kid}, of several audiences", made(kid, claims(aud=["web", "weir"], nbf=NOW - 10, iat=NOW, user_role="student")), good=True)
    add(f"expired {kid}", made(kid, claims(exp=NOW - 31)))
    add(f"wrong audience {kid}", made(kid, claims(aud="other")))
    add(f"wrong issuer {kid}", made(kid, claims(iss="https://evil.example")))
    add(f"not yet {kid}", made(kid, claims(nbf=NOW + 60)))
    add(f"without exp {kid}", made(kid, claims(exp=None)))
    add(f"without audience {kid}", made(kid, claims(aud=None)))
    add(f"exp as a fraction {kid}", made(kid, claims(exp=NOW + 600.5)))
    add(f"alg none {kid}", jwt.encode(claims(), None, algorithm="none", headers={"kid": kid}))
    good = made(kid, claims())
    header, payload, signature = good.split(".")
    add(f"no signature {kid}", f"{header}.{payload}.")
    add(f"padded {kid}", good + "=" * (-len(signature) % 4 or 4))
    add(f"claims of another {kid}", f"{header}.{encoded(claims(sub=ORGANIZATION))}.{signature}")
    add(f"crit {kid}", made(kid, claims(), headers={"crit": ["x"], "x": 1}))
    add(f"b64 false {kid}", signed(kid, {"alg": KEYS[kid][0], "kid": kid, "b64": False}, claims()))
    twice = b'{"alg":"%s","kid":"%s","alg":"none"}' % (KEYS[kid][0].encode(), kid.encode())
    add(f"alg twice {kid}", signed(kid, twice, claims()))
    text = json.dumps(claims())
    add(f"sub twice {kid}", signed(kid, {"alg": KEYS[kid][0], "kid": kid}, (text[:-1] + ', "sub": "%s"}' % ORGANIZATION).encode()))
    add(f"too long {kid}", made(kid, claims(x="x" * 16384)))
    for form in (serialization.Encoding.PEM, serialization.Encoding.DER):
        secret = public(kid).public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)
        covered = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(claims())}"
        add(f"HS256 with the public key {kid} {form}", f"{covered}.{encoded(hmac.new(secret, covered.encode(), hashlib.sha256).digest())}")

add("a key that nobody knows", made("ec-1", claims(), key=STRANGER, headers={"kid": "other"}))
add("a stranger's key under a known name", made("ec-1", claims(), key=STRANGER))
add("a path as kid", made("ec-1", claims(), key=STRANGER, headers={"kid": "/dev/null"}))
add("SQL as kid", made("ec-1", claims(), key=STRANGER, headers={"kid": "ec-1' OR 'a'='a"}))
add("a key of its own", made("ec-1", claims(), key=STRANGER, headers={"jwk": json.loads(ECAlgorithm.to_jwk(STRANGER.public_key()))}))
add("an address of keys", made("ec-1", claims(), key=STRANGER, headers={"jku": "https://evil.example/keys.json"}))
add("another key's algorithm", jwt.encode(claims(), KEYS["rsa-1"][1], algorithm="RS256", headers={"kid": "ec-1"}))
add("a longer digest", jwt.encode(claims(), KEYS["rsa-1"][1], algorithm="RS512", headers={"kid": "rsa-1"}))
add("PSS", jwt.encode(claims(), KEYS["rsa-1"][1], algorithm="PS256", headers={"kid": "rsa-1"}))
add("no kid", jwt.encode(claims(), KEYS["ec-1"][1], algorithm="ES256"))
covered = f"{encoded({'alg': 'ES256', 'kid': 'ec-1'})}.{encoded(claims())}"
add("r and s of zero", f"{covered}.{encoded(bytes(64))}")
digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
loose = made("ed-1", claims())
add("loose bits of base64", loose[:-1] + digits[digits.index(loose[-1]) + 1])
(FOLDER / "tokens.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
print(len(LINES), "tokens")
