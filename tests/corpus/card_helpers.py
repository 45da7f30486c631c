"""The corpus of real cards, and an oracle's words for their files turned into ours."""

import json
import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("SIMWARD_CORPUS", Path(__file__).parents[3] / "shared"))


def corpus(name):
    """One JSON document of the corpus; the test is skipped where it is not there."""
    path = CORPUS / "cards" / name
    if not path.exists():
        pytest.skip(f"no corpus: {path} is not there (SIMWARD_CORPUS names its folder)")
    return json.loads(path.read_text("utf-8"))


def from_oracle(file, expect):
    """What our decoder must say, made of what the oracle says."""
    return _CONVERT[file](expect)


def _hex(value):
    text = value["__hex__"].upper()
    return None if set(text) == {"F"} else text


def _network(text):
    if text[:2] + text[3] == "FFF":
        return {"mcc": None, "mnc": None}
    mnc_end = "" if text[2] == "F" else text[2]
    return {"mcc": text[1] + text[0] + text[3], "mnc": text[5] + text[4] + mnc_end}


def _area(text):
    return None if text in {"0000", "FFFE", "FFFF"} else text


def _ad(expect):
    mnc = expect.get("mnc_len") or (expect.get("extensions") or {}).get("mnc_len")
    mode = expect["ms_operation_mode"]
    return {"ms_operation_mode": None if mode == 255 else mode, "mnc_length": mnc}


def _spn(expect):
    return {
        "spn": expect["spn"] or None,
        "hide_in_oplmn": expect["hide_in_oplmn"],
        "show_in_hplmn": expect["show_in_hplmn"],
    }


_TON = {
    "unknown": 0,
    "international": 1,
    "national": 2,
    "network_specific": 3,
    "short_code": 4,
    "reserved_for_extension": 7,
}
_NPI = {"unknown": 0, "isdn_e164": 1, "reserved_for_extension": 15}


def _ton_npi(words):
    kind, plan = _TON[words["type_of_number"]], _NPI[words["numbering_plan_id"]]
    return f"{words['ext'] << 7 | kind << 4 | plan:02X}"


def _number(expect):
    digits, alpha = expect["dialing_nr"] or None, expect["alpha_id"] or None
    plus = "+" if expect["ton_npi"]["type_of_number"] == "international" else ""
    return {
        "alpha": alpha,
        "number": plus + digits if digits else None,
        "ton_npi": _ton_npi(expect["ton_npi"]) if digits else None,
        "empty": alpha is None and digits is None,
    }


def _dir(expect):
    template = expect["application_template"] or []
    fields = {key: value for part in template for key, value in part.items()}
    aid = fields.get("application_id")
    return {"aid": aid and _hex(aid), "label": fields.get("application_label")}


def _services(expect):
    return {"services": sorted(int(n) for n, s in expect.items() if s["activated"])}


def _sim_services(expect):
    on = [int(n) for n, s in expect.items() if s["allocated"] and s["activated"]]
    return {"services": sorted(on)}


_UPDATE = {"updated": "updated", "not_updated": "not_updated", 0: "updated", 1: "not_updated"}


def _location(words):
    """An area that the oracle left raw, or took apart."""
    if "__hex__" in words:
        raw = words["__hex__"].upper()
        return {**_network(raw), "lac": _area(raw[6:10])}
    mcc, _, mnc = words["mcc_mnc"].partition("-")
    network = {"mcc": None, "mnc": None} if mcc == "fff" else {"mcc": mcc, "mnc": mnc}
    return {**network, "lac": _area(words["lac"]["__hex__"].upper())}


def _loci(expect):
    return {
        "tmsi": _hex(expect["tmsi"]),
        "lai": _location(expect["lai"]),
        "status": _UPDATE[expect["lu_status"]],
    }


def _psloci(expect):
    rai = expect["rai"]["__hex__"].upper()
    rac = None if rai[10:] == "FF" else rai[10:]
    return {
        "ptmsi": _hex(expect["ptmsi"]),
        "ptmsi_signature": _hex(expect["ptmsi_sig"]),
        "rai": {**_network(rai), "lac": _area(rai[6:10]), "rac": rac},
        "status": _UPDATE[expect["rau_status"]],
    }


def _epsloci(expect):
    tai = expect["last_visited_registered_tai"]["__hex__"].upper()
    return {
        "guti": _hex(expect["guti"]),
        "tai": {**_network(tai), "tac": _area(tai[6:])},
        "status": _UPDATE[expect["eps_update_status"]],
    }


_ACT = {
    "UTRAN": "utran",
    "NG-RAN": "ngran",
    "E-UTRAN WB-S1": "lte",
    "E-UTRAN NB-S1": "nb_iot",
    "GSM": "gsm",
    "GSM COMPACT": "gsm_compact",
    "EC-GSM-IoT": "ec_gsm_iot",
    "cdma2000 1xRTT": "cdma2000_1xrtt",
    "cdma2000 HRPD": "cdma2000_hrpd",
}


def _act(expect):
    return {
        "entries": [
            {"mcc": e["mcc"], "mnc": e["mnc"], "act": sorted(_ACT[a] for a in e["act"])}
            for e in expect
            if e
        ]
    }


_ACCESS = {
    "read_search_compare": "read",
    "update_erase": "update",
    "write_append": "write",
    "delete_file": "delete",
    "terminate_ef": "terminate",
    "terminate_df": "terminate",
    "activate_file_or_record": "activate",
    "deactivate_file_or_record": "deactivate",
    "increase": "increase",
}


def _arr(expect):
    rules = []
    for access, condition in expect or []:
        if "command_header" in access:
            words = [f"ins_{access['command_header']['INS']:02X}"]
        else:
            words = sorted(_ACCESS[word] for word in access["access_mode"])
        rules.append({"access": words, "condition": _condition(condition)})
    return {"rules": rules}


def _condition(condition):
    (kind, value), *_ = condition.items()
    if kind in {"always", "never"}:
        return kind
    if kind in {"or", "and"}:
        return {"any" if kind == "or" else "all": [_condition(part) for part in value]}
    return {"2PIN1": "pin2"}.get(value, value.lower())


def _smsp(expect):
    address = expect["tp_sc_addr"]
    digits = address["call_number"] if expect["parameter_indicators"]["tp_sc_addr"] else ""
    plus = "+" if address["ton_npi"]["type_of_number"] == "international" else ""
    return {"smsc": plus + digits if digits else None, "alpha": expect["alpha_id"] or None}


def _sms(expect):
    assert expect["status"] == "free_space"
    return {"status": "free", "pdu": None, "address": None, "text": None}


def _opl(expect):
    mcc, _, mnc = expect["lai"]["mcc_mnc"].partition("-")
    if mcc == "fff":
        return dict.fromkeys(("mcc", "mnc", "lac_min", "lac_max", "pnn_record"))
    lac_min, lac_max = (expect["lai"][key]["__hex__"].upper() for key in ("lac_min", "lac_max"))
    record = expect["pnn_record_id"]
    return {"mcc": mcc, "mnc": mnc, "lac_min": lac_min, "lac_max": lac_max, "pnn_record": record}


def _pnn(expect):
    # The oracle leaves the names packed: it only says whether there are any.
    present = [key for part in expect for key in part]
    return {"full_name": "full_name_for_network" in present, "short_name": False}


def _gid(expect):
    text = expect["raw"].upper()
    return {"hex": None if set(text) == {"F"} else text}


def _hpplmn(expect):
    # The oracle gives the byte; TS 22.011 counts it in steps of six minutes.
    steps = int(expect["raw"], 16) if isinstance(expect, dict) else expect
    return {"interval_minutes": 6 * steps}


def _languages(expect):
    return {"languages": [code for code in expect if code]}


_CONVERT = {
    "EF.ICCID": lambda expect: {"iccid": expect["iccid"]},
    "EF.IMSI": lambda expect: {"imsi": expect["imsi"]},
    "EF.AD": _ad,
    "EF.SPN": _spn,
    "EF.MSISDN": _number,
    "EF.ADN": _number,
    "EF.FDN": _number,
    "EF.SDN": _number,
    "EF.LND": _number,
    "EF.DIR": _dir,
    "EF.UST": _services,
    "EF.EST": _services,
    "EF.IST": _services,
    "EF.SST": _sim_services,
    "EF.LOCI": _loci,
    "EF.PSLOCI": _psloci,
    "EF.EPSLOCI": _epsloci,
    "EF.FPLMN": lambda expect: {"plmns": [network for network in expect if network]},
    "EF.ACC": lambda expect: {
        "classes": sorted(int(name[3:]) for name, member in expect.items() if member)
    },
    "EF.PL": _languages,
    "EF.LI": _languages,
    "EF.PLMNwAcT": _act,
    "EF.OPLMNwAcT": _act,
    "EF.HPLMNwAcT": _act,
    "EF.ARR": _arr,
    "EF.SMSP": _smsp,
    "EF.SMS": _sms,
    "EF.OPL": _opl,
    "EF.PNN": _pnn,
    "EF.GID1": _gid,
    "EF.GID2": _gid,
    "EF.HPPLMN": _hpplmn,
    "EF.ECC": lambda expect: {"number": expect and expect.get("call_code")},
}


def comparable(file, value):
    """Our value in the form in which the oracle's can be held against it."""
    if "entries" in value:
        return {"entries": [{**e, "act": sorted(e["act"])} for e in value["entries"]]}
    if "rules" in value:
        return {"rules": [{**r, "access": sorted(r["access"])} for r in value["rules"]]}
    if file == "EF.PNN":
        return {key: name is not None for key, name in value.items()}
    return value
