"""A mail server for one test: writes what it takes to a file, a line of JSON each.

  smtp.py MODE FILE [CERTIFICATE KEY]

MODE: good, tls (from the first byte), starttls (and nothing before it), reject (550), later (451).
Prints its port, and ends when its standard input does.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP

MODE, FILE = sys.argv[1:3]


class Handler:
    async def handle_DATA(self, server, session, envelope):
        if MODE == "reject":
            return "550 5.1.1 <" + envelope.rcpt_tos[0] + "> there is no such mailbox"
        if MODE == "later":
            return "451 4.3.0 come back later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None or MODE == "tls",
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "kinds": [part.get_content_type() for part in message.walk()],
            "text": message.get_body(("plain",)).get_content(),
            "html": message.get_body(("html",)).get_content(),
            "raw": envelope.content.decode(),
        }
        with open(FILE, "a") as file:
            file.write(json.dumps(line) + "\n")
        return "250 taken"


async def serve():
    context = None
    if MODE in ("tls", "starttls"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[3:5])
    options = {"enable_SMTPUTF8": False}
    if MODE == "starttls":
        options.update(tls_context=context, require_starttls=True)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), **options), "127.0.0.1", 0, ssl=context if MODE == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
