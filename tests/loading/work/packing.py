"""Ways to hand in the same files, and archives that no honest program would write."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKINGS = ("folder", "zip", "stored.zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz")
UNICODE = 0x800
Member = tuple[str, bytes]


def pack(target: Path, packing: str, members: Mapping[str, bytes] | Iterable[Member]) -> Path:
    """Write the members, in their order, as a folder or archive beside ``target``."""
    listed = list(members.items()) if isinstance(members, Mapping) else list(members)
    if packing == "folder":
        target.mkdir(parents=True)
        for name, content in listed:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(content)
        return target
    path = target.with_name(f"{target.name}.{packing}")
    path.write_bytes(zipped(listed, packing) if packing.endswith("zip") else tarred(listed, packing))
    return path


def zipped(members: Iterable[Member], packing: str = "zip") -> bytes:
    method = zipfile.ZIP_STORED if packing.startswith("stored") else zipfile.ZIP_DEFLATED
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: Iterable[Member | tarfile.TarInfo], packing: str = "tar", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A member may be a TarInfo without content: a link, a device."""
    mode = {"tar": "w", "tgz": "w:gz"}.get(packing) or "w:" + packing.removeprefix("tar.")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                archive.addfile(entry(member[0], size=len(member[1])), io.BytesIO(member[1]))
    return out.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type = kind
    for field, value in fields.items():
        setattr(found, field, value)
    return found


def zeros(megabytes: int) -> bytes:
    """Raw deflated zeros, made in no time: every block stands for a megabyte by itself."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(bytes(1_000_000)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def gzipped(deflated: bytes) -> bytes:
    """As gzip, without a checksum that would be right."""
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated + bytes(8)


def local(name: str, packed: bytes, size: int, method: int = 8, crc: int = 0) -> bytes:
    """What stands before a member of a zip, and the member."""
    fields = (20, UNICODE, method, 0, 0x21, crc, len(packed), size, len(name.encode()), 0)
    return b"PK\x03\x04" + struct.pack("<5H3I2H", *fields) + name.encode() + packed


def contents(
    name: str, packed: int, size: int, offset: int, method: int = 8, flags: int = UNICODE, mode: int = 0
) -> bytes:
    """A member's row in the table of contents of a zip."""
    fields = (0x314, 20, flags, method, 0, 0x21, 0, packed, size, len(name.encode()), 0, 0, 0, 0, mode << 16, offset)
    return b"PK\x01\x02" + struct.pack("<6H3I5H2I", *fields) + name.encode()


def zip_of(body: bytes, *rows: bytes) -> bytes:
    table = b"".join(rows)
    end = struct.pack("<4H2IH", 0, 0, len(rows), len(rows), len(table), len(body), 0)
    return body + table + b"PK\x05\x06" + end


def zip_of_one(name: str, packed: bytes, size: int, **more: int) -> bytes:
    return zip_of(local(name, packed, size, more.get("method", 8)), contents(name, len(packed), size, 0, **more))
