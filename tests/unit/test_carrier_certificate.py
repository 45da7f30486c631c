import hashlib
import io
import json
import zipfile

import pytest

from agent.carrier_certificate import (
    MAX_BYTES,
    certificate_bodies,
    certificate_of,
    media_type_of,
    read_certificate,
)
from agent.errors import UsageError
from cloud_bridge.certificate import sign, verify
from tests.unit.evidence_helpers import BODIES, HEAD_OF_UNBIND, KEY, WHEN

PDF = b"%PDF-1.7\n" + "注销证明 持有人 张三丰 13800138000".encode()


def ofd() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("OFD.xml", "<ofd:OFD/>")
    return raw.getvalue()


def test_evidence_holds_hash_size_kind_number_and_date_and_nothing_of_what_it_says():
    certificate = certificate_of(PDF, "ZX-2026-000123", "2026-11-22")
    bodies = certificate_bodies(certificate, WHEN, "T. Sample")
    raw = sign(HEAD_OF_UNBIND._replace(kind="verification"), [*BODIES[:1], *bodies], KEY)
    held = verify(raw).bodies
    assert held[1]["value"] == {
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "bytes": len(PDF),
        "media_type": "application/pdf",
    }
    assert [(body["question"], body["value"], body["by"]) for body in held[2:]] == [
        ("certificate.number", "ZX-2026-000123", "T. Sample"),
        ("certificate.date", "2026-11-22", "T. Sample"),
    ]
    assert "张三丰" not in json.dumps(held[1:], ensure_ascii=False)


def test_without_number_and_date_only_the_file_is_held():
    bodies = certificate_bodies(certificate_of(PDF), WHEN, "T. Sample")
    assert [body["path"] for body in bodies] == ["carrier_certificate"]


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic....", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1....", "image/heif"),
        (ofd(), "application/ofd"),
        (ofd().replace(b"OFD.xml", b"any.xml"), "application/zip"),
        (b"anything else", "application/octet-stream"),
    ],
)
def test_the_kind_of_file_is_told_by_how_it_begins(raw, media_type):
    assert media_type_of(raw) == media_type


@pytest.mark.parametrize(
    ("number", "issued", "words"),
    [
        ("", None, "1 to 64"),
        (" 1", None, "1 to 64"),
        ("1\n2", None, "1 to 64"),
        ("1" * 65, None, "1 to 64"),
        ("1\x1b[0m", None, "1 to 64"),
        (None, "22.11.2026", "22.11.2026"),
        (None, "2026-02-30", "2026-02-30"),
        (None, "20261122", "20261122"),
    ],
)
def test_what_is_no_number_and_no_date_is_refused(number, issued, words):
    with pytest.raises(UsageError, match=words):
        certificate_of(PDF, number, issued)


def test_from_a_file(tmp_path):
    file = tmp_path / "注销证明.pdf"
    file.write_bytes(PDF)
    assert read_certificate("--certificate", str(file), "1", "2026-11-22") == certificate_of(
        PDF, "1", "2026-11-22"
    )


def test_files_that_cannot_be_one_are_named(tmp_path):
    empty, huge = tmp_path / "empty", tmp_path / "huge"
    empty.touch()
    with huge.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)
    for file, words in (
        (empty, "empty"),
        (huge, "32 MiB"),
        (tmp_path, "not a file"),
        (tmp_path / "none", "No such file"),
    ):
        with pytest.raises(UsageError, match=words):
            read_certificate("--certificate", str(file))
