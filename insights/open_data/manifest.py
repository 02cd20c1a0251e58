"""The manifest of a year's files and its signature, also for who has nothing but the folder."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.certificates.seal import key_id

FORMAT = "yizhan-open-data/1"
NAME, SIGNATURE = "manifest.json", "manifest.json.sig"
_CHUNK = 1 << 20


class NotGenuine(ValueError):
    """Why files are not what was signed; the sentence is for a person at a terminal."""


def written(manifest: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and stored."""
    return json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def signed(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signature file: base64 and a line end."""
    return base64.b64encode(key.sign(content)) + b"\n"


def hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify(folder: Path, key: Ed25519PublicKey) -> dict[str, Any]:
    """The manifest of a folder whose signature and files hold. Raises NotGenuine."""
    try:
        content = (folder / NAME).read_bytes()
        signature = base64.b64decode((folder / SIGNATURE).read_bytes(), validate=False)
        key.verify(signature, content)
        manifest: dict[str, Any] = json.loads(content)
        files = dict(manifest["files"])
    except OSError as error:
        raise NotGenuine(f"{error.filename} cannot be read") from error
    except InvalidSignature as error:
        raise NotGenuine(
            f"the signature does not hold, or it is of another key than {key_id(key)}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine("the manifest or its signature is damaged") from error
    for name, facts in files.items():
        if "/" in name or "\\" in name or name.startswith("."):
            raise NotGenuine(f"{name} is no name of a file")
        path = folder / name
        if not path.is_file():
            raise NotGenuine(f"{name} is missing")
        if hash_of(path) != facts["sha256"]:
            raise NotGenuine(f"{name} was altered")
    return manifest
