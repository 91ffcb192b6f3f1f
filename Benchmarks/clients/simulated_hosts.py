"""Many hosts in one light process: every address of loopback is one, and none is a machine.

A command is answered only once as many hosts as are expected run one: all are in flight together.
"""
import asyncio
import sys

import asyncssh

host_key, authorized_keys, port, expected = sys.argv[1:]


async def main():
    running = 0
    everyone = asyncio.Event()

    async def answer(process):
        nonlocal running
        running += 1
        if running >= int(expected):
            everyone.set()
        await everyone.wait()
        process.stdout.write("done\n")
        process.exit(0)

    await asyncssh.listen(
        "0.0.0.0", int(port), server_host_keys=[host_key],
        authorized_client_keys=authorized_keys, process_factory=answer, backlog=4096,
        login_timeout=600, encryption_algs=["aes128-ctr"], mac_algs=["hmac-sha2-256"],
        kex_algs=["curve25519-sha256"], compression_algs=["none"])
    print("listening", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
