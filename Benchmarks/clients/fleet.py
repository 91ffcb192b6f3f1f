"""The hosts that are asked: addresses of loopback, with keys and settings for every client."""
import contextlib
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = "2222"


class Fleet:
    """A fleet in a directory; its servers run as long as their context."""

    def __init__(self, directory, hosts, python):
        self.directory = directory
        self.python = python
        self.hosts = self.addresses(hosts)
        self.key = f"{directory}/user"
        self.known_hosts = f"{directory}/known_hosts"
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            f"{directory}/{name}"], check=True)
        key = " ".join(open(f"{directory}/host.pub").read().split()[:2])
        with open(self.known_hosts, "w") as file:
            file.writelines(f"[{host}]:{PORT} {key}\n" for host in self.addresses(4000))
        self._plain_shell()

    @staticmethod
    def addresses(count):
        return [f"127.66.{n // 250}.{n % 250 + 1}" for n in range(count)]

    def _plain_shell(self):
        """root gets a shell that reads no profile, in this mount namespace only."""
        with open(f"{self.directory}/passwd", "w") as file:
            for line in open("/etc/passwd"):
                root = f"root:x:0:0:root:{self.directory}:/bin/sh\n"
                file.write(root if line.startswith("root:") else line)
        subprocess.run(["mount", "--bind", f"{self.directory}/passwd", "/etc/passwd"], check=True)
        os.makedirs("/run/sshd", exist_ok=True)

    @contextlib.contextmanager
    def sshd(self):
        """One real OpenSSH server behind all addresses."""
        with open(f"{self.directory}/sshd_config", "w") as file:
            file.write(f"""ListenAddress 0.0.0.0
Port {PORT}
HostKey {self.directory}/host
AuthorizedKeysFile {self.key}.pub
PidFile none
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin yes
MaxStartups 4000
LogLevel ERROR
""")
        server = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", f"{self.directory}/sshd_config"])
        deadline = time.monotonic() + 20
        scan = ["ssh-keyscan", "-p", PORT, self.hosts[0]]
        while not subprocess.run(scan, capture_output=True).stdout:
            if time.monotonic() > deadline:
                raise SystemExit("sshd does not answer")
        with _ending(server):
            yield

    @contextlib.contextmanager
    def simulated(self, expected):
        """One light process behind all addresses; it answers when all of them are asked."""
        server = subprocess.Popen(
            [self.python, f"{HERE}/simulated_hosts.py", f"{self.directory}/host",
             f"{self.key}.pub", PORT, str(expected)], stdout=subprocess.PIPE, text=True)
        if server.stdout.readline() != "listening\n":
            sys.exit("the simulated hosts do not start: is asyncssh installed?")
        with _ending(server):
            yield

    def inventory(self, hosts):
        """An inventory for Ebb."""
        path = f"{self.directory}/inventory-{len(hosts)}.yml"
        with open(path, "w") as file:
            file.write("all:\n  vars:\n    ansible_user: root\n"
                       f"    ansible_port: {PORT}\n"
                       f"    ansible_ssh_private_key_file: {self.key}\n"
                       f"    ebb: {{known_hosts: [{self.known_hosts}]}}\n  hosts:\n")
            file.writelines(f"    h{n}: {{ansible_host: {host}}}\n" for n, host in enumerate(hosts))
        return path


@contextlib.contextmanager
def _ending(server):
    try:
        yield
    finally:
        server.terminate()
        server.wait()
