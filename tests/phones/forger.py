"""A carrier that writes into its headers whatever it likes: SIPp, for calls that no phone's library would make."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from pathlib import Path
from string import Template

from tests.ports import free_port

_TRIES = 5
SECONDS = 30
_SCENARIO = Template("""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="forged">
  <send retrans="500"><![CDATA[
INVITE sip:$dialled@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: $sender;tag=[call_number]
To: <sip:$dialled@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:forger@[local_ip]:[local_port]>
Max-Forwards: 70
${headers}Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true" timeout="20000"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: $sender;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="300"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: $sender;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
""")


def is_answered(
    sip_port: int,
    dialled: str,
    *headers: str,
    sender: str = "<sip:13900000001@127.0.0.1>",
    address: str = "127.0.0.1",
) -> bool:
    """Call `dialled` at Asterisk on loopback from `address`, hang up once it is answered, and tell whether it was.

    `sender` is what stands in From, `headers` are whole lines besides. Raises AssertionError when SIPp cannot run.
    """
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder, "forged.xml")
        lines = "".join(f"{header}\n" for header in headers)
        scenario.write_text(_SCENARIO.substitute(dialled=dialled, sender=sender, headers=lines), encoding="utf-8")
        for _ in range(_TRIES):
            port = str(free_port(socket.SOCK_DGRAM))
            command = [
                "sipp", f"127.0.0.1:{sip_port}", "-sf", str(scenario), "-i", address, "-p", port, "-m", "1",
                "-nostdin", "-timeout", str(SECONDS), "-timeout_error", "-deadcall_wait", "0", "-max_socket", "1000",
            ]  # fmt: skip
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=2 * SECONDS, check=False)
            if "Address already in use" not in done.stderr:  # Another took the port in between.
                break
    assert done.returncode in (0, 1), done.stderr  # 1: the call failed.
    return done.returncode == 0
