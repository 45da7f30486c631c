"""What most evidence says alike, so that QR codes need not carry it again. Pure.

The preset dictionary of the first form of QR texts (`cloud_bridge.qr_text`, `SWE1`). Codes that were
printed are read years later: **not a byte of this may change**; other words belong to a second form
with a name of its own. A test holds the text to its hash.
"""

# ruff: noqa: E501 - one text of the evidence a line

from typing import Final

_TEXTS: Final = (
    '"command":null,"command":"AT+CGDCONT?","command":"AT+CGACT=0,1","command":"AT+COPS?","command":"AT+CEREG?","command":"AT+CGSN","command":"AT+CIMI","command":"AT+CRSM=176,12258,0,0,10","command":"nmcli","command":"mmcli"',
    '"path":"registration.eps.state","path":"registration.cs.state","path":"registration.ps.state","path":"operator.plmn","path":"signal.rsrp_dbm","path":"packet.contexts","path":"usage.tx_bytes","path":"usage.rx_bytes","path":"modem.imei","path":"sim.imsi","path":"sim.iccid","path":"baseline.data","path":"baseline.sms","path":"baseline.voice","path":"baseline.plmn",',
    '"value":"works"},"value":"fails"},"value":"not_tested"},"value":null},"value":false},"value":true},',
    '"question":"dependencies.","question":"irreversibility.understood","question":"documents.","question":"risk.","note":null,"by":"',
    '"step":"pdp_down","step":"apn_removed","step":"autoconnect_off","result":"nothing_to_do","result":"not_available","result":"refused","result":"done",',
    '"gate":"asset_unlink","gate":"verify_after","gate":"certificate","gate":"binding","gate":"release_proved","gate":"personal_data","gate":"backup","gate":"irreversibility","gate":"risk","gate":"documents","gate":"balance","gate":"dependencies","gate":"own_uplink","gate":"auto_renew","gate":"arrears","gate":"card_state","gate":"device_health","gate":"identity",',
    '"result":"needs_backend","result":"needs_human","result":"not_applicable","result":"unknown","result":"fail","result":"pass","source":"backend","what":"gate"},"source":"operator","what":"gate"},"reason":null,"result":"pass","source":"device",',
    '"head":{"boot":1,"clock_synchronized":false,"clock_synchronized":true,"entries":1,"gw":"","iccid":"8986","imei":"86","kind":"bind","kind":"verification","kind":"closing","kind":"unbind","made_at":"2026-11-22T01:02:03.456Z",',
    '"not_attested":[{"en":"the state of the subscription at the carrier; the carrier alone can attest it","id":"subscription","zh":"运营商侧的业务状态；只有运营商能够证明"},',
    '{"en":"that answers given by people are true; it holds what was asked and who answered","id":"answers","zh":"人工回答的内容属实；这里只记录问了什么、由谁回答"},',
    '{"en":"that what a platform said is right; it holds what was said, and as of when","id":"account_facts","zh":"平台给出的信息正确；这里只记录给出了什么、截至何时"},',
    '{"en":"the true time; it holds the gateway\'s own, and whether its clock was synchronised","id":"clock","zh":"时间准确；时间取自网关自身时钟，并注明当时是否已同步"},',
    '{"en":"anything that is not in its entries; what was not read is not known","id":"unread","zh":"记录以外的任何事项；没有读取的内容即为未知"},',
    '{"en":"who holds the signing key; compare the key with one obtained elsewhere","id":"key_holder","zh":"签名密钥由谁持有；请与另行取得的公钥比对"}],',
    '"order_id":null,"order_id":"WO-2026-","public_key":"","software":"simward 0.1.0","store":"","up_s":86400},"signature":"',
    '{"bodies":[{"at":null,"{"at":"2026-11-22T01:01:59.000Z","gate":"","reason":null,"result":"pass","source":"device","up_s":86396,"what":"gate"},',
    '{"at":"2026-11-22T01:01:59.000Z","by":"","note":null,"question":"","up_s":86396,"value":true,"what":"answered"},',
    '{"at":"2026-11-22T01:01:59.000Z","command":null,"result":"done","step":"","up_s":86396,"what":"done"},',
    '{"at":"2026-11-22T01:01:59.000Z","command":"AT+","path":"","up_s":86396,"value":"","what":"read"},',
)

DICTIONARY: Final = "".join(_TEXTS).encode()
