"""A thousand hosts in one process: each an SSH server of its own that answers Ebb's scripts from a small state.

Needs asyncssh (`pip install asyncssh`). Each host has an address (127.9.A.B), a host key, a boot id, what is on its
root and on /persist. It reads the shell scripts that Ebb sends far enough to know what is asked, and knows nothing else
of Ebb. What goes wrong is drawn from a seed. Prints a line of JSON for each thing that happens, with the time.
"""
import asyncio
import json
import random
import re
import shlex
import sys
import time
import uuid

import asyncssh

PORT = 2200
PROBE = re.compile(r"^ebb_probe '?([\w.-]+)'? ebb_(\d+)$", re.M)
BODY = r"sh -s <<'EBB_%s_%d' &\n\{\n(.*?)\n\} </dev/null\nEBB_%s_%d\n"
BLANK = "22222222-2222-4222-8222-222222222222"
# See btrfs-state.sh: no device to mount, the list, and of each its number, path and whether it is read-only.
SUBVOLUMES = ("\0ID 256 gen 9 cgen 7 top level 5 parent_uuid - uuid 11111111-1111-4111-8111-111111111111 path root\n"
              f"ID 257 gen 8 cgen 8 top level 5 parent_uuid - uuid {BLANK} path blank\0"
              "256\0root\0ro=false\000257\0blank\0ro=true\0").encode()


def tell(**what):
    print(json.dumps({"at": time.time(), **what}), flush=True)


def value(body, name):
    """What a probe's preamble says of a name; nothing where it says nothing."""
    line = re.search(rf"^{name}=(.*)$", body, re.M)
    return "".join(shlex.split(line[1])) if line else ""


def arguments(body):
    """The arguments that a probe's script is given."""
    line = re.search(r"^set -- ?(.*)$", body, re.M)
    return shlex.split(line[1]) if line else []


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
        self.lease, self.inodes, self.withdrawn = None, 0, set()

    async def listen(self):
        key = self.other_key if self.fate == "new key" and self.run is None else self.key
        self.run, self.withdrawn = set(), set()
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
        output = self.dialogue((await process.stdin.read()).decode("utf-8", "replace"))
        if output is not None:
            process.stdout.write(output)
        process.exit(127 if output is None else 0)

    def dialogue(self, script):
        """The framed answers to a script; none to what is no script of Ebb's."""
        match = re.search(r"^ebb_mark=(\w+)$", script, re.M)
        if not match:
            return None
        mark, answer = match[1], b""
        for name, index in PROBE.findall(script):
            body = re.search(BODY % (mark, int(index), mark, int(index)), script, re.S)
            output, status = self.answer(name, body[1] if body else "")
            if status == 127:
                tell(host=self.name, event="unknown probe", probe=name)
            answer += (f"\n{mark} begin {name}\n".encode() + output
                       + f"\n{mark} status {status}\n\n{mark} end {name}\n".encode())
        return answer + f"\n{mark} complete\n".encode()

    def answer(self, name, body):
        text = {
            "boot-id": self.boot, "machine-id": self.machine, "kernel": "6.1.0-sim", "serial": "", "busy": "",
            "os-release": 'PRETTY_NAME="Simulated"', "clock": f"{time.time():.9f}", "uptime": "1.0 1.0",
            "mounts": "1 0 0:1 /root / rw - btrfs /dev/vda1 rw,subvol=/root\n"
                      "2 1 8:2 / /persist rw - ext4 /dev/vdb rw",
            "system-state": "running", "failed-units": "systemd", "jobs": "",
            "root-identity": f"btrfs uuid={self.made} parent={BLANK}",
            "storage": "4096 1000000 900000 65536 60000", "declared": "", "managed": "", "settle": "",
            "boot": self.boot, "erase-guard": "mark erased: simulated", "safe-snapshots": "",
            "blank-state": "7 @1760000000.0000000000/etc",
        }.get(name)
        if text is not None:
            return (text + "\n").encode() if text else b"", 0
        answers = {
            "drift": lambda body: b"#view bare\0#end\0", "btrfs-subvolumes": lambda body: SUBVOLUMES,
            "lease": self.take_lease, "lease-release": self.release_lease, "plant": self.plant, "canaries": self.canaries,
            "reboot": self.hand_over, "withdraw": self.withdraw, "write-test": self.write_test,
            "erased-places": self.erased_places,
        }
        return (answers[name](body), 0) if name in answers else (b"", 127)

    def take_lease(self, body):
        owner = value(body, "owner")
        # The same name for both: only who takes it prints who has it.
        if not re.search(r"^ *(if .*; then )?ln ", body, re.M):
            return self.release_lease(body)
        if self.lease is None or self.lease == value(body, "replaced"):
            self.lease = owner
        return f"{self.lease}\n".encode()

    def release_lease(self, body):
        if self.lease == value(body, "owner"):
            self.lease = None
        return b""

    def plant(self, body):
        done, words = "", arguments(body)
        if self.lease != value(body, "owner"):
            return b""
        for index in range(len(words) // 4):
            _, mount, path, token = words[index * 4:index * 4 + 4]
            self.inodes += 1
            mark = f"{self.inodes} {int(time.time())} {int(time.time())}"
            (self.persist if mount == "/persist" else self.root)[path] = (mark, token)
            done += f"{index} ok {mark}\n"
        return done.encode()

    def canaries(self, body):
        found = ""
        for index, path in enumerate(arguments(body)):
            store, mount = (self.persist, "/persist") if path.startswith("/persist/") else (self.root, "/")
            said = "present {} {}".format(*store[path]) if path in store else "absent"
            found += f"{index} {said} {mount}\n"
        return found.encode()

    def write_test(self, body):
        """Every write works."""
        words = arguments(body)
        tried = [["works" if word else "" for word in words[index:index + 2]] for index in range(0, len(words), 2)]
        return "".join(f"{index}\0{storage}\0{place}\0" for index, (storage, place) in enumerate(tried)).encode()

    def erased_places(self, body):
        age = "older" if self.fate == "not erased" else "newer"
        return "".join(f"{index} {age}\n" for index, _ in enumerate(arguments(body))).encode()

    def withdraw(self, body):
        mark = value(body, "mark")
        if self.boot != value(body, "expected"):
            return b"other-boot\n"
        if mark in self.run:
            return b"already-sent\n"
        self.withdrawn.add(mark)
        return b"withdrawn\n"

    def hand_over(self, body):
        mark = value(body, "mark")
        if self.boot != value(body, "expected"):
            return b"other-boot\n"
        if mark in self.run | self.withdrawn:
            return b"already-sent\n"
        self.run.add(mark)
        tell(host=self.name, event="told", mark=mark)
        asyncio.get_running_loop().create_task(self.reboot(random.uniform(0.5, 3)))
        return b"accepted\n"


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
