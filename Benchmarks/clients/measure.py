"""Runs a client and measures what it cost the controller."""
import json
import os
import statistics
import subprocess
import time


def answers(name, hosts):
    """How to count the hosts that answered, from what a client prints."""
    def count(output, status):
        if name == "ebb run":
            document = json.loads(output or "{}")
            return sum(host["outcome"] == "ok" for host in document.get("hosts", []))
        if name == "ansible":
            return output.count("rc=0 >>")
        if name in ("ssh", "clush", "pyinfra"):
            return hosts if status == 0 else 0
        return int(output.split()[-1]) if output.split() else 0

    return count, hosts


def measure(line, counting):
    """Seconds of wall and of the client's processor, peak memory in MiB, how many answered."""
    count, hosts = counting
    begin = time.monotonic()
    sink = subprocess.DEVNULL if line[0] == "ssh" else subprocess.PIPE
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=sink, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    answered = count(output, process.returncode)
    if answered != hosts:
        print(f"{line[0]}: only {answered} of {hosts} answered: {output[-300:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, answered


class Table:
    """Medians of each client's rounds, and how a reference compares with it."""

    def __init__(self, results, hosts):
        self.hosts = hosts
        self.medians = {name: [statistics.median(column) for column in zip(*rounds)]
                        for name, rounds in results.items() if rounds}

    def show(self, reference, column="processor"):
        index = 0 if column == "wall" else 1
        base = self.medians[reference][index]
        title = f"{reference} is" if column == "processor" else f"of {reference}"
        print(f"{'client':14}{'wall s':>9}{'CPU ms/host':>13}{'peak MiB':>10}{'answered':>10}"
              f"{title:>13}")
        for name, row in self.medians.items():
            ratio = base / row[index] if column == "processor" else row[index] / base
            print(f"{name:14}{row[0]:9.2f}{row[1] * 1000 / self.hosts:13.2f}{row[2]:10.1f}"
                  f"{row[3]:10.0f}{ratio:12.3f}×")
