"""The clients: for each a function that makes a command line for a fleet and some of its hosts."""
import os
import subprocess
import sys

from fleet import PORT

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# The algorithms that libssh2 of Debian 12 settles on, for a fair comparison.
FAIR = ["-c", "aes128-ctr", "-m", "hmac-sha2-256", "-o", "KexAlgorithms=curve25519-sha256"]


def plain(*program):
    """A client that takes: key, known hosts, port, parallel, command, addresses."""
    return lambda fleet, hosts, parallel, command: [
        *program, fleet.key, fleet.known_hosts, PORT, str(parallel), command, *hosts]


def options(fleet):
    return ["-F", "none", "-i", fleet.key, "-o", f"UserKnownHostsFile={fleet.known_hosts}",
            "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=120"]


def ssh(fleet, hosts, parallel, command):
    return ["ssh", *options(fleet), *FAIR, "-p", PORT, f"root@{hosts[0]}", command]


def ebb_run(program):
    def line(fleet, hosts, parallel, command):
        return [program, "run", "all", "--inventory", fleet.inventory(hosts),
                "--database", f"{fleet.directory}/ebb.sqlite", "--parallel", str(parallel),
                "--connect-timeout", "10m", "--timeout", "10m", "--format", "json",
                "--", *command.split()]
    return line


def ansible(program):
    def line(fleet, hosts, parallel, command):
        text = " ".join(options(fleet)[2:]).replace(f"-i {fleet.key} ", "")
        return ["env", "HOME=/tmp", "ANSIBLE_SSH_ARGS=" + text, program, "all",
                "-i", ",".join(hosts) + ",", "-m", "raw", "-a", command, "-f", str(parallel),
                "-u", "root", "--private-key", fleet.key, "-e", f"ansible_port={PORT}"]
    return line


def pyinfra(program):
    def line(fleet, hosts, parallel, command):
        path = f"{fleet.directory}/hosts.py"
        with open(path, "w") as file:
            file.write(f"hosts = ({hosts!r}, {{'ssh_port': {PORT}, 'ssh_user': 'root', "
                       f"'ssh_key': {fleet.key!r}, 'ssh_known_hosts_file': "
                       f"{fleet.known_hosts!r}, 'ssh_allow_agent': False}})\n")
        return [program, "-y", "--quiet", "--parallel", str(parallel), path, "exec", "--",
                command]
    return line


def clush(program):
    def line(fleet, hosts, parallel, command):
        return [program, "-S", "-q", "-f", str(parallel), "-l", "root", "-w", ",".join(hosts),
                "-o", " ".join(options(fleet) + ["-p", PORT]), command]
    return line


def found(directory, python, build):
    """The clients that can run here; says which cannot."""
    floor = f"{directory}/floor"
    subprocess.run(["cc", "-O2", "-o", floor, f"{HERE}/floor.c", "-lssh2", "-lcrypto"], check=True)
    package = os.path.dirname(HERE)
    if build:
        subprocess.run(["swift", "build", "-c", "release", "--package-path", package,
                        "--product", "BenchmarkClient"], check=True,
                       stdout=sys.stderr)
    clients = {"C floor": plain(floor), "ebb": plain(f"{package}/.build/release/BenchmarkClient")}
    tool = f"{ROOT}/.build/release/ebb"
    if os.path.exists(tool):
        clients["ebb run"] = ebb_run(tool)
    else:
        print("ebb run: no release build (make release), left out")
    for name, module, script in (("parallel-ssh", "pssh", "parallel_ssh.py"),
                                 ("asyncssh", "asyncssh", "async_ssh.py")):
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            clients[name] = plain(python, f"{HERE}/{script}")
        else:
            print(f"{name}: not installed for {python}, left out")
    for name, client in (("clush", clush), ("pyinfra", pyinfra), ("ansible", ansible)):
        program = os.path.join(os.path.dirname(python), name)
        if os.path.exists(program):
            clients[name] = client(program)
        else:
            print(f"{name}: not installed beside {python}, left out")
    return clients
