"""A small real SMTP server, run as a process of its own: it takes, puts off, refuses, or dies as told.

Usage: smtp_server.py LOG. Prints its port. The local part of a recipient says what happens: ``later`` is put off the
first time, ``never`` is refused, ``drop`` is taken and then the session is cut without an answer, ``early`` is cut
before the message. LOG gets one line for each message taken: its Message-ID.
"""

import asyncio
import os
import sys

SEEN = set()


async def session(reader, writer, log):
    async def say(text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    to = ""
    await say("220 test")
    while line := await reader.readline():
        word = line[:4].upper().strip()
        if word in (b"EHLO", b"HELO", b"MAIL", b"RSET", b"NOOP"):
            await say("250 ok")
        elif word == b"RCPT":
            to = line.split(b"<")[1].split(b">")[0].decode()
            name = to.partition("@")[0]
            if "never" in name:
                await say("550 no such mailbox")
            elif "later" in name and to not in SEEN:
                SEEN.add(to)
                await say("451 come back")
            elif "early" in name and to not in SEEN:
                SEEN.add(to)
                writer.close()
                return
            else:
                await say("250 ok")
        elif word == b"DATA":
            await say("354 go")
            body = []
            while (line := await reader.readline()) not in (b".\r\n", b""):
                body.append(line)
            if line == b"":
                return
            number = (
                next(one for one in body if one.lower().startswith(b"message-id:")).split(b":", 1)[1].strip()
            )
            os.write(log, number + b"\n")
            if "drop" in to:
                writer.close()
                return
            await say("250 taken")
        elif word == b"QUIT":
            await say("221 bye")
            break
        else:
            await say("502 what")
    writer.close()


async def main():
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    server = await asyncio.start_server(lambda r, w: session(r, w, log), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
