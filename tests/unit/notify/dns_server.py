"""A small DNS server on this machine: answers from a table, or keeps silent."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        raw, sock = self.request
        question = dns.message.from_wire(raw)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
        self.server.asked.append((name, kind))
        if self.server.silent:
            return
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        records = self.server.records.get((name, kind), [])
        if records:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *records))
        elif name not in {one for one, _ in self.server.records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), self.client_address)


@contextmanager
def serving(records, *, silent=False):
    """Gives the server's address as the command line takes it, and the list of what was asked."""
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Handler) as server:
        server.records, server.asked, server.silent = records, [], silent
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", server.asked
        finally:
            server.shutdown()
            thread.join()
