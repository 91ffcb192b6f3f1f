"""asyncssh, with host keys checked."""
import asyncio
import sys

import asyncssh

key_file, known_hosts_file, port, parallel, command, *addresses = sys.argv[1:]


async def main():
    gate = asyncio.Semaphore(int(parallel))
    key = asyncssh.read_private_key(key_file)
    known_hosts = asyncssh.read_known_hosts(known_hosts_file)

    async def one(address):
        async with gate:
            async with asyncssh.connect(
                address, int(port), username="root", client_keys=[key], known_hosts=known_hosts,
                agent_path=None, config=None, connect_timeout=120,
            ) as connection:
                return (await connection.run(command)).exit_status == 0

    results = await asyncio.gather(*map(one, addresses), return_exceptions=True)
    print("answered", sum(result is True for result in results))


asyncio.run(main())
