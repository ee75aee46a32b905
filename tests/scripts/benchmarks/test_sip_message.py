"""As much SIP as agents' phones of the bench speak."""

from __future__ import annotations

import pytest

from scripts.benchmarks.sip_message import Message, authorization, uri_of, user_of, write

INVITE = (
    b"INVITE sip:1001@127.0.0.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
    b'From: "09319001000" <sip:09319001000@127.0.0.1>;tag=a\r\nTo: <sip:1001@127.0.0.1>\r\ni: x@y\r\n'
    b"CSeq: 7 INVITE\r\nContact: <sip:asterisk@127.0.0.1:5060>\r\nContent-Type: application/sdp\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 20010 RTP/AVP 8 0\r\n"
)


def test_a_request_is_read() -> None:
    invite = Message.read(INVITE)
    assert (invite.method, invite.status, invite.user, invite["call-id"]) == ("INVITE", 0, "1001", "x@y")
    assert invite.media == ("127.0.0.1", 20010)
    assert user_of(invite["from"]) == "09319001000"
    assert uri_of(invite["contact"]) == "sip:asterisk@127.0.0.1:5060"


def test_an_answer_belongs_to_its_request() -> None:
    answer = Message.read(Message.read(INVITE).answer("200 OK", "t1", "sip:1001@127.0.0.1:5080", "v=0\r\n"))
    assert (answer.status, answer.method, answer["call-id"]) == (200, "INVITE", "x@y")
    assert answer["to"] == "<sip:1001@127.0.0.1>;tag=t1"
    assert answer["via"] == "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1"
    assert answer["content-length"] == "5"
    assert answer.media is None


def test_noise_is_no_message() -> None:
    with pytest.raises(ValueError):
        Message.read(b"\r\n\r\n")
    with pytest.raises(ValueError):
        Message.read(b"\xff\xfe")


def test_a_message_has_the_length_of_its_body() -> None:
    assert write("BYE sip:a SIP/2.0", ["CSeq: 1 BYE"]).endswith(b"Content-Length: 0\r\n\r\n")


def test_the_password_is_answered_as_the_standard_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of RFC 2617, section 3.5."""
    monkeypatch.setattr("scripts.benchmarks.sip_message.secrets.token_hex", lambda _size: "0a4f113b")
    challenge = 'Digest realm="testrealm@host.com",qop="auth",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",opaque="5c"'
    header = authorization(challenge, "Mufasa", "Circle Of Life", "GET", "/dir/index.html")
    assert 'response="6629fae49393a05397450978507c4ef1"' in header
    assert 'opaque="5c"' in header
