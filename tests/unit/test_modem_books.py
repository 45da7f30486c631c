"""Phone books and call lists of a modem's own: counted, read, cleared one by one."""

import pytest

from modem import books
from modem.engine import Engine
from modem.errors import AtCommandError
from modem.interview import Interview
from modem.simulator.card_slot import load_card
from modem.simulator.modem import SimulatedModem
from modem.vendors.select import load_profile
from tests.device_stream import TAKEN_AT, DeviceStream
from tests.unit.service_helpers import ScriptedModem
from tests.unit.simulated_modem_helpers import ask

NAMES = '+CPBS: ("SM","ME")'
ANNA = '"+99900000031",145,"Anna"'


@pytest.fixture
def modem():
    device = SimulatedModem.load("quectel_ec25", "")
    device.insert_card(load_card("usim_test"))
    device.state.modem_books["ME"].put(2, "+99900000031", "王小明")
    device.state.modem_books["ME"].put(200, "99900000032", "Ben, B.")
    device.state.modem_books["MC"].put(1, "+99900000033", "")
    return device


def interview(device):
    stream = DeviceStream(device)
    engine = Engine(stream, clock=stream.clock)
    return Interview(engine, load_profile("quectel_ec2x"), lambda: TAKEN_AT)


def read(asker, *, contents=True, last_dialled_is_cards=True):
    if isinstance(asker, ScriptedModem):
        asker = Interview(asker, load_profile("generic_3gpp"), lambda: TAKEN_AT)
    return books.read_own_books(
        asker, contents=contents, last_dialled_is_cards=last_dialled_is_cards
    )


def by_name(own):
    return {book.name: book for book in own.stores}


def test_counting_names_each_store_of_the_modems_own_and_none_of_the_cards(modem):
    own = read(interview(modem), contents=False)
    assert own.absent is None
    assert [(book.name, book.kind, book.used, book.size) for book in own.stores] == [
        ("ME", "phonebook", 2, 250),
        ("DC", "calls", 0, 10),
        ("MC", "calls", 1, 10),
        ("RC", "calls", 0, 10),
    ]
    assert {book.entries for book in own.stores} == {None}


def test_reading_gives_every_entry_with_no_character_lost(modem):
    found = by_name(read(interview(modem)))
    assert [(e.record, e.number, e.name) for e in found["ME"].entries] == [
        (2, "+99900000031", "王小明"),
        (200, "99900000032", "Ben, B."),
    ]
    assert [(e.record, e.number, e.name) for e in found["MC"].entries] == [
        (1, "+99900000033", None)
    ]
    assert found["DC"].entries == ()


@pytest.mark.parametrize("charset", ["GSM", "IRA", "UCS2"])
@pytest.mark.parametrize("store", ["SM", "ON", "MC"])
def test_the_store_and_the_character_set_are_put_back(modem, store, charset):
    ask(modem, f'AT+CPBS="{store}"')
    ask(modem, f'AT+CSCS="{charset}"')
    read(interview(modem))
    found = by_name(read(interview(modem)))["ME"].entries[0]
    books.clear_entry(interview(modem), books.EntryPlace("ME", 2), found.raw)
    assert modem.state.settings.phonebook == store
    assert modem.state.settings.charset == charset


def test_the_store_is_put_back_where_the_modem_refuses_in_the_middle():
    modem = ScriptedModem(
        {
            "AT+CPBS=?": [NAMES],
            "AT+CPBS?": [['+CPBS: "SM",1,9'], ['+CPBS: "ME",1,9']],
            'AT+CPBS="ME"': ["OK"],
            'AT+CPBS="SM"': ["OK"],
            "AT+CSCS?": ['+CSCS: "GSM"'],
            'AT+CSCS="UCS2"': ["OK"],
            'AT+CSCS="GSM"': ["OK"],
            "AT+CPBR=?": ["+CPBR: (1-9),20,14"],
            "AT+CPBR=1,9": ["+CME ERROR: 14"],
        }
    )
    own = read(modem)
    assert own.stores == (books.Book("ME", "phonebook", 1, 9, None, "+CME ERROR: 14"),)
    assert modem.sent[-2:] == ['AT+CSCS="GSM"', 'AT+CPBS="SM"']


def test_a_modem_whose_chosen_store_is_not_known_is_left_as_it_is():
    modem = ScriptedModem({"AT+CPBS=?": [NAMES], "AT+CPBS?": ["+CME ERROR: 14"]})
    assert read(modem) == ((), "+CME ERROR: 14")
    assert modem.sent == ["AT+CPBS=?", "AT+CPBS?"]


def test_a_modem_without_phone_books_says_so():
    assert read(ScriptedModem({})) == ((), "ERROR")
    assert read(ScriptedModem({"AT+CPBS=?": ['+CPBS: ("SM","FD","ON","EN","MT")']})) == ((), None)
    narrow = SimulatedModem.load("quectel_bc95", "usim_test")
    assert read(interview(narrow)) == ((), "ERROR")


@pytest.mark.parametrize("is_cards", [False, True])
def test_numbers_dialled_last_are_the_modems_where_the_card_has_no_file_for_them(is_cards):
    modem = ScriptedModem(
        {
            "AT+CPBS=?": ['+CPBS: ("SM","LD")'],
            "AT+CPBS?": [['+CPBS: "SM",1,9'], ['+CPBS: "LD",4,10']],
            'AT+CPBS="LD"': ["OK"],
            'AT+CPBS="SM"': ["OK"],
        }
    )
    own = read(modem, contents=False, last_dialled_is_cards=is_cards)
    lists = [(book.name, book.kind, book.used) for book in own.stores]
    assert lists == ([] if is_cards else [("LD", "calls", 4)])


def test_what_a_store_does_not_tell_is_said():
    modem = ScriptedModem(
        {
            "AT+CPBS=?": ['+CPBS: ("ME","TA","DC","RC","ZZ")'],
            "AT+CPBS?": [
                ['+CPBS: "SM",1,9'],
                ['+CPBS: "ME"'],
                ['+CPBS: "ME",2,9'],
                ['+CPBS: "DC",2,9'],
            ],
            'AT+CPBS="ME"': ["OK"],
            'AT+CPBS="TA"': ["OK"],
            'AT+CPBS="DC"': ["OK"],
            'AT+CPBS="RC"': ["+CME ERROR: 4"],
            'AT+CPBS="SM"': ["OK"],
        }
    )
    found = by_name(read(modem, contents=False))
    assert {name: book.absent for name, book in found.items()} == {
        "ME": "the modem gave none",
        "TA": "the modem did not choose this store",
        "DC": None,
        "RC": "+CME ERROR: 4",
        "ZZ": "a store that simward does not know",
    }
    assert found["DC"].used == 2
    assert 'AT+CPBS="ZZ"' not in modem.sent
    assert modem.sent[-1] == 'AT+CPBS="SM"'


def test_fewer_entries_than_are_counted_are_no_whole_book():
    modem = ScriptedModem(
        {
            "AT+CPBS=?": [NAMES],
            "AT+CPBS?": ['+CPBS: "ME",2,60'],
            'AT+CPBS="ME"': ["OK"],
            "AT+CPBR=?": ["+CPBR: (1-60),20,14"],
            "AT+CPBR=1,50": [f"+CPBR: 4,{ANNA}"],
            "AT+CPBR=51,60": ["+CME ERROR: 22"],
        }
    )
    (book,) = read(modem).stores
    assert [entry.record for entry in book.entries] == [4]
    assert (book.used, book.absent) == (2, "the modem gives fewer entries than it counts")


def test_an_entry_is_cleared_if_it_is_the_one_that_is_saved(modem):
    first, second = by_name(read(interview(modem)))["ME"].entries
    place = books.EntryPlace("ME", 2)
    assert books.clear_entry(interview(modem), place, second.raw) == "changed"
    assert modem.state.modem_books["ME"].entries()[1] is not None
    assert books.clear_entry(interview(modem), place, first.raw) == "done"
    assert books.clear_entry(interview(modem), place, first.raw) == "already"
    left = [entry.name for entry in modem.state.modem_books["ME"].entries() if entry]
    assert left == ["Ben, B."]


def test_a_list_of_calls_is_not_cleared_by_the_modem(modem):
    (call,) = by_name(read(interview(modem)))["MC"].entries
    with pytest.raises(AtCommandError, match=r"\+CME ERROR: 3"):
        books.clear_entry(interview(modem), books.EntryPlace("MC", 1), call.raw)
    assert modem.state.settings.phonebook == "SM"


@pytest.mark.parametrize(
    ("after", "used", "result"),
    [
        (["OK"], 0, "done"),
        (["+CME ERROR: 22"], 0, "done"),
        (["ERROR"], 0, "done"),
        (["ERROR"], 1, "not_written"),
        ([f"+CPBR: 1,{ANNA}"], 1, "not_written"),
    ],
)
def test_whether_an_entry_is_gone_says_the_modem_when_it_is_asked_again(after, used, result):
    modem = ScriptedModem(
        {
            "AT+CMEE=1": ["OK"],
            "AT+CPBS?": [['+CPBS: "ME",1,9'], ['+CPBS: "ME",1,9'], [f'+CPBS: "ME",{used},9']],
            'AT+CPBS="ME"': ["OK"],
            "AT+CPBR=1": [[f"+CPBR: 1,{ANNA}"], after],
            "AT+CPBW=1": ["OK"],
        }
    )
    asker = Interview(modem, load_profile("generic_3gpp"), lambda: TAKEN_AT)
    assert books.clear_entry(asker, books.EntryPlace("ME", 1), ANNA) == result
