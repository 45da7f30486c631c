import pytest

from agent.config import load, not_used_yet
from agent.config_files import configured, find_file
from agent.errors import ConfigError


@pytest.fixture
def config(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "simward.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def complaint(text: str, config, env=None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(config(text), env or {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "[report]\ninterval = 5\n",
            ["simward.toml:2", "unknown key report.interval ", "report.interval_s)"],
            id="unknown key names the nearest",
        ),
        pytest.param(
            "\n[reprot]\ninterval_s = 5\n",
            ["simward.toml:2", "unknown key reprot ", "nearest known one is report)"],
            id="unknown section names the nearest",
        ),
        pytest.param(
            '[[modem]]\nprt = "/dev/ttyUSB2"\n',
            ["simward.toml:2", "unknown key modem.prt ", "modem.port)"],
            id="misspelt key of a list",
        ),
        pytest.param("[[modem]]\nslot = 2\n", ["modem.port is missing"], id="missing key"),
        pytest.param(
            '[report]\ninterval_s = "often"\n',
            ["simward.toml:2", "report.interval_s is not a number"],
            id="wrong type",
        ),
        pytest.param("report.interval_s = 0\n", [":1", "less than 0.2"], id="dotted, out of range"),
        pytest.param('[report]\nencoding = "xml"\n', ["report.encoding", "json"], id="choice"),
        pytest.param('[broker]\nurl = "http://a"\n', ["broker.url", "mqtt://"], id="URL scheme"),
        pytest.param(
            '[usage]\ntime_zone = "Nowhere/Land"\n',
            ["simward.toml:2", "usage.time_zone is no time zone"],
            id="time zone",
        ),
        pytest.param("[usage]\ncycle_day = 32\n", ["usage.cycle_day", "more than 31"], id="day"),
        pytest.param('modem = "x"\n', ["modem is not a list"], id="section of the wrong kind"),
        pytest.param(
            '[recovery]\npower_hook = "relay \'off"\n',
            ["simward.toml:2", "recovery.power_hook is no command"],
            id="no command",
        ),
        pytest.param("[recovery]\npower_hook = ''\n", ["is no command"], id="empty command"),
        pytest.param("[report\n", ["no valid TOML", ":1"], id="no TOML"),
    ],
)
def test_a_wrong_configuration_is_refused_with_file_line_and_key(config, text, words):
    message = complaint(text, config)
    assert [word for word in words if word not in message] == []


def test_values_and_defaults_are_those_of_the_contract(config):
    settings = load(config('[[modem]]\nport = "/dev/ttyUSB2"\n'), {})
    assert settings.modem[0].port == "/dev/ttyUSB2"
    assert settings.modem[0].slot == 1
    assert settings.report.interval_s == 900
    assert settings.report.encoding == "json"
    assert settings.modem[0].baudrate == 115200
    assert settings.recovery.power_hook is None
    assert settings.topics.root == "sw/1"


def test_a_file_may_begin_with_a_byte_order_mark(config):
    path = config("\ufeff[report]\ninterval_s = 60\n")
    assert load(path, {}).report.interval_s == 60


def test_the_environment_wins_over_the_file(config):
    path = config('[report]\ninterval_s = 60\n[[modem]]\nport = "/dev/a"\nslot = 3\n')
    env = {
        "SIMWARD_REPORT__INTERVAL_S": "5",
        "SIMWARD_MODEM__PORT": "/dev/b",
        "SIMWARD_PROBE__HOSTS": "192.0.2.1, 192.0.2.2",
    }
    settings = load(path, env)
    assert settings.report.interval_s == 5
    assert (settings.modem[0].port, settings.modem[0].slot) == ("/dev/b", 3)
    assert settings.probe.hosts == ["192.0.2.1", "192.0.2.2"]


def test_the_environment_alone_makes_a_configuration():
    settings = load(None, {"SIMWARD_MODEM__PORT": "socket://127.0.0.1:4000", "HOME": "/nowhere"})
    assert settings.modem[0].port == "socket://127.0.0.1:4000"


def test_a_list_of_the_first_modem_may_stand_in_a_variable():
    env = {
        "SIMWARD_MODEM__PORT": "/dev/b",
        "SIMWARD_MODEM__THRESHOLDS": "45, 95",
        "SIMWARD_MODEM__QUOTA_BYTES": "1000",
        "HOME": "/nowhere",
    }
    (modem,) = load(None, env).modem
    assert (modem.thresholds, modem.quota_bytes, modem.cycle_day) == ([45, 95], 1000, None)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SIMWARD_REPORT__INTERVAL", "5", ["SIMWARD_REPORT__INTERVAL", "report.interval_s)"]),
        ("SIMWARD_REPORT__INTERVAL_S", "x", ["SIMWARD_REPORT__INTERVAL_S", "not a number"]),
        ("SIMWARD_MODEN__PORT", "x", ["SIMWARD_MODEN__PORT", "modem)"]),
    ],
)
def test_a_wrong_variable_is_named(config, variable, value, words):
    message = complaint("", config, {variable: value})
    assert [word for word in words if word not in message] == []


def test_a_named_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"no configuration file .*absent\.toml"):
        load(str(tmp_path / "absent.toml"), {})


def test_files_are_searched_in_the_order_of_the_contract(config, tmp_path):
    named = config("")
    own = tmp_path / "xdg" / "simward" / "simward.toml"
    own.parent.mkdir(parents=True)
    own.write_text("", encoding="utf-8")
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find_file(str(own), {"SIMWARD_CONFIG": named, **xdg}) == str(own)
    assert find_file(None, {"SIMWARD_CONFIG": named, **xdg}) == named
    assert find_file(None, xdg) == str(own)


def test_whether_there_is_a_configuration_is_told_without_reading_it(tmp_path):
    nothing = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert not configured(None, nothing)
    assert not configured(None, {**nothing, "SIMWARD_LANG": "zh", "SIMWARD_CORPUS": "x"})
    assert configured(None, {**nothing, "SIMWARD_REPORT__INTERVAL_S": "1"})


def test_keys_that_do_nothing_yet_are_named(config):
    text = '[trust]\ncommand_keys = ["a"]\n[[modem]]\nport = "x"\napn = "iot.example"\n'
    assert not_used_yet(load(config(text), {})) == ["trust"]
    assert not_used_yet(load(config('[[modem]]\nport = "x"\n'), {})) == []


@pytest.mark.parametrize("names", ["contexts_dwn", "contexts_down, contexts_down"])
def test_a_step_of_a_release_that_is_not_there_is_named_with_the_nearest(names, config):
    listed = ", ".join(f'"{name}"' for name in names.split(", "))
    message = complaint(f"[release]\nsteps = [{listed}]\n", config)
    assert f"release.steps: no step is called {names.split(', ')[-1]}" in message
    assert "(nearest: contexts_down)" in message


def test_a_value_never_stands_in_a_complaint(config):
    message = complaint('[broker]\nkeepalive_s = "hunter2"\n', config)
    assert "hunter2" not in message
