"""The parts of an unbinding that touch disk and store, each alone."""

from argparse import Namespace

import pytest

from agent.binding.ended import CLOSE, REOPEN, end_pairing, request_of
from agent.binding.history import BOUND, SEEN, History
from agent.binding.record import Pairing
from agent.cli.unbind_options import begin_refusals, given_of, iccid_of, refuse_other_backup
from agent.config import Settings
from agent.device_key import PRIVATE, kept_device_key
from agent.errors import CardUnreadable, RefusedError, StoreError, UsageError
from agent.report import Stamp
from agent.state_dir import StateDir
from agent.store import Store
from agent.unbind import machine
from agent.unbind.case import fold
from agent.unbind.kept_proof import proof_of
from agent.unbind.lost import judge_lost, lost_facts, statement_text
from agent.unbind.medium import saved
from agent.unbind.signer import signer_of
from cloud_bridge.certificate import Head, sign
from cloud_bridge.evidence_entries import When, was_done
from cloud_bridge.signing import SigningKey
from sim.reading import Reading, absent
from tests.gates_world import ICCID, IMEI, NOW, ORDER, OTHER_ICCID, OTHER_IMEI, READY, facts
from tests.unit.unbind_helpers import OPENING, ROAD, done, entry, kept, upto

KEY = SigningKey.new()
STAMP = Stamp(1, 12.5, "2026-11-22T09:00:00.000Z")


@pytest.fixture(scope="module")
def evidence():
    head = Head("gw", "00c0ffee", 1, "unbind", STAMP.at, True, 12, "simward")
    return sign(head, [was_done(When(1.0, None), "x", "done")], KEY)


# The operator's medium


def test_evidence_on_the_medium_is_what_was_signed(tmp_path, evidence):
    file = saved(evidence, str(tmp_path / "stick.json"), "before_release.json", KEY.public)
    assert (file, file.read_bytes()) == (tmp_path / "stick.json", evidence)
    assert saved(evidence, str(file), "before_release.json", KEY.public) == file


def test_in_a_folder_each_document_has_its_own_file(tmp_path, evidence):
    names = [
        saved(evidence, str(tmp_path), name, KEY.public).name
        for name in ("before_release.json", "closing.json")
    ]
    assert names == ["simward-before_release.json", "simward-closing.json"]


def test_a_closing_record_goes_beside_the_file_of_the_evidence(tmp_path, evidence):
    file = saved(evidence, str(tmp_path / "e.json"), "closing.json", KEY.public)
    assert file.name == "e-closing.json"


def test_a_file_that_holds_something_else_is_left_alone(tmp_path, evidence):
    (tmp_path / "e.json").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        saved(evidence, str(tmp_path / "e.json"), "before_release.json", KEY.public)
    assert (tmp_path / "e.json").read_text() == "mine"


def test_what_does_not_verify_with_this_key_is_not_called_saved(tmp_path, evidence):
    with pytest.raises(UsageError):
        saved(evidence, str(tmp_path / "e.json"), "before_release.json", SigningKey.new().public)


def test_a_medium_that_is_not_there_is_said(tmp_path, evidence):
    with pytest.raises(UsageError, match="No such file"):
        saved(evidence, str(tmp_path / "gone" / "e.json"), "before_release.json", KEY.public)


# The operator's word


def test_the_operator_names_the_card_that_shows_itself():
    assert iccid_of(" 8900 1010 0000 0000 0018F") == ICCID
    begin_refusals(ICCID, Reading(ICCID), begun=False)
    with pytest.raises(RefusedError, match="nothing was done"):
        begin_refusals(OTHER_ICCID, Reading(ICCID), begun=True)
    with pytest.raises(CardUnreadable):
        begin_refusals(ICCID, absent("no card"), begun=False)


@pytest.mark.parametrize(("told", "why"), [("356938035643809", "IMEI"), ("yes", "18-22 digits")])
def test_what_is_no_iccid_is_refused(told, why):
    with pytest.raises(UsageError, match=why):
        iccid_of(told)


@pytest.mark.parametrize("number", ["110", "112", "999"])
def test_nothing_is_ever_sent_to_a_number_for_emergencies(number):
    args = Namespace(backup=None, save_evidence=None, show_evidence=False, wait=None,
                     probe_sms=number, probe_voice=None)  # fmt: skip
    with pytest.raises((RefusedError, UsageError)):
        given_of(args)


def test_a_backup_never_takes_another_file_for_its_own(tmp_path):
    file = tmp_path / "card.age"
    file.write_text("somebody's")
    args = Namespace(backup=str(file))
    with pytest.raises(UsageError, match="is there already"):
        refuse_other_backup(args, fold(upto(machine.BASELINE)))
    begun = entry("begun", act=machine.BACK_UP, file=str(file))
    refuse_other_backup(args, fold([*upto(machine.BASELINE), begun]))
    refuse_other_backup(Namespace(backup=str(tmp_path / "new")), fold(upto(machine.BASELINE)))


# The pairing history


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path, boot=1)
    yield opened
    opened.close()


def ended(store, action, case="c1", imei=IMEI):
    with store.transaction():
        return end_pairing(store.connection, request_of(action, case, ICCID, imei, {}), STAMP)


def whats(store):
    return [each.body["what"] for each in History(store.connection).entries()]


def test_a_pairing_is_closed_once_and_keeps_its_slot(store):
    with store.transaction():
        History(store.connection).append(BOUND, Pairing(2, IMEI, ICCID), {})
    first, second = ended(store, CLOSE), ended(store, CLOSE)
    assert (first["new"], second["new"], first["entry"]) == (True, False, second["entry"])
    assert whats(store) == ["bound", "unbound"]
    history = History(store.connection)
    assert history.entries()[-1].body["slot"] == 2
    assert history.last_bound(iccid=ICCID) is history.last_bound(slot=2) is None
    assert history.check() is None


def test_what_was_bound_is_bound_again_and_what_was_only_seen_is_only_seen(store):
    for what, back in ((BOUND, "bound"), (SEEN, "seen")):
        with store.transaction():
            History(store.connection).append(what, Pairing(1, IMEI, ICCID), {})
        ended(store, CLOSE, case=what)
        ended(store, REOPEN, case=what)
        ended(store, REOPEN, case=what)
        assert whats(store)[-2:] == ["unbound", back]


def test_nothing_is_written_of_a_modem_that_does_not_say_who_it_is(store):
    assert ended(store, CLOSE, imei=None) == {}
    assert ended(store, REOPEN) == {}
    assert whats(store) == []


# The proof that `simward check` looks for


def test_the_proof_is_of_this_card_in_this_modem_alone(tmp_path):
    kept(tmp_path, ROAD)
    assert proof_of(tmp_path, ICCID, IMEI, NOW)["proved"] is True
    for iccid, imei in ((OTHER_ICCID, IMEI), (ICCID, OTHER_IMEI), (None, IMEI), (ICCID, None)):
        assert "absent" in proof_of(tmp_path, iccid, imei, NOW)


def test_an_abort_takes_the_proof_away(tmp_path):
    kept(tmp_path, [*upto(machine.WAIT), done(machine.ABORT)])
    assert "absent" in proof_of(tmp_path, ICCID, IMEI, NOW)


def test_a_card_that_was_bound_again_is_not_released(tmp_path, store):
    with store.transaction():
        for what in (BOUND, SEEN):
            History(store.connection).append(what, Pairing(1, IMEI, ICCID), {})
    entry_ = ended(store, CLOSE)["entry"]
    kept(tmp_path, [*upto(machine.HAND_OVER_CLOSING), done(machine.CLOSE_PAIRING, entry=entry_)])
    assert proof_of(tmp_path, ICCID, IMEI, NOW)["proved"] is True
    with store.transaction():
        History(store.connection).append(BOUND, Pairing(1, IMEI, ICCID), {})
    assert "bound again" in proof_of(tmp_path, ICCID, IMEI, NOW)["absent"]


def test_a_damaged_journal_proves_nothing(tmp_path):
    folder = kept(tmp_path, ROAD)
    content = (folder / "journal").read_bytes()
    (folder / "journal").write_bytes(content.replace(b"acked", b"acket", 1))
    assert "does not hold" in proof_of(tmp_path, ICCID, IMEI, NOW)["absent"]


# Who signs


def settings(tmp_path) -> Settings:
    return Settings.model_validate({"device": {"state_dir": str(tmp_path)}})


def test_alone_key_and_store_are_made_and_beside_a_daemon_they_are_its_own(tmp_path):
    alone = signer_of(settings(tmp_path))
    owner = StateDir(tmp_path)
    try:
        beside = signer_of(settings(tmp_path))
    finally:
        owner.close()
    assert beside[1:] == alone[1:]
    assert beside.key.public == alone.key.public


def test_beside_a_daemon_that_made_no_key_none_is_made(tmp_path):
    signer_of(settings(tmp_path))
    (tmp_path / PRIVATE).unlink()
    owner = StateDir(tmp_path)
    try:
        with pytest.raises(StoreError):
            signer_of(settings(tmp_path))
    finally:
        owner.close()
    with pytest.raises(StoreError):
        kept_device_key(tmp_path)


# A device that is gone


def test_the_gates_that_a_device_answers_say_who_has_to():
    lost = lost_facts(READY.operator, READY.backend, NOW, READY.platforms, synchronized=True)
    judged = judge_lost(lost)
    results = {gate.id: finding.result for gate, finding in judged.found}
    assert {results[each] for each in ("identity", "personal_data", "release_proved")} == {
        "needs_human"
    }
    assert {results[each] for each in ("device_health", "own_uplink", "backup")} == {
        "not_applicable"
    }
    assert (results["card_state"], results["binding"]) == ("pass", "pass")
    assert not judged.ready_to_cancel
    assert facts().backend.order.iccid == ICCID


@pytest.mark.parametrize(("subject", "signs"), [("enterprise", "公章"), ("individual", "本人签字")])
def test_the_statement_says_who_signs_and_leaves_room_for_what_people_prove(subject, signs):
    opening = {**OPENING, "lost": True, "order": {**ORDER, "subject": subject}}
    text = statement_text(fold([entry("opened", **opening)]))
    assert signs in text
    assert text.count("____") > 10
    for each in (ICCID, IMEI, "W-1", "报案回执", "police", "后台取这张卡的最后一次上报"):
        assert each in text
    known = {"text": {"zh": "昨天，卡槽 1", "en": "yesterday, slot 1"}}
    platform = facts().platform
    text = statement_text(fold([entry("opened", **opening)]), platform, known)
    for each in ("昨天，卡槽 1", "yesterday, slot 1", platform.title.zh, platform.title.en):
        assert each in text


def test_the_statement_says_the_reason_in_words():
    order = {**ORDER, "reason": "device_scrapped"}
    text = statement_text(fold([entry("opened", **{**OPENING, "lost": True, "order": order})]))
    assert "注销原因：设备淘汰\n" in text
    assert "device scrapped\n" in text
