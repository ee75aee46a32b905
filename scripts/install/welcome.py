"""What `./scripts/up` prints at its end: where to dial, where to browse, how to log in."""

from __future__ import annotations

from db.demo_services import LOGINS
from routing.settings import Settings
from scripts.install.ready import console_url


def welcome(settings: Settings) -> str:
    """Write the addresses of a running instance; demo logins only in the development profile."""
    sip = f"{settings.bind_address}:{settings.sip_port}"
    first = settings.extension_first
    lines = [
        "",
        "Dial (SIP over UDP, from any phone on this machine; the caller's number is the From user)",
        *(
            f"  {what:<24} sip:{did}@{sip}"
            for what, did in (
                ("hotline", settings.did_hotline),
                ("SOS, one-key phones", settings.did_sos),
                ("care workers' visits", settings.did_visits),
                ("service companies", settings.did_companies),
            )
        ),
        f"  agents' phones           from {first}; see: elderline agent credentials {first}",
        "",
        f"Browse  {console_url(settings)}",
        "  an agent who logs in there and allows the microphone has a telephone in the page (docs/softphone.md)",
    ]
    if settings.sms_simulated:
        how = "directly over SMPP" if settings.sms_simulated == "smpp" else "through Kannel"
        lines += ["", f"SMS go {how} to a simulated carrier (docs/sms.md)"]
        lines += ["  what phones got: elderline sms carrier list"]
        lines += ["  write from one:  elderline sms carrier reply NUMBER TEXT"]
    if settings.development:
        lines += ["", "Demo logins (development profile only)"]
        lines += [
            f"  {each.login:<10} password {each.password:<16} {each.role}"
            + (f", extension {each.extension}" if each.extension else "")
            for each in LOGINS
        ]
    return "\n".join(lines)
