"""Which file descriptions there are, and how to find one.

Some identifiers mean another file in another directory: 6F07 is EF.IMSI in a USIM and EF.IST in an
ISIM, 6F38 EF.UST and EF.SST, 6F05 EF.LI and (in DF.GSM) EF.LP, 6F06 an ADF's own EF.ARR. Without
a directory the USIM's meaning holds.
"""

from typing import Any

from sim.errors import UnknownFileError
from sim.files import ts_31_102 as usim
from sim.files import ts_51_011 as gsm
from sim.files import ts_102_221 as uicc
from sim.files.base import EfSpec

AnyFile = type[EfSpec[Any]]

# The order decides which of two files with one identifier is meant where no directory is given.
ALL_FILES: tuple[AnyFile, ...] = (
    uicc.EfIccid,
    uicc.EfDir,
    uicc.EfPl,
    uicc.EfArr,
    usim.EfImsi,
    usim.EfAd,
    usim.EfSpn,
    usim.EfUst,
    usim.EfLoci,
    usim.EfEpsloci,
    usim.EfFplmn,
    usim.EfAcc,
    usim.EfLi,
    usim.EfPsloci,
    usim.EfEst,
    usim.EfPlmnWact,
    usim.EfOplmnWact,
    usim.EfHplmnWact,
    usim.EfGid1,
    usim.EfGid2,
    usim.EfHpplmn,
    usim.EfEcc,
    usim.EfPnn,
    usim.EfOpl,
    gsm.EfMsisdn,
    gsm.EfAdn,
    gsm.EfFdn,
    gsm.EfSdn,
    gsm.EfLnd,
    gsm.EfSmsp,
    gsm.EfSms,
    gsm.EfSst,
    usim.EfIst,
)

IDENTITY_SET: tuple[AnyFile, ...] = (
    uicc.EfIccid,
    uicc.EfPl,
    usim.EfImsi,
    usim.EfAd,
    usim.EfSpn,
    gsm.EfMsisdn,
    usim.EfUst,
    usim.EfLoci,
    usim.EfEpsloci,
    usim.EfFplmn,
    usim.EfAcc,
)
"""What says who a card is and where it was. EF.DIR is read in any case."""

# An ADF's own EF.ARR is the same file under another identifier.
_ARR_OF_AN_ADF = 0x6F06


def find_file(name: str) -> AnyFile:
    """The description of `EF.IMSI`, `ef_imsi` or `6F07`; case does not matter.

    Raises:
        UnknownFileError: simward decodes no such file.
    """
    wanted = name.strip().upper().replace("EF_", "EF.", 1)
    for file in ALL_FILES:
        if wanted in {file.name.upper(), f"{file.fid:04X}"}:
            return file
    if wanted == f"{_ARR_OF_AN_ADF:04X}":
        return uicc.EfArr
    raise UnknownFileError(name)


def find_file_in(parent: str, fid: int) -> AnyFile | None:
    """The description of file `fid` in directory `parent` (`MF/DF.GSM`), or None."""
    if fid == _ARR_OF_AN_ADF and parent.startswith("MF/ADF."):
        return uicc.EfArr
    for file in ALL_FILES:
        if file.fid == fid and parent in file.parents:
            return file
    return None
