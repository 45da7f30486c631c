"""Which files there are on cards, which of them simward decodes, and which it never reads.

Some identifiers mean another file in another directory: 6F07 is EF.IMSI in a USIM and EF.IST in an
ISIM, 6F38 EF.UST and EF.SST, 6F05 EF.LI and (in DF.GSM) EF.LP, 6F06 an ADF's own EF.ARR. Without
a directory the USIM's meaning holds; `DF.GSM/EF.ECC` says which is meant.
"""

from typing import Any, NamedTuple

from sim.errors import UnknownFileError
from sim.fcp import ARR_OF_A_DIRECTORY
from sim.files import ts_31_102 as usim
from sim.files import ts_31_102_5gs as fivegs
from sim.files import ts_31_102_calls as calls
from sim.files import ts_31_102_config as config
from sim.files import ts_31_102_groups as groups
from sim.files import ts_31_102_location as location
from sim.files import ts_31_102_mms as mms
from sim.files import ts_31_102_names as names
from sim.files import ts_31_102_networks as networks
from sim.files import ts_31_102_phonebook as phonebook
from sim.files import ts_31_103 as isim
from sim.files import ts_51_011 as gsm
from sim.files import ts_51_011_messages as messages
from sim.files import ts_51_011_numbers as numbers
from sim.files import ts_102_221 as uicc
from sim.files.base import EfSpec
from sim.files.directories import GSM, ISIM, MF, TELECOM, USIM

AnyFile = type[EfSpec[Any]]

# The order decides which of two files with one name or identifier is meant where no directory is
# given, and in which order the files of a directory are read.
ALL_FILES: tuple[AnyFile, ...] = (
    uicc.EfIccid,
    uicc.EfDir,
    uicc.EfPl,
    uicc.EfArr,
    uicc.EfUmpc,
    usim.EfImsi,
    usim.EfAd,
    usim.EfSpn,
    usim.EfUst,
    usim.EfEst,
    usim.EfAcc,
    usim.EfLi,
    usim.EfGid1,
    usim.EfGid2,
    usim.EfHpplmn,
    usim.EfEcc,
    location.EfLoci,
    location.EfPsloci,
    location.EfEpsloci,
    location.Ef5gs3gppLoci,
    location.Ef5gsN3gppLoci,
    location.EfLociGprs,
    networks.EfFplmn,
    networks.EfPlmnWact,
    networks.EfOplmnWact,
    networks.EfHplmnWact,
    networks.EfEhplmn,
    networks.EfEhplmnPi,
    networks.EfLrplmnsi,
    networks.EfPlmnSel,
    networks.EfRplmnAct,
    networks.EfCnl,
    names.EfPnn,
    names.EfOpl,
    names.EfOpl5g,
    names.EfSpdi,
    numbers.EfMsisdn,
    numbers.EfAdn,
    numbers.EfFdn,
    numbers.EfSdn,
    numbers.EfBdn,
    numbers.EfMbdn,
    numbers.EfIceDn,
    numbers.EfLnd,
    numbers.EfExt1,
    numbers.EfExt2,
    numbers.EfExt3,
    numbers.EfExt4,
    numbers.EfExt4OfSim,
    numbers.EfExt5,
    numbers.EfExt6,
    numbers.EfExt7,
    numbers.EfExt8,
    calls.EfIci,
    calls.EfOci,
    calls.EfIct,
    calls.EfOct,
    calls.EfAcm,
    calls.EfAcmmax,
    calls.EfPuct,
    calls.EfCcp2,
    calls.EfMbi,
    calls.EfMwis,
    calls.EfCfis,
    messages.EfSms,
    messages.EfSmsr,
    messages.EfSmsp,
    messages.EfSmss,
    messages.EfPsismsc,
    mms.EfMmsn,
    mms.EfMmsIcp,
    mms.EfMmsUp,
    mms.EfMmsUcp,
    config.EfAcl,
    config.EfNasConfig,
    config.EfIps,
    config.EfIpd,
    config.EfStartHfn,
    config.EfThreshold,
    config.EfPws,
    config.EfUfc,
    config.EfNetpar,
    config.EfEpdgId,
    config.EfEpdgIdEm,
    fivegs.EfUacAic,
    fivegs.EfSuciCalcInfo,
    fivegs.EfSupiNai,
    fivegs.EfRoutingIndicator,
    isim.EfImpi,
    isim.EfDomain,
    isim.EfImpu,
    isim.EfIst,
    isim.EfPcscf,
    isim.EfNafkca,
    isim.EfUiccIari,
    isim.EfFromPreferred,
    isim.EfFdnUri,
    isim.EfBdnUri,
    isim.EfSdnUri,
    gsm.EfSst,
    gsm.EfLp,
    gsm.EfPhase,
    gsm.EfEccOfSim,
    gsm.EfSume,
    gsm.EfBcch,
    gsm.EfCpbcch,
    gsm.EfCpbcchOfUsim,
    gsm.EfInvScan,
    gsm.EfInvScanOfUsim,
    gsm.EfCcp,
    gsm.EfEccp,
    groups.EfCbmi,
    groups.EfCbmid,
    groups.EfCbmir,
    groups.EfNia,
    groups.EfNiaOfSim,
    groups.EfCmi,
    groups.EfEmlpp,
    groups.EfAaem,
    groups.EfVgcs,
    groups.EfVgcss,
    groups.EfVbs,
    groups.EfVbss,
    groups.EfVgcsca,
    groups.EfVbsca,
    networks.EfUplmnWlan,
    networks.EfOplmnWlan,
    phonebook.EfPbr,
    phonebook.EfPsc,
    phonebook.EfCc,
    phonebook.EfPuid,
    *phonebook.PHONEBOOK_PARTS,
)

IDENTITY_SET: tuple[AnyFile, ...] = (
    uicc.EfIccid,
    uicc.EfPl,
    usim.EfImsi,
    usim.EfAd,
    usim.EfSpn,
    numbers.EfMsisdn,
    usim.EfUst,
    location.EfLoci,
    location.EfEpsloci,
    networks.EfFplmn,
    usim.EfAcc,
)
"""What says who a card is and where it was. EF.DIR is read in any case."""


class KnownFile(NamedTuple):
    """A file that has a name and no decoder here; `title` in a few English words."""

    name: str
    fid: int
    parents: tuple[str, ...]
    title: str


# Never read, not even for --all: they hold what a network or a lock trusts. A copy of EF.Keys or
# of a NAS security context lets its holder take the subscriber's place until the next
# authentication; the depersonalisation keys open a locked device; bootstrapping parameters,
# service keys and access settings hold or lead to keys and passwords of their own. None of it says
# anything that a technician needs, and what was never read can leak from no log, report or trace.
KEY_FILES: tuple[KnownFile, ...] = (
    KnownFile("EF.Keys", 0x6F08, (USIM,), "ciphering and integrity keys"),
    KnownFile("EF.KeysPS", 0x6F09, (USIM,), "ciphering and integrity keys, packet domain"),
    KnownFile("EF.Kc", 0x6F20, (GSM,), "GSM ciphering key"),
    KnownFile("EF.KcGPRS", 0x6F52, (GSM,), "GPRS ciphering key"),
    KnownFile("EF.Kc", 0x4F20, (f"{USIM}/DF.GSM-ACCESS",), "GSM ciphering key"),
    KnownFile("EF.KcGPRS", 0x4F52, (f"{USIM}/DF.GSM-ACCESS",), "GPRS ciphering key"),
    KnownFile("EF.EPSNSC", 0x6FE4, (USIM,), "LTE security context"),
    KnownFile("EF.5GS3GPPNSC", 0x4F03, (f"{USIM}/DF.5GS",), "5G security context"),
    KnownFile("EF.5GSN3GPPNSC", 0x4F04, (f"{USIM}/DF.5GS",), "5G security context, other access"),
    KnownFile("EF.5GAUTHKEYS", 0x4F05, (f"{USIM}/DF.5GS",), "5G authentication keys"),
    KnownFile("EF.DCK", 0x6F2C, (USIM, GSM), "keys that unlock a device"),
    KnownFile("EF.Hiddenkey", 0x6FC3, (USIM,), "key of hidden phone book entries"),
    KnownFile("EF.GBABP", 0x6FD6, (USIM,), "bootstrapping parameters"),
    KnownFile("EF.GBABP", 0x6FD5, (ISIM,), "bootstrapping parameters"),
    KnownFile("EF.MSK", 0x6FD7, (USIM,), "broadcast service keys"),
    KnownFile("EF.MUK", 0x6FD8, (USIM,), "broadcast user keys"),
    KnownFile("EF.NCP-IP", 0x6FE2, (USIM,), "access settings with passwords"),
    KnownFile("EF.WRI", 0x4F46, (f"{USIM}/DF.WLAN",), "WLAN reauthentication identity and keys"),
)

# Shown as they are, in hexadecimal: nothing that this program is for needs more.
UNDECODED: tuple[KnownFile, ...] = (
    KnownFile("EF.GBANL", 0x6FDA, (USIM,), "bootstrapping: application functions"),
    KnownFile("EF.GBANL", 0x6FD7, (ISIM,), "bootstrapping: application functions"),
    KnownFile("EF.SPNI", 0x6FDE, (USIM,), "icon of the service provider"),
    KnownFile("EF.PNNI", 0x6FDF, (USIM,), "icons of networks"),
    KnownFile("EF.IAL", 0x6FF0, (USIM,), "pairing with the device: allowed IMEIs"),
    KnownFile("EF.ePDGSelection", 0x6FF4, (USIM,), "choice of the door for WLAN"),
    KnownFile("EF.ePDGSelectionEm", 0x6FF6, (USIM,), "choice of the door for emergency calls"),
    KnownFile("EF.IMSConfigData", 0x6FF8, (USIM, ISIM), "configuration of IMS"),
    KnownFile("EF.3GPPPSDATAOFF", 0x6FF9, (USIM,), "services allowed with data off"),
    KnownFile("EF.3GPPPSDATAOFFservicelist", 0x6FFA, (USIM,), "services allowed with data off"),
    KnownFile("EF.TVCONFIG", 0x6FFB, (USIM,), "television"),
    KnownFile("EF.XCAPConfigData", 0x6FFC, (USIM, ISIM), "configuration of supplementary services"),
    KnownFile("EF.EARFCNList", 0x6FFD, (USIM,), "frequencies for IoT devices"),
    KnownFile("EF.MuDMiDConfigData", 0x6FFE, (USIM, ISIM), "several devices, several identities"),
    KnownFile("EF.ICE_FF", 0x6FE1, (TELECOM,), "emergency information"),
    KnownFile("EF.RMA", 0x6F53, (TELECOM,), "remote management actions"),
    KnownFile("EF.IMG", 0x4F20, (f"{TELECOM}/DF.GRAPHICS",), "images"),
    KnownFile("EF.MML", 0x4F47, (f"{TELECOM}/DF.MULTIMEDIA",), "multimedia messages: list"),
    KnownFile("EF.MMDF", 0x4F48, (f"{TELECOM}/DF.MULTIMEDIA",), "multimedia messages: data"),
    KnownFile("EF.MST", 0x4F01, (f"{TELECOM}/DF.MCS",), "services of mission critical groups"),
    KnownFile("EF.MCS_CONFIG", 0x4F02, (f"{TELECOM}/DF.MCS",), "mission critical configuration"),
    KnownFile("EF.VST", 0x4F01, (f"{TELECOM}/DF.V2X",), "services of vehicle communication"),
    KnownFile("EF.V2X_CONFIG", 0x4F02, (f"{TELECOM}/DF.V2X",), "vehicle communication settings"),
    KnownFile("EF.URSP", 0x4F0B, (f"{USIM}/DF.5GS",), "which route which traffic takes in 5G"),
    KnownFile("EF.TN3GPPSNN", 0x4F0C, (f"{USIM}/DF.5GS",), "trusted networks of other access"),
    KnownFile("EF.CAG", 0x4F0D, (f"{USIM}/DF.5GS",), "closed access groups"),
    KnownFile("EF.SOR-CMCI", 0x4F0E, (f"{USIM}/DF.5GS",), "steering of roaming"),
    KnownFile("EF.DRI", 0x4F0F, (f"{USIM}/DF.5GS",), "disaster roaming"),
    KnownFile("EF.Pseudo", 0x4F41, (f"{USIM}/DF.WLAN",), "WLAN pseudonym"),
    KnownFile("EF.UWSIDL", 0x4F44, (f"{USIM}/DF.WLAN",), "user's WLAN names"),
    KnownFile("EF.OWSIDL", 0x4F45, (f"{USIM}/DF.WLAN",), "operator's WLAN names"),
    KnownFile("EF.HWSIDL", 0x4F47, (f"{USIM}/DF.WLAN",), "home WLAN names"),
    KnownFile("EF.WEHPLMNPI", 0x4F48, (f"{USIM}/DF.WLAN",), "home networks shown over WLAN"),
    KnownFile("EF.WHPI", 0x4F49, (f"{USIM}/DF.WLAN",), "home network first over WLAN"),
    KnownFile("EF.WLRPLMN", 0x4F4A, (f"{USIM}/DF.WLAN",), "last network over WLAN"),
    KnownFile("EF.HPLMNDAI", 0x4F4B, (f"{USIM}/DF.WLAN",), "direct access to the home network"),
    KnownFile("EF.ACSGL", 0x4F81, (f"{USIM}/DF.HNB",), "home base stations: allowed"),
    KnownFile("EF.CSGT", 0x4F82, (f"{USIM}/DF.HNB",), "home base stations: kinds"),
    KnownFile("EF.HNBN", 0x4F83, (f"{USIM}/DF.HNB",), "home base stations: names"),
    KnownFile("EF.OCSGL", 0x4F84, (f"{USIM}/DF.HNB",), "home base stations of the operator"),
    KnownFile("EF.OCSGT", 0x4F85, (f"{USIM}/DF.HNB",), "home base stations: operator's kinds"),
    KnownFile("EF.OHNBN", 0x4F86, (f"{USIM}/DF.HNB",), "home base stations: operator's names"),
)

_WITH_RULES = frozenset({MF, USIM, ISIM, TELECOM, GSM})


def find_file(name: str) -> AnyFile:
    """The description of `EF.IMSI`, `ef_imsi`, `6F07` or `DF.5GS/4F01`; case does not matter.

    Raises:
        UnknownFileError: simward decodes no such file.
    """
    directory, _, last = name.strip().rpartition("/")
    wanted = last.strip().upper().replace("EF_", "EF.", 1)
    for file in ALL_FILES:
        if _is_called(file, wanted) and _is_in(file, directory):
            return file
    if wanted == f"{ARR_OF_A_DIRECTORY:04X}":
        return uicc.EfArr
    raise UnknownFileError(name)


def _is_called(file: AnyFile, wanted: str) -> bool:
    identifier = None if file.fid is None else f"{file.fid:04X}"
    return wanted in {file.name.upper(), identifier}


def _is_in(file: AnyFile, directory: str) -> bool:
    """Whether a directory of the file ends as the user wrote it; any will do where none is said."""
    wanted = directory.upper().replace("DF_", "DF.")
    ends = [f"/{parent}".upper() for parent in file.parents]
    return not wanted or any(end.endswith(f"/{wanted}") for end in ends)


def find_file_in(parent: str, fid: int) -> AnyFile | None:
    """The description of file `fid` in directory `parent` (`MF/DF.GSM`), or None."""
    if fid == ARR_OF_A_DIRECTORY and parent != MF:
        return uicc.EfArr
    for file in ALL_FILES:
        if file.fid == fid and parent in file.parents:
            return file
    return None


def identifier_in(parent: str, name: str) -> int | None:
    """The identifier of file `name` right below `parent`, or None where it is not known there."""
    decoded = (file.fid for file in ALL_FILES if file.name == name and parent in file.parents)
    others = (f.fid for f in (*UNDECODED, *KEY_FILES) if f.name == name and parent in f.parents)
    return next((fid for fid in (*decoded, *others) if fid is not None), None)


def files_in(parent: str) -> list[AnyFile]:
    """What simward decodes right below `parent`; EF.ARR comes first, the others refer to it."""
    found = [f for f in ALL_FILES if f.fid is not None and parent in f.parents]
    if parent not in _WITH_RULES:
        return found
    return [uicc.EfArr, *(file for file in found if file is not uicc.EfArr)]


def undecoded_in(parent: str) -> list[KnownFile]:
    """What else is known right below `parent`."""
    return [file for file in UNDECODED if parent in file.parents]


def key_files_in(parent: str) -> list[KnownFile]:
    """What is never read right below `parent`."""
    return [file for file in KEY_FILES if parent in file.parents]
