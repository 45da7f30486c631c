"""The certificate page of evidence, read back by other people's programs: poppler and zbar."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.cli.check_text import GATE_NAMES
from agent.errors import UsageError
from agent.i18n.zh import TEXTS
from agent.paper.pdf import _font_for
from agent.unbind.gates import GATES
from cloud_bridge.certificate import NOT_ATTESTED, sign
from cloud_bridge.evidence_entries import (
    When,
    was_answered,
    was_done,
    was_judged,
    was_read,
)
from cloud_bridge.qr_text import Assembly, found
from cloud_bridge.signing import fingerprint
from tests.system.programs import simward_command
from tests.system.scanner import decoded, needs_zbar
from tests.unit.evidence_helpers import HEAD_OF_UNBIND, ICCID, IMEI, KEY, WHEN, changed, put

FONTS = [
    *Path("/usr/share/fonts").rglob("wqy-microhei.ttc"),
    *Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"),
]
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils"),
    pytest.mark.skipif(not FONTS, reason="needs fonts-wqy-microhei or fonts-noto-cjk"),
]

NAME, PHONE = "张三丰", "13800138000"
BODIES = [
    was_read(WHEN, "order.order_id", "WO-2026-0001", "work order"),
    was_read(WHEN, "account.bindings", [{"kind": "billing_side", "bound": False}], "account facts"),
    was_read(WHEN, "sim.iccid", ICCID, "AT+CRSM=176,12258,0,0,10"),
    was_read(WHEN, "modem.imei", IMEI, "AT+CGSN"),
    *(was_judged(WHEN, gate.id, "pass", "device", "no card") for gate in GATES),
    was_answered(WHEN, "documents.channel", "account_manager", NAME),
    was_answered(WHEN, "documents.business_licence", True, NAME),
    was_answered(WHEN, "irreversibility.understood", True, NAME, f"原号码{PHONE}已换绑"),
    was_answered(WHEN, "nobody.asks", "free text", "Li"),
    was_read(WHEN, "baseline.data", {"state": "works", "how": "1 of 2 hosts"}, "simward services"),
    was_read(WHEN, "baseline.rsrp_dbm", "-101.5", "simward services"),
    was_done(WHEN, "contexts_down", "done", "AT+CGACT=0,1"),
    was_done(When(86399.0, None), "apn_removed", "refused", None),
    was_read(WHEN, "release.ppp.because", [{"en": "no such file", "zh": "没有文件"}], "ppp"),
    was_read(WHEN, "proof.contexts", {"released": True, "evidence": "none is active"}, "read back"),
    was_read(WHEN, "deadlines.refund", "2026-11-29T00:00:00Z", "simward check"),
    was_read(WHEN, "carrier_certificate", {"sha256": "0a" * 32, "bytes": 5}, "SHA-256"),
    {"what": "told", "at": None, "up_s": 86000, "more": {"deep": [1, None, "x"]}},
]
RAW = sign(HEAD_OF_UNBIND, BODIES, KEY)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "e.json").write_bytes(RAW)
    (tmp_path / "gw.hex").write_text(KEY.public)
    return tmp_path


def made(folder: Path, *arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = simward_command("certificate", "pdf", "e.json", "--out", "e.pdf", *arguments)
    command[command.index("--lang") + 1] = lang
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The full page and the masked one in each language, made once."""
    kept: dict[tuple[str, ...], Path] = {}

    def page(*arguments: str, lang: str) -> Path:
        if (*arguments, lang) not in kept:
            folder = tmp_path_factory.mktemp("page")
            (folder / "e.json").write_bytes(RAW)
            done = made(folder, *arguments, lang=lang)
            assert (done.returncode, done.stderr) == (0, "")
            kept[*arguments, lang] = folder / "e.pdf"
        return kept[*arguments, lang]

    return page


def solid(text: str) -> str:
    """Without blanks, line ends, and the marks of where a word may break."""
    return re.sub(r"[\s\u200b]", "", text)


def text_of(pdf: Path) -> str:
    done = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], capture_output=True, check=True, timeout=60
    )
    return solid(done.stdout.decode())


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value if isinstance(value, str) else json.dumps(value)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_entry_is_on_the_page_with_all_it_says(pages, lang):
    text = text_of(pages("--full", lang=lang))
    for number, body in enumerate(BODIES, start=1):
        since_boot = f"{'启动后' if lang == 'zh' else ''}{body['up_s']}"
        time = "2026-11-2201:01:59" if body["at"] else since_boot
        assert f"{number}{time}" in text
        said = {name: value for name, value in body.items() if name not in {"what", "at", "up_s"}}
        for leaf in leaves({**said, "value": said.get("value")}):
            words = {solid(leaf), *({"是", "yes"} if leaf == "true" else ())}
            if leaf in {"null", "account_manager", "device", "no card", "no such file", "没有文件"}:
                continue  # not said, or said in the language of the page: below
            assert any(word in text for word in words), leaf
    choice, reason = ("客户经理", "无卡") if lang == "zh" else ("accountmanager", "nocard")
    both = ("没有文件", "nosuchfile") if lang == "zh" else ("nosuchfile", "没有文件")
    step = (
        "断开模块的数据连接（PDP）（contexts_down）"
        if lang == "zh"
        else "packetcontextsaretakendown"
    )
    assert choice in text
    assert step in text
    assert both[0] in text
    assert both[1] not in text
    assert text.count(reason) == len(GATES)
    for name in (gate.id for gate in GATES):
        words = TEXTS[GATE_NAMES[name]] if lang == "zh" else GATE_NAMES[name]
        assert solid(words) in text


def test_what_is_longer_than_a_page_goes_on_on_the_next(folder):
    words = [f"w{n}" for n in range(4000)]
    body = was_answered(WHEN, "nobody.asks", "yes", "Li", " ".join(words))
    (folder / "e.json").write_bytes(sign(HEAD_OF_UNBIND, [body], KEY))
    assert made(folder, "--full").returncode == 0
    done = subprocess.run(
        ["pdftotext", "-raw", str(folder / "e.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(words) <= set(done.stdout.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_head_key_signature_and_what_is_not_attested_are_on_it(pages, lang):
    pdf = pages("--full", lang=lang)
    text = text_of(pdf)
    document = json.loads(RAW)
    head = document["head"]
    names = ("gw", "store", "order_id", "iccid", "imei", "made_at", "software", "public_key")
    for each in (*(head[name] for name in names), fingerprint(KEY.public), document["signature"]):
        assert solid(each) in text
    for point in NOT_ATTESTED:
        assert solid(point[lang]) in text
    told = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True)
    count = int(re.findall(r"Pages:\s+(\d+)", told.stdout)[0])
    assert all(f"{page}/{count}" in text for page in range(1, count + 1))


@pytest.mark.parametrize(
    ("lang", "key", "words"),
    [
        ("en", False, "Integrity only: unchanged since it was signed. Who signed is not shown"),
        ("zh", False, "仅证明完整性"),
        ("en", True, "Verified: unchanged since it was signed with the key in gw.hex"),
        ("zh", True, "校验通过：自用gw.hex中的密钥签名以来未被改动"),
    ],
)
def test_it_says_whether_a_key_from_elsewhere_was_there(folder, pages, lang, key, words):
    assert not key or made(folder, "--key", "gw.hex", lang=lang).returncode == 0
    assert solid(words) in text_of(folder / "e.pdf" if key else pages(lang=lang))


@needs_zbar
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_codes_on_the_page_and_the_attachment_are_the_file_byte_for_byte(pages, tmp_path, lang):
    pdf = str(pages("--full", lang=lang))
    subprocess.run(["pdftoppm", "-r", "150", "-gray", pdf, str(tmp_path / "page")], check=True)
    texts = decoded(*sorted(tmp_path.glob("page-*.pgm")))
    first, *others = (part for text in texts for part in found(text).parts)
    assembly = Assembly(first)
    for part in others:
        assembly.add(part)
    assert assembly.raw() == RAW
    subprocess.run(
        ["pdfdetach", "-saveall", "-o", str(tmp_path), pdf], check=True, capture_output=True
    )
    assert (tmp_path / f"{first.document}.json").read_bytes() == RAW


@needs_zbar
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_full_nothing_on_or_in_it_tells_card_device_or_person(pages, tmp_path, lang):
    pdf = str(pages(lang=lang))
    text = text_of(Path(pdf))
    for secret in (ICCID, IMEI, NAME, PHONE):
        assert secret not in text
    assert "890010" in text
    subprocess.run(["pdftoppm", "-r", "150", "-gray", pdf, str(tmp_path / "page")], check=True)
    assert decoded(*sorted(tmp_path.glob("page-*.pgm"))) == []
    listed = subprocess.run(["pdfdetach", "-list", pdf], capture_output=True, text=True, check=True)
    assert listed.stdout.startswith("0 embedded files")


def test_the_same_evidence_gives_the_same_bytes(folder, pages):
    assert made(folder, "--full", lang="zh").returncode == 0
    assert (folder / "e.pdf").read_bytes() == pages("--full", lang="zh").read_bytes()


def test_the_document_names_file_hashes_and_verdict(folder):
    done = made(folder, "--json", "--key", "gw.hex")
    document = json.loads(done.stdout)
    assert (document["schema"], document["file"]) == ("simward/pdf/1", "e.pdf")
    assert (document["verdict"], document["lang"], document["full"]) == ("verified", "en", False)


def test_evidence_that_does_not_hold_gets_no_page(folder):
    (folder / "e.json").write_bytes(changed(put("head", "boot", value=9)))
    done = made(folder)
    assert done.returncode == 1
    assert done.stderr.startswith("simward: does not verify: the head: ")
    assert not (folder / "e.pdf").exists()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_character_that_no_font_has_is_named_and_there_is_no_page_with_a_hole(folder, lang):
    body = was_answered(WHEN, "nobody.asks", "\U0001f98a", "Li")
    (folder / "e.json").write_bytes(sign(HEAD_OF_UNBIND, [body], KEY))
    done = made(folder, lang=lang)
    assert done.returncode == 2
    assert "\U0001f98a" in done.stderr
    assert "fonts-wqy-microhei" in done.stderr
    assert not (folder / "e.pdf").exists()


@pytest.mark.parametrize("font", FONTS, ids=lambda path: path.stem)
def test_a_font_that_is_named_is_the_one_that_is_used(folder, font):
    (folder / "simward.toml").write_text(f'[certificate]\nfont = "{font}"\n')
    for way in (["--font", str(font)], ["--config", "simward.toml"]):
        assert made(folder, *way, lang="zh").returncode == 0
        used = subprocess.run(
            ["pdffonts", str(folder / "e.pdf")], capture_output=True, text=True, check=True
        ).stdout
        assert ("MicroHei" in used) is ("wqy" in font.name)
        assert ("NotoSansCJK" in used) is ("Noto" in font.name)


def test_a_font_that_is_none_is_named(folder):
    done = made(folder, "--font", "e.json", lang="zh")
    assert (done.returncode, done.stderr) == (2, "simward: --font：e.json 不是字体文件\n")


def test_a_machine_without_chinese_fonts_is_told_what_to_install():
    bare = SimpleNamespace(Fonts=lambda: SimpleNamespace(families=lambda: ["Libertinus Serif"]))
    assert _font_for(bare, None, needed=False) == (None, ())
    with pytest.raises(UsageError, match="fonts-wqy-microhei"):
        _font_for(bare, None, needed=True)
