"""Reports of non-delivery as servers write them (RFC 3464), for tests."""

from __future__ import annotations

_POSTFIX = """From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: dpo@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <20251209.1@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
{envelope}X-Postfix-Queue-ID: 4ABC
Arrival-Date: Tue, 9 Dec 2025 09:00:00 +0100 (CET)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; 550 {status} Mailbox unavailable

--B1
Content-Type: {quoted}

{headers}
--B1--
"""


def report(
    message_id: str | None,
    *,
    to="someone@example.net",
    status="5.1.1",
    action="failed",
    whole=False,
    envelope=None,
    stamp="1",
) -> bytes:
    """A report on the message of this Message-ID."""
    headers = [f"Message-ID: {message_id}"] if message_id else []
    headers += ["Subject: Information", f"To: {to}", ""]
    if whole:
        headers += ["Content of the message.", ""]
    text = _POSTFIX.format(
        envelope=f"Original-Envelope-Id: {envelope}\n" if envelope else "",
        to=to,
        action=action,
        status=status,
        quoted="message/rfc822" if whole else "text/rfc822-headers",
        headers="\n".join(headers),
    )
    return text.replace("20251209.1", f"20251209.{stamp}").encode()
