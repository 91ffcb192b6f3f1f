"""What the scripts that capture fixtures share: the lab's hosts, and the evidence that Ebb stored of them."""
import os
import sqlite3
import subprocess
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def lab_ssh(host, script, command, guests=False):
    """Runs a script on a host of the lab."""
    program = f"{HERE}/../guests/guests" if guests else f"{HERE}/../lab"
    with open(script, "rb") as text:
        subprocess.run([program, "ssh", host, command], stdin=text, check=True)


def look(ebb, inventory, host, part, *options):
    """Lets Ebb look at a host, and returns one part of what it stored."""
    with tempfile.TemporaryDirectory() as directory:
        database = f"{directory}/ebb.sqlite"
        subprocess.run([ebb, "drift", host, "--inventory", inventory, "--database", database,
                        "--format", "json", "--timeout", "900s", *options], stdout=subprocess.DEVNULL)
        rows = sqlite3.connect(database).execute(
            "SELECT codec, bytes FROM evidencePart JOIN content USING (digest) WHERE name = ? "
            "ORDER BY evidenceID DESC LIMIT 1", (part,)).fetchall()
    if not rows:
        raise SystemExit(f"no part {part} was stored")
    codec, data = rows[0]
    return data if codec == "raw" else zlib.decompress(data)
