import tomllib
from pathlib import Path

import pytest

import modem.vendors
from modem.at.command import Command
from modem.vendors.profile import (
    ProfileError,
    UsageTraits,
    command_class,
    profile_from_table,
)
from modem.vendors.select import load_profile, profile_names, select_profile


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_loads_and_names_classes_that_exist(name):
    profile = load_profile(name)
    assert profile.name == name
    for table in (profile.commands, profile.unidentified, profile.release):
        for ladder in table.values():
            assert all(issubclass(command_class(path), Command) for path in ladder)


@pytest.mark.parametrize("name", [name for name in profile_names() if name != "generic_3gpp"])
def test_every_difference_to_the_base_states_its_source(name):
    profile = load_profile(name)
    base = load_profile(profile.base)
    changed = {q for q, ladder in profile.commands.items() if base.commands.get(q) != ladder}
    changed |= {q for q, ladder in profile.release.items() if base.release.get(q) != ladder}
    unexplained = changed - set(profile.sources) - {"identification", "manufacturer"}
    if "imei" in profile.sources:  # one report explains all of FM350's identity reads
        unexplained -= {"model", "revision", "imsi"}
    assert unexplained == set()
    assert all(profile.unsupported.values())


@pytest.mark.parametrize("name", profile_names())
def test_restart_reports_and_counters_state_their_source(name):
    file = Path(modem.vendors.__file__).with_name(f"{name}.toml")
    table = tomllib.loads(file.read_text("utf-8"))
    keys = ("restart", "ready_s", "card_reports", "address_in_definition")
    stated = {key for key in keys if key in table}
    stated |= {f"usage_{key}" for key in table.get("usage", {})}
    assert stated - set(table.get("sources", {})) == set()


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_repeats_nothing_of_its_base(name):
    file = Path(modem.vendors.__file__).with_name(f"{name}.toml")
    table = tomllib.loads(file.read_text("utf-8"))
    base = load_profile(table["base"]) if "base" in table else None
    if base is not None:
        assert table.get("unsupported", {}).items() & base.unsupported.items() == set()
        repeated = {
            q
            for q, ladder in table.get("commands", {}).items()
            if tuple(ladder) == base.ladder(q) and ladder
        }
        assert repeated == set()
        assert set(table) - {"name", "base"}


@pytest.mark.parametrize("name", profile_names())
def test_no_card_report_outlives_the_session(name):
    for text in load_profile(name).card_reports:
        assert "&W" not in text.upper()
        assert "?" not in text


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("Quectel", "EC25", "quectel_ec2x"),
        ("Quectel", "EM12", "quectel_ec2x"),
        ("Quectel", "EC200A", "quectel_ec200"),
        ("Quectel", "BG96", "quectel_bg9x"),
        ("Quectel", "RM500U-CNV", "quectel_rm500u"),
        ("Quectel", "RG520N-CN", "quectel_rm5xx"),
        ("Quectel", None, "quectel"),
        ("huawei", "K3715", "huawei"),
        ("Fibocom Wireless Inc.", "FM350-GL", "fibocom_fm350"),
        ("Fibocom Wireless Inc.", "L860-GL", "fibocom_l8xx"),
        ("Fibocom Wireless Inc.", "NL668", "fibocom"),
        ("SIMCOM INCORPORATED", "SIM7670G-MNGV", "simcom_a76xx"),
        ("INCORPORATED", "A7670E-FASE", "simcom_a76xx"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simcom_sim7600"),
        ("SIMCOM INCORPORATED", "SIM7906E-M2", "simcom_sim7600"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800", "simcom_sim800"),
        ("SIMCOM_Ltd", "SIMCOM_SIM7000E", "simcom_sim7000"),
        ("SIMCOM_Ltd", "SIMCOM_SIM7080G", "simcom_sim7080"),
        ("SIMCOM INCORPORATED", "SIM8202G-M2", "simcom_sim8xxx"),
        ("SIMCOM INCORPORATED", "SIM5360E", "simcom"),
        ("Quectel", "EP06", "quectel_ep06"),
        ("Quectel", "BC95HB-02-STD_900", "quectel_bc95"),
        ("Quectel_Ltd", "Quectel_BC66", "quectel_bc26"),
        ("Quectel_Ltd", "Quectel_M95", "quectel"),
        ("u-blox", "SARA-R410M-02B", "ublox_sara_r4"),
        ("u-blox", "SARA-R422S", "ublox_sara_r422"),
        ("u-blox", "SARA-R510S", "ublox_sara_r5"),
        ("u-blox", "SARA-U201", "ublox_sara_u"),
        ("u-blox", "SARA-G450", "ublox_sara_g"),
        ("u-blox", "LARA-R6401", "ublox_lara_r6"),
        ("u-blox", "LENA-R8001", "ublox_lena_r8"),
        ("u-blox", "TOBY-L210", "ublox"),
        ("Telit", "HE910-D", "telit_xe910"),
        ("Telit", "GE864-QUAD", "telit_xe910"),
        ("Telit", "LE910-EU V2", "telit_le910_v2"),
        ("Telit", "LE910C1-EUX", "telit_le9xx"),
        ("Telit", "LM960A18", "telit_le9xx"),
        ("Telit", "ME910C1-E1", "telit_me910"),
        ("Telit", "FN990A28", "telit_fn990"),
        ("Telit", "SL869", "telit"),
        ("Sierra Wireless, Incorporated", "EM7455", "sierra_em7"),
        ("Sierra Wireless, Incorporated", "RC7611", "sierra"),
        ("Sierra Wireless, Incorporated", "EM9191", "sierra_em919x"),
        ("Sierra Wireless", "HL7802", "sierra_hl78"),
        ("Sierra Wireless", "HL8548", "generic_3gpp"),
        ("Cinterion", "EHS6", "cinterion"),
        ("SIEMENS", "MC55i", "cinterion"),
        ("Telit Cinterion", "EXS82-W", "cinterion"),
        ("THALES", "MV31-W", "cinterion_mv31"),
        ("SEQUANS Communications", "GM02S", "sequans_monarch"),
        ("Nordic Semiconductor ASA", None, "nordic_nrf91"),
        ("CMCC", "ML307A", "onemo_ml307"),
        ("CMCC", "ML302", "onemo_ml30x"),
        ("CMCC", "ML307R-DC", "onemo_ml307"),
        ("CMCC", "ML307H-DC", "onemo_ml30x"),
        ("huawei", "E3372", "huawei"),
        ("huawei", "ME909s-821", "huawei"),
        ("huawei", "E5372", "huawei_e5"),
        ("huawei", "MU736", "huawei_mu736"),
        ("huawei", "MT5700M-CN", "tdtech"),
        ("TD Tech Ltd.", None, "tdtech"),
        ("TD-Tech Ltd.", "MH5000-31", "tdtech"),
        ("Fibocom", "L610-CN-62-36", "fibocom"),
        ("Fibocom Wireless Inc.", "FM150-AE", "fibocom_fm1xx"),
        ("Fibocom Wireless Inc.", "FM160-CN", "fibocom_fm1xx"),
        ("ZTE CORPORATION", "MF833", "zte"),
        ("ZTE INCORPORATED", None, "zte"),
        ("QUALCOMM INCORPORATED", "K3565-Z", "zte"),
        ("QUALCOMM INCORPORATED", "MF631", "zte"),
        ("QUALCOMM INCORPORATED", "334", "generic_3gpp"),
        ("GosunCn", "GM800", "gosuncn"),
        ("MEIG", "SLM770A", "meig"),
        ("MEIG INCORPORATED", "SRM825L", "meig_srm8xx"),
        ("NEOWAY", "M590", "neoway_m590"),
        ("Neoway", "N58-CB", "neoway"),
        ("Neoway", "NU313", "neoway_nu313"),
        (None, "Air724UG", "openluat"),
        ("AirM2M", "AirM2M_780E", "openluat_air780"),
        ("AirM2M", "Air780EP", "openluat_air780"),
        ("AirM2M", None, "openluat"),
        ("Nokia", "Nokia N79", "generic_3gpp"),
        (None, None, "generic_3gpp"),
    ],
)
def test_maker_and_model_choose_the_profile(manufacturer, model, name):
    assert select_profile(manufacturer, model).name == name


def test_the_usb_id_chooses_only_where_the_modem_says_nothing():
    assert select_profile(None, None, "2c7c:0125").name == "quectel_ec2x"
    assert select_profile(None, None, "2C7C:9999").name == "quectel"
    assert select_profile("Nokia", "N79", "2c7c:0125").name == "generic_3gpp"


def test_a_profile_lays_its_differences_over_its_base():
    base = profile_from_table(
        {
            "name": "base",
            "commands": {"imsi": ["sim_access:ReadImsi"], "usage": ["vendor.quectel:ReadUsage"]},
            "unsupported": {"nr5g": "a manual"},
            "urc_prefixes": ["+A:"],
        },
        None,
    )
    own = profile_from_table(
        {
            "name": "own",
            "base": "base",
            "commands": {"nr5g": ["signal:ReadSignalQuality"]},
            "unsupported": {"usage": "a report"},
            "act_names": {"8": "lte_m"},
            "urc_prefixes": ["+B:"],
        },
        base,
    )
    assert own.ladder("imsi") == ("sim_access:ReadImsi",)
    assert own.ladder("usage") == ()
    assert own.ladder("nr5g") == ("signal:ReadSignalQuality",)
    assert own.act_names == {8: "lte_m"}
    assert own.urc_prefixes == ("+A:", "+B:")


def test_restart_reports_and_counters_come_from_the_base_where_nothing_else_is_said():
    bare = profile_from_table({"name": "bare"}, None)
    base = profile_from_table(
        {
            "name": "base",
            "restart": "AT+CFUN=1,1",
            "ready_s": 20,
            "card_reports": ["AT+X=1"],
            "usage": {"persistence": "saved", "scope": "modem", "reset": "AT+X=0"},
        },
        None,
    )
    same = profile_from_table({"name": "same", "base": "base"}, base)
    own = profile_from_table(
        {
            "name": "own",
            "base": "base",
            "restart": "",
            "card_reports": [],
            "usage": {"persistence": "kept"},
        },
        base,
    )
    assert (bare.restart, bare.ready_s, bare.card_reports) == (None, 30.0, ())
    assert bare.usage == UsageTraits("unknown", "unknown", None)
    assert (same.restart, same.ready_s, same.card_reports) == ("AT+CFUN=1,1", 20.0, ("AT+X=1",))
    assert same.usage == UsageTraits("saved", "modem", "AT+X=0")
    assert (own.restart, own.ready_s, own.card_reports) == (None, 20.0, ())
    assert own.usage == UsageTraits("kept", "modem", "AT+X=0")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"name": "x", "comands": {}}, "comands"),
        ({"name": "x", "commands": []}, "commands"),
        ({"name": "x", "commands": {"imsi": "one"}}, "imsi"),
        ({"name": "x", "unsupported": {"usage": True}}, "unsupported.usage"),
        ({"name": "x", "guard_s": "long"}, "guard_s"),
        ({"name": "x", "restart": "reboot"}, "restart"),
        ({"name": "x", "ready_s": -1}, "ready_s"),
        ({"name": "x", "card_reports": ["QSS=1"]}, "card_reports"),
        ({"name": "x", "usage": {"persistence": "sometimes"}}, "usage.persistence"),
        ({"name": "x", "usage": {"scope": "network"}}, "usage.scope"),
        ({"name": "x", "usage": {"reset": "by hand"}}, "usage.reset"),
        ({"name": "x", "usage": {"unit": "bytes"}}, "usage.unit"),
        ({"name": "x", "usage": {"bits": "32"}}, "usage.bits"),
        ({"name": "x", "usage": {"bits": 8}}, "usage.bits"),
        ({"name": "x", "not_asked_briefly": "cs"}, "not_asked_briefly"),
        ({"name": "x", "address_in_definition": "yes"}, "address_in_definition"),
    ],
)
def test_a_broken_profile_names_the_key(table, key):
    with pytest.raises(ProfileError) as caught:
        profile_from_table(table, None)
    assert caught.value.key == key


@pytest.mark.parametrize("name", ["no_such", "../quectel", "index.toml"])
def test_a_profile_that_does_not_exist_is_an_error(name):
    with pytest.raises(ProfileError):
        load_profile(name)


@pytest.mark.parametrize("path", ["nowhere:X", "signal:Nothing", "signal:scaled", "base:GAVE_NONE"])
def test_a_command_class_that_does_not_exist_is_an_error(path):
    with pytest.raises(ProfileError):
        command_class(path)
