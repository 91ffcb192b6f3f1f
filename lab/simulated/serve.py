"""A thousand hosts in one process: each an SSH server of its own that answers Ebb's scripts from a small state.

Needs asyncssh (`pip install asyncssh`). Each host has an address (127.9.A.B), a host key, a boot id, what is on its
root and on /persist. It reads the shell scripts that Ebb sends far enough to know what is asked, and knows nothing else
of Ebb. What goes wrong is drawn from a seed. Prints a line of JSON for each thing that happens, with the time.
"""
import asyncio
import json
import random
import re
import sys
import time
import uuid

import asyncssh

PORT = 2200
PROBE = re.compile(r"^ebb_probe '?([\w.-]+)'? ebb_(\d+)$", re.M)
BODY = r"sh -s <<'EBB_%s_%d'\n\{\n(.*?)\n\} </dev/null\nEBB_%s_%d\n"


def tell(**what):
    print(json.dumps({"at": time.time(), **what}), flush=True)


class Host:
    """One machine."""

    def __init__(self, number, fate, key, other_key, user_keys):
        self.number, self.fate = number, fate
        self.name = f"h{number:04d}"
        self.address = f"127.9.{number // 250}.{number % 250 + 1}"
        self.key, self.other_key, self.user_keys = key, other_key, user_keys
        self.machine = uuid.uuid5(uuid.NAMESPACE_DNS, self.name).hex
        self.boot = str(uuid.uuid4())
        self.made, self.root, self.persist = str(uuid.uuid4()), {}, {}
        self.run, self.up, self.listener, self.connections = set(), True, None, set()
        self.lease = None

    async def listen(self):
        key = self.other_key if self.fate == "new key" and self.run is None else self.key
        self.run = set()
        self.listener = await asyncssh.listen(
            self.address, PORT, server_host_keys=[key], server_factory=lambda: Server(self),
            process_factory=self.process, encoding=None, backlog=50, line_editor=False,
            kex_algs=["curve25519-sha256"], encryption_algs=["aes128-ctr"], mac_algs=["hmac-sha2-256"])

    async def reboot(self, seconds):
        await asyncio.sleep(0.3)
        tell(host=self.name, event="down", fate=self.fate)
        self.up = False
        self.listener.close()
        for connection in list(self.connections):
            connection.abort()
        await self.listener.wait_closed()
        if self.fate == "dead":
            return
        await asyncio.sleep(seconds)
        self.boot, self.run, self.lease = str(uuid.uuid4()), None, None
        if self.fate != "not erased":
            self.root, self.made = {}, str(uuid.uuid4())
        await self.listen()
        self.up = True
        tell(host=self.name, event="up", boot=self.boot)

    async def process(self, process):
        """One script on standard input, its framed answers on standard output."""
        script = (await process.stdin.read()).decode("utf-8", "replace")
        match = re.search(r"^ebb_mark=(\w+)$", script, re.M)
        if not match:
            process.exit(127)
            return
        mark, answer = match[1], b""
        for name, index in PROBE.findall(script):
            body = re.search(BODY % (mark, int(index), mark, int(index)), script, re.S)
            output, status = self.answer(name, body[1] if body else "")
            answer += (f"\n{mark} begin {name}\n".encode() + output
                       + f"\n{mark} status {status}\n\n{mark} end {name}\n".encode())
        answer += f"\n{mark} complete\n".encode()
        process.stdout.write(answer)
        process.exit(0)

    def answer(self, name, body):
        text = {
            "boot-id": self.boot, "machine-id": self.machine, "kernel": "6.1.0-sim",
            "os-release": 'PRETTY_NAME="Simulated"', "clock": f"{time.time():.9f}", "uptime": "1.0 1.0",
            "mounts": "1 0 0:1 /root / rw - btrfs /dev/vda1 rw,subvol=/root\n"
                      "2 1 8:2 / /persist rw - ext4 /dev/vdb rw",
            "system-state": "running", "failed-units": "systemd", "root-identity": f"btrfs uuid={self.made}",
            "storage": "4096 1000000 900000 65536 60000", "declared": "", "settle": "",
            "boot": self.boot, "erase-guard": "mark erased: simulated", "safe-snapshots": "",
            "btrfs-subvolumes":
                "ID 256 gen 9 cgen 7 top level 5 parent_uuid - uuid 11111111-1111-4111-8111-111111111111 path root\n"
                "ID 257 gen 8 cgen 8 top level 5 parent_uuid - uuid 22222222-2222-4222-8222-222222222222 path blank\n"
                "read-only\nID 257 gen 8 top level 5 path blank",
        }.get(name)
        if text is not None:
            return (text + "\n").encode() if text else b"", 0
        if name == "drift":
            return b"#view bare\0#end\0", 0
        if name == "lease":
            owner = re.search(r"printf '%s\\n' '(.*?)' >/run/ebb/", body)
            if not owner:
                self.lease = None
                return b"", 0
            self.lease = self.lease or owner[1]
            return (self.lease + "\n").encode(), 0
        if name == "plant":
            done = b""
            for index, _, mount, path, token in re.findall(r"^plant (\S+) (\S+) (\S+) (\S+) (\S+)$", body, re.M):
                (self.persist if mount == "/persist" else self.root)[path] = token
                done += f"{index} ok\n".encode()
            return done, 0
        if name == "canaries":
            found = b""
            for index, path in re.findall(r"^look (\d+) (\S+)$", body, re.M):
                store, mount = (self.persist, "/persist") if path.startswith("/persist") else (self.root, "/")
                said = f"present {store[path]} {mount}" if path in store else "absent"
                found += f"{index} {said}\n".encode()
            return found, 0
        if name == "reboot":
            if self.boot not in body:
                return b"other-boot\n", 0
            mark = re.search(r"mark=(\S+)", body)[1]
            if mark in self.run:
                return b"already-sent\n", 0
            self.run.add(mark)
            tell(host=self.name, event="told", mark=mark)
            asyncio.get_running_loop().create_task(self.reboot(random.uniform(0.5, 3)))
            return b"accepted\n", 0
        return b"", 127


class Server(asyncssh.SSHServer):
    def __init__(self, host):
        self.host = host

    def connection_made(self, connection):
        self.connection = connection
        self.host.connections.add(connection)

    def connection_lost(self, exc):
        self.host.connections.discard(self.connection)

    def begin_auth(self, username):
        return True

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return key in self.host.user_keys


def fate(random_numbers):
    draw = random_numbers.random()
    return "dead" if draw < 0.05 else "not erased" if draw < 0.07 else "new key" if draw < 0.08 else "well"


async def main(count, seed, directory):
    random_numbers = random.Random(seed)
    user = asyncssh.generate_private_key("ssh-ed25519")
    user.write_private_key(f"{directory}/user")
    hosts = []
    with open(f"{directory}/known_hosts", "w") as known, open(f"{directory}/hosts.yml", "w") as inventory:
        inventory.write("all:\n  hosts:\n")
        for number in range(count):
            key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
            host = Host(number, fate(random_numbers), key, other, [user.convert_to_public()])
            hosts.append(host)
            public = key.export_public_key().decode().strip()
            known.write(f"[{host.address}]:{PORT} {' '.join(public.split()[:2])}\n")
            inventory.write(f"    {host.name}: {{ansible_host: {host.address}}}\n")
            await host.listen()
    tell(event="ready", fates={host.name: host.fate for host in hosts})
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
