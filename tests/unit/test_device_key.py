import logging
import os
import pickle
import shutil
import stat
import subprocess
import sys
import traceback

import pytest

from agent.device_key import PRIVATE, PUBLIC, device_key, device_public_key
from agent.errors import StoreError
from agent.state_dir import StateDir
from cloud_bridge.errors import MessageError
from cloud_bridge.signing import (
    NO_PUBLIC_KEY,
    WRONG_SIGNATURE,
    SigningKey,
    check_signature,
    public_key_in,
    public_pem,
)

# RFC 8032 clause 7.1, TEST 1, in the form of RFC 8410
RFC_PRIVATE = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
RFC_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
RFC_SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


@pytest.fixture
def state_dir(tmp_path):
    opened = StateDir(tmp_path / "state")
    yield opened
    opened.close()


def secret_of(state_dir):
    return (state_dir.path / PRIVATE).read_text().splitlines()[1]


def test_signatures_are_those_of_the_standard():
    key = SigningKey.from_pem(RFC_PRIVATE)
    assert (key.public, key.sign(b"")) == (RFC_PUBLIC, RFC_SIGNATURE)
    check_signature(RFC_PUBLIC, RFC_SIGNATURE, b"")


@pytest.mark.parametrize(
    ("public", "signature", "message"),
    [
        (RFC_PUBLIC, RFC_SIGNATURE, b"x"),
        (RFC_PUBLIC, "0" * 128, b""),
        (RFC_PUBLIC, RFC_SIGNATURE[:-2], b""),
        ("00" * 32, RFC_SIGNATURE, b""),
        ("ff" * 31, RFC_SIGNATURE, b""),
        ("zz", RFC_SIGNATURE, b""),
    ],
)
def test_a_signature_that_does_not_fit_is_an_error(public, signature, message):
    with pytest.raises(MessageError, match=WRONG_SIGNATURE):
        check_signature(public, signature, message)


def test_the_key_is_made_once_and_stays(state_dir):
    first = device_key(state_dir)
    assert device_key(state_dir).public == first.public == device_public_key(state_dir)
    assert public_key_in((state_dir.path / PUBLIC).read_text()) == first.public


def test_only_its_owner_can_read_the_key_whatever_the_umask(state_dir):
    (state_dir.path / f"{PRIVATE}.new").write_text("left by a power cut")
    (state_dir.path / f"{PRIVATE}.new").chmod(0o666)
    before = os.umask(0)
    try:
        device_key(state_dir)
    finally:
        os.umask(before)
    assert stat.S_IMODE((state_dir.path / PRIVATE).stat().st_mode) == 0o600
    assert sorted(each.name for each in state_dir.path.iterdir()) == [PRIVATE, PUBLIC, "lock"]


def test_rights_that_somebody_widened_are_narrowed_and_said(state_dir, caplog):
    public = device_key(state_dir).public
    (state_dir.path / PRIVATE).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert device_key(state_dir).public == public
    assert stat.S_IMODE((state_dir.path / PRIVATE).stat().st_mode) == 0o600
    assert "others could read" in caplog.text


@pytest.mark.parametrize("content", ["", "x\n", RFC_PRIVATE[:60], public_pem(RFC_PUBLIC), "\x00"])
def test_a_damaged_key_is_named_and_never_replaced(state_dir, content):
    path = state_dir.path / PRIVATE
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=PRIVATE):
        device_key(state_dir)
    assert path.read_text() == content


def test_a_key_that_is_no_text_is_named(state_dir):
    (state_dir.path / PRIVATE).write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError, match="not a text"):
        device_public_key(state_dir)


def test_a_key_in_a_place_that_cannot_be_written_is_named(state_dir):
    (state_dir.path / PRIVATE).mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        device_key(state_dir)


@pytest.mark.parametrize("content", [None, "", public_pem(RFC_PUBLIC)[:-40]])
def test_the_public_file_is_made_again_from_the_private_one(state_dir, content):
    public = device_key(state_dir).public
    path = state_dir.path / PUBLIC
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert device_public_key(state_dir) == public
    assert public_key_in(path.read_text()) == public


def test_a_public_file_without_its_key_does_not_count(state_dir):
    (state_dir.path / PUBLIC).write_text(public_pem(RFC_PUBLIC))
    assert device_public_key(state_dir) == device_key(state_dir).public != RFC_PUBLIC


def test_whoever_signs_uses_the_private_key_whatever_the_public_file_says(state_dir):
    public = device_key(state_dir).public
    (state_dir.path / PUBLIC).write_text(public_pem(RFC_PUBLIC))
    assert device_key(state_dir).public == public == device_public_key(state_dir)


def test_a_cut_at_any_file_operation_leaves_no_key_or_a_whole_one(tmp_path):
    """Each crash point: the operations up to it happened, the process died there."""
    program = """
import os, sys
from pathlib import Path
left = int(sys.argv[2])
def dies(event, args):
    global left
    if event in ("open", "os.rename", "os.remove", "os.chmod") and sys.argv[1] in str(args[0]):
        left -= 1
        if left < 0:
            os._exit(9)
from agent.state_dir import StateDir
from agent.device_key import device_key
state_dir = StateDir(Path(sys.argv[1]))
import cryptography.hazmat.primitives.serialization
sys.addaudithook(dies)
print(device_key(state_dir).public)
"""
    codes, point = [], 0
    while 0 not in codes:
        path = tmp_path / f"state{point}"
        run = [sys.executable, "-c", program, str(path)]
        cut = subprocess.run([*run, str(point)], capture_output=True, text=True, check=False)
        codes.append(cut.returncode)
        kept = (path / PRIVATE).read_text() if (path / PRIVATE).exists() else None
        again = subprocess.run([*run, "999"], capture_output=True, text=True, check=True)
        if kept is not None:
            assert again.stdout.strip() == SigningKey.from_pem(kept).public
        point += 1
    assert len(codes) >= 6
    assert set(codes) == {0, 9}


def test_the_daemon_says_the_public_half_without_loading_the_library(tmp_path):
    opened = StateDir(tmp_path / "state")
    public = device_key(opened).public
    opened.close()
    program = """
import sys
from pathlib import Path
import agent.daemon
from agent.device_key import device_public_key
from agent.state_dir import StateDir
print(device_public_key(StateDir(Path(sys.argv[1]))), "cryptography" in sys.modules)
"""
    run = [sys.executable, "-c", program, str(tmp_path / "state")]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said == f"{public} False\n"


def test_nothing_shows_the_private_half(state_dir, caplog):
    with caplog.at_level(logging.DEBUG):
        key = device_key(state_dir)
    secret = secret_of(state_dir)
    assert secret not in f"{key!r} {key} {caplog.text}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    (state_dir.path / PRIVATE).write_text(f"-----BEGIN PRIVATE KEY-----\n{secret}x\n")
    with pytest.raises(StoreError) as caught:
        device_key(state_dir)
    assert secret not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text", [RFC_PUBLIC, RFC_PUBLIC.upper() + "\r\n", public_pem(RFC_PUBLIC), " " + RFC_PUBLIC]
)
def test_a_public_key_is_read_in_both_forms(text):
    assert public_key_in(text) == RFC_PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        RFC_PUBLIC[:-1],
        RFC_PRIVATE,
        public_pem(RFC_PUBLIC) * 2,
        public_pem(RFC_PUBLIC).replace("MCow", "MCox"),
        public_pem(RFC_PUBLIC).replace("=", ""),
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
    ],
)
def test_what_is_no_ed25519_public_key_is_refused(text):
    with pytest.raises(MessageError, match=NO_PUBLIC_KEY):
        public_key_in(text)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_openssl_reads_both_files(state_dir):
    key = device_key(state_dir)
    derived = subprocess.run(
        ["openssl", "pkey", "-in", str(state_dir.path / PRIVATE), "-pubout"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert derived == (state_dir.path / PUBLIC).read_text() == public_pem(key.public)
