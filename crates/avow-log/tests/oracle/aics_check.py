"""Checks two exports of a log, an older and a newer one, with a verifier we did not write.

Usage: python aics_check.py FOLDER

FOLDER holds `old/` and `new/` (exports), `vkey` and `vkey-ml-dsa-44` (the
log's two verifier keys), and `claims.json`, what Avow itself says: {"sizes": [old, new],
"inclusion": [{"index", "leaf", "proof"}], "consistency": [hash…]}, bytes in
hex. Needs Python 3.12 or later and the packages of .ci/requirements.txt.

Exits 0 and says how much was checked, or fails with an assertion.
"""

import base64
import json
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import aics_tlog as tlog
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey


def head(folder: Path, vkey: tlog.VKey) -> tlog.Checkpoint:
    note = tlog.parse_note((folder / "checkpoint").read_bytes())
    result = tlog.verify_checkpoint(note, vkey, expected_origin=vkey.name)
    assert result.log_ok, f"{folder}: checkpoint refused: {result}"
    return tlog.parse_checkpoint(note.text)


def check_ml_dsa_44(folder: Path, vkey: str, checkpoint: tlog.Checkpoint) -> None:
    """aics-tlog has no ML-DSA-44: the message is written here, from tlog-cosignature."""
    name, key_id, material = vkey.split("+", 2)
    key = base64.b64decode(material, validate=True)
    assert key[0] == 0x06
    note = tlog.parse_note((folder / "checkpoint").read_bytes())
    lines = [line for line in note.signatures if line.key_id == bytes.fromhex(key_id)]
    assert len(lines) == 1 and lines[0].name == name, "no ML-DSA-44 signature"
    stamp, signature = lines[0].signature[:8], lines[0].signature[8:]
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    message = b"subtree/v1\n\0"
    message += bytes([len(cosigner)]) + cosigner + stamp + bytes([len(origin)]) + origin
    message += struct.pack(">QQ", 0, checkpoint.size) + checkpoint.root
    MLDSA44PublicKey.from_public_bytes(key[1:]).verify(signature, message)


def refuses(check, what: str) -> None:
    try:
        check()
    except (tlog.TileVerificationError, tlog.TileMissingError):
        return
    raise AssertionError(f"the oracle accepted {what}, so it checks nothing")


def main(root: Path) -> None:
    vkey = tlog.parse_vkey((root / "vkey").read_text().strip())
    claims = json.loads((root / "claims.json").read_text())
    heads = [head(root / name, vkey) for name in ("old", "new")]
    old, new = heads
    for name, checkpoint in zip(("old", "new"), heads):
        check_ml_dsa_44(root / name, (root / "vkey-ml-dsa-44").read_text().strip(), checkpoint)
    assert [old.size, new.size] == claims["sizes"]

    tiles = bundles = 0
    for name, checkpoint in zip(("old", "new"), heads):
        reader = tlog.FileSystemTileReader(root / name)
        assert tlog.tree_root_from_tiles(reader, checkpoint.size) == checkpoint.root
        report = tlog.audit_tiles(reader, checkpoint.size, checkpoint.root)
        tiles, bundles = tiles + report.tiles, bundles + report.bundles

    reader = tlog.VerifiedTileReader(
        tlog.FileSystemTileReader(root / "new"), new.size, new.root
    )
    for claim in claims["inclusion"]:
        index, leaf = claim["index"], bytes.fromhex(claim["leaf"])
        proof = [bytes.fromhex(hash_) for hash_ in claim["proof"]]
        assert tlog.read_entry(reader, index, new.size) == leaf
        assert tlog.inclusion_proof_from_tiles(reader, index, new.size) == proof
        assert tlog.verify_leaf_inclusion(leaf, index, new.size, proof, new.root)
        assert not tlog.verify_leaf_inclusion(leaf + b"x", index, new.size, proof, new.root)

    proof = [bytes.fromhex(hash_) for hash_ in claims["consistency"]]
    assert tlog.consistency_proof_from_tiles(reader, old.size, new.size) == proof
    assert tlog.verify_consistency(old.size, new.size, old.root, new.root, proof)
    assert not tlog.verify_consistency(old.size, new.size, new.root, old.root, proof)

    with tempfile.TemporaryDirectory() as scratch:
        broken = Path(scratch) / "broken"
        for path in sorted((root / "new" / "tile").rglob("*")):
            if path.is_file():
                shutil.copytree(root / "new", broken, dirs_exist_ok=True)
                target = broken / path.relative_to(root / "new")
                content = bytearray(target.read_bytes())
                content[-1] ^= 1
                target.write_bytes(content)
                files = tlog.FileSystemTileReader(broken)
                refuses(
                    lambda: tlog.audit_tiles(files, new.size, new.root), f"a broken {path}"
                )
                break

    print(f"{tiles} tiles, {bundles} bundles, {len(claims['inclusion'])} inclusion proofs, 1 consistency proof")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
