"""What the reliability scripts share: the lab's verbs, the tool, its database, and the tables in docs."""
import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STATE = os.environ.get("EBB_LAB_STATE", "/var/lib/ebb-lab")
TOOL = os.environ.get("EBB_TOOL", os.path.join(ROOT, ".build/debug/ebb"))
DOCUMENT = os.path.join(ROOT, "docs/reliability.md")


class Failed(Exception):
    """Something that was to be shown did not hold, or the lab itself failed."""


def lab(*arguments, check=True, guests=False):
    """Runs a verb of the lab and returns what it printed."""
    program = os.path.join(ROOT, "lab/guests/guests" if guests else "lab/lab")
    ended = subprocess.run([program, *arguments], capture_output=True, text=True)
    if check and ended.returncode != 0:
        raise Failed(f"lab {' '.join(arguments)}: {ended.stderr.strip()[-400:]}")
    return ended.stdout


def boots(host, guests=False):
    """How often the lab has started a host: what Ebb says is held against this number."""
    path = f"{STATE}/guests/{host}/boots" if guests else f"{STATE}/hosts/{host}/boots"
    with open(path) as file:
        return int(file.read())


@contextlib.contextmanager
def inventory(changes, source=None):
    """A copy of the inventory with each (file, pattern, replacement) applied, and a database beside it."""
    scratch = tempfile.mkdtemp(prefix="ebb-reliability-")
    copy = os.path.join(scratch, "inventory")
    source = source or os.path.join(ROOT, "inventory")
    if os.path.isdir(source):
        shutil.copytree(source, copy)
    else:
        os.mkdir(copy)
        shutil.copy(source, os.path.join(copy, "hosts.yml"))
    for name, pattern, replacement in changes:
        path = os.path.join(copy, name)
        with open(path) as file:
            text = file.read()
        text, count = re.subn(pattern, replacement, text, flags=re.M)
        if count == 0:
            raise Failed(f"{name} does not hold: {pattern}")
        with open(path, "w") as file:
            file.write(text)
    for name in {name for name, _, _ in changes}:
        path = os.path.join(copy, name)
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace("/var/lib/ebb-lab", STATE))
    try:
        yield Ebb(copy, os.path.join(scratch, "ebb.sqlite"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class Ebb:
    """The tool, with an inventory and a database."""

    def __init__(self, inventory, database):
        self.inventory = inventory
        self.database = database

    @contextlib.contextmanager
    def changed(self, changes):
        """The inventory with each (file, pattern, replacement) applied, until it is left."""
        kept = {}
        try:
            for name, pattern, replacement in changes:
                path = os.path.join(self.inventory, name)
                with open(path) as file:
                    text = file.read()
                kept.setdefault(path, text)
                text, count = re.subn(pattern, replacement, text, flags=re.M)
                if count == 0:
                    raise Failed(f"{name} does not hold: {pattern}")
                with open(path, "w") as file:
                    file.write(text)
            yield
        finally:
            for path, text in kept.items():
                with open(path, "w") as file:
                    file.write(text)

    def name(self, old, new, keep):
        """Gives a host another name in the inventory; or a second one, where the old one is kept."""
        path = os.path.join(self.inventory, "hosts.yml")
        with open(path) as file:
            text = file.read()
        line = next(line for line in text.splitlines(keepends=True) if f" {old}: " in line)
        with open(path, "w") as file:
            file.write(text.replace(line, (line if keep else "") + line.replace(f" {old}: ", f" {new}: ")))
        variables = os.path.join(self.inventory, "host_vars")
        shutil.copy(os.path.join(variables, f"{old}.yml"), os.path.join(variables, f"{new}.yml"))
        if not keep:
            os.remove(os.path.join(variables, f"{old}.yml"))

    def command(self, *arguments):
        return [TOOL, "--inventory", self.inventory, "--database", self.database, *arguments]

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, limit=600):
        return subprocess.run(
            self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=limit)

    def status(self, rollout=None):
        words = ["reboot", "status", "--format", "json"] + ([str(rollout)] if rollout else [])
        return json.loads(self.run(*words).stdout)

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in db.execute(sql, values)]
            except sqlite3.OperationalError as error:
                # It is being made at this moment.
                if "no such table" in str(error):
                    return []
                raise

    def journal(self, host):
        """Every line of the journal of a host's attempts: state, time in ms, detail."""
        lines = self.rows(
            """SELECT attemptEvent.state, attemptEvent.at, detail, number FROM attemptEvent
               JOIN attempt ON attempt.id = attemptID JOIN host ON host.id = hostID
               WHERE name = ? ORDER BY attemptEvent.id""", host)
        for line in lines:
            line["detail"] = json.loads(line["detail"])
        return lines

    def verify(self):
        ended = self.run("database", "verify")
        if ended.returncode != 0:
            raise Failed(f"the evidence does not verify: {ended.stdout}{ended.stderr}")


def wait(condition, what, limit=90):
    """Asks until the condition gives something true."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise Failed(f"waited {limit} s for {what}")


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def write_table(name, rows, head, sequence=()):
    """Puts rows into the document's table of that name; rows of other keys stay as they are.

    The first cell is the row's key. The order is that of what was there, then of `rows`; keys of `sequence` come
    first and in its order.
    """
    with open(DOCUMENT) as file:
        text = file.read()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if begin not in text or end not in text:
        raise Failed(f"{DOCUMENT} has no table {name}")
    before, rest = text.split(begin, 1)
    old, after = rest.split(end, 1)
    known = {}
    for line in old.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        known[cells[0]] = cells
    order = list(known)
    for row in rows:
        if row[0] not in known:
            order.append(row[0])
        known[row[0]] = [str(cell).replace("|", "/") for cell in row]
    order = [key for key in sequence if key in known] + [key for key in order if key not in sequence]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(known[key]) + " |" for key in order]
    with open(DOCUMENT, "w") as file:
        file.write(before + begin + "\n".join(lines) + "\n" + end + after)
