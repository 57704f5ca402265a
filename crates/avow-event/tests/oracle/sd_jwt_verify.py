"""Checks an SD-JWT with the reference implementation (PyPI sd-jwt).

Arguments: the Ed25519 public key in base64url, the SD-JWT. Prints the payload
with the disclosed fields as JSON, or fails.
"""

import json
import sys

from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

public_key, presentation = sys.argv[1:]
key = JWK(kty="OKP", crv="Ed25519", x=public_key)
verifier = SDJWTVerifier(presentation, lambda issuer, header: key)
print(json.dumps(verifier.get_verified_payload(), sort_keys=True))
