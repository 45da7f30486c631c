"""The Chinese texts of evidence on its way to the backend, by their English keys."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

HANDOVER_TEXTS: dict[str, str] = {
    # On the gateway
    "this is no evidence that can be sent: {reason}": "这不是可以发送的证据文件：{reason}",
    "no broker is configured": "没有配置 MQTT 服务器",
    "the backend has not acknowledged it yet": "后台尚未确认收到",
    "the daemon is starting, or another command uses the state directory": "守护进程正在启动，或者另一个命令正在使用状态目录",
    "the broker takes no message as long as this evidence": "MQTT 服务器不接收这么长的消息（证据文件过长）",
    "the broker does not let us publish evidence": "MQTT 服务器不允许发布证据文件",
    "the broker closes the connection whenever this evidence is sent": "每次发送这份证据文件，MQTT 服务器都断开连接",
    "the broker takes this evidence, and it never arrives": "MQTT 服务器收下了这份证据文件，但后台始终没有收到",
    "the broker refuses evidence": "MQTT 服务器拒收证据文件",
    # In the backend
    "installation (bind)": "安装登记（bind）",
    "before release (unbind)": "释放前证据（unbind）",
    "closing record": "收尾记录",
    "verification": "核验记录",
    "verified with the gateway's key": "校验通过，密钥与该网关一致",
    "intact; no key of this gateway is known here": "内容完整；本后台没有该网关的公钥",
    "intact, but NOT signed with the key that is known": "内容完整，但签名所用密钥与已知公钥不符",
    "DOES NOT HOLD": "校验不通过",
    "{verdict}: {where}": "{verdict}：{where}",
    "evidence {seq}  {kind}  card {card}  {verdict}": "证据 {seq}  {kind}  卡 {card}  {verdict}",
    "it is of another gateway than the one that sent it": "文件所属网关与发送它的网关不一致",
    "it is of another kind than its message says": "文件的类别与消息中所写不一致",
    "the gateway says another public key than the one that is known": "网关报告的公钥与已知公钥不一致",
    "stored: {reports} reports, {events} events, {evidence} documents of evidence of {gateways} gateways; put aside: {dead_letters}": "已存：{gateways} 个网关的 {reports} 份报告、{events} 个事件、{evidence} 份证据；搁置：{dead_letters}",
    "take in evidence from files": "从文件导入证据",
    "files of evidence, or folders of them": "证据文件，或其所在文件夹",
    "{file}: cannot be read: {reason}": "{file}：无法读取：{reason}",
    "larger than 16 MiB": "超过 16 MiB",
    "no evidence of simward is in it": "其中没有 simward 的证据",
    "there is no file or folder of this name": "没有这个文件或文件夹",
    "{count} files in folders hold no evidence": "文件夹中有 {count} 个文件不含证据",
    "taken: {new} new, {repeated} already here; {bad} of them to be looked at": "已导入：新增 {new} 份，已有 {repeated} 份；其中 {bad} 份需人工核查",
    "{place}  {kind}  gateway {gw}  card {card}  {verdict}": "{place}  {kind}  网关 {gw}  卡 {card}  {verdict}",
}
