import EbbInventory
import EbbModel
import Testing

@Suite struct ProblemTests {
    @Test func `every problem is told at once, with file, line and a hint`() {
        let reading = read(
            [
                "hosts.yml": """
                all:
                  children:
                    build_farm:
                      host: {}
                      hosts:
                        builder1:
                          ansible_port: 22222222
                          ansible_host: "{{ address }}"
                        -bad:
                    cycle: {children: {cycle2: {children: {cycle: }}}}
                """,
                "group_vars/build_farm.yml": """
                ebb:
                  rot: {strategy: zfs}
                  root: {strategy: zsf}
                  presets: [ssh-host-kys]
                  persist: [{mount: persist}]
                  persistence:
                    - {path: var/lib/x, mechanism: bind}
                    - {path: /var/lib/y, mechanism: bnd, mode: "9999"}
                    - {path: /var/lib/z, mechanism: bind, owner: "a b"}
                    - {path: /var/lib/z, mechanism: bind}
                  accept:
                    - {path: "/var/cache/**", by: ops, until: 2027-02-30}
                  reboot: {timeout: 10, waves: [1, 200%], window: {rrule: SUNDAY, start: "25:00"}}
                  compliance: {proven_boot_max_age: monthly, unexplained_max: -1}
                """, "group_vars/buildfarm.yml": "ebb: {}\n", "host_vars/broken.yml": "a: [1\nb: 2\n",
            ], presets: ["ssh-host-keys", "machine-id"])
        let told = reading.told
        let expected = [
            "hosts.yml:4: error: group build_farm has no setting “host” (did you mean “hosts”?)",
            "hosts.yml:7: error: ansible_port must be a port, not “22222222”",
            "hosts.yml:8: error: ansible_host must be a name or an address, not “{{ address }}” "
                + "(Ebb evaluates no templates)", "hosts.yml:9: error: “-bad” cannot be the name of a host",
            "error: groups contain each other: cycle → cycle2 → cycle",
            "build_farm.yml:2: error: ebb has no setting “rot” (did you mean “root”?)",
            "build_farm.yml:3: error: ebb.root.strategy cannot be “zsf” (did you mean “zfs”?)",
            "build_farm.yml:4: error: no preset is called “ssh-host-kys” (did you mean “ssh-host-keys”?)",
            "build_farm.yml:5: error: ebb.persist[persist].mount “persist” is relative",
            "build_farm.yml:7: error: ebb.persistence[var/lib/x].path “var/lib/x” is relative",
            "build_farm.yml:8: error: ebb.persistence[/var/lib/y].mechanism cannot be “bnd” "
                + "(did you mean “bind”?)",
            "build_farm.yml:8: error: ebb.persistence[/var/lib/y].mode must be permission bits",
            "build_farm.yml:9: error: ebb.persistence[/var/lib/z].owner must be a name or a number",
            "build_farm.yml:10: error: ebb.persistence names “/var/lib/z” twice",
            "build_farm.yml:12: error: ebb.accept[/var/cache/**] lacks “reason”",
            "build_farm.yml:12: error: ebb.accept[/var/cache/**].until must be a day",
            "build_farm.yml:13: error: ebb.reboot.timeout must be a length of time such as 30s",
            "build_farm.yml:13: error: ebb.reboot.waves must be a number of hosts",
            "build_farm.yml:13: error: ebb.reboot.window.rrule: ",
            "build_farm.yml:13: error: ebb.reboot.window.start must be a time of day",
            "build_farm.yml:13: error: ebb.reboot.window lacks “timezone”",
            "build_farm.yml:14: error: ebb.compliance.proven_boot_max_age must be a length of time",
            "build_farm.yml:14: error: ebb.compliance.unexplained_max must be a whole number from 0",
            "host_vars/broken.yml:2: error: not YAML",
        ]
        for text in expected { #expect(told.contains { $0.contains(text) }, "missing: \(text)") }
        #expect(!reading.isUsable)
        #expect(told.allSatisfy { $0.hasPrefix("inventory/") })
    }

    @Test func `paths that overlap or are kept nowhere are problems`() {
        let cases = [
            ("- {path: /a, mechanism: bind}\n- {path: /a/b, mechanism: bind}", "lies inside /a"),
            ("- {path: /persist/a, mechanism: bind}", "already lies on persistent storage"),
            ("- {path: /a, mechanism: bind, target: /var/a}", "lies on no persistent storage"),
            (
                "- {path: /a, mechanism: bind, target: /persist/b}\n- {path: /b, mechanism: bind}",
                "are both kept at /persist/b"
            ), ("- {path: /, mechanism: bind}", "cannot be declared"),
            ("- {path: /a/../b, mechanism: bind}", "holds “.” or “..”"),
            ("- {path: /a/, mechanism: bind}", "ends with “/”"),
        ]
        for (entries, message) in cases {
            let lines = entries.split(separator: "\n").map { "        " + $0 }
            let text =
                "all:\n  hosts:\n    h:\n      ebb:\n        persist: [{mount: /persist}]\n" + "        persistence:\n"
                + lines.joined(separator: "\n") + "\n"
            let told = read(["hosts.yml": text]).told
            #expect(told.count == 1 && told[0].contains(message), "\(entries): \(told)")
        }
    }

    @Test func `what would only fail at run time is a problem with its line and what was meant`() {
        let told = read([
            "hosts.yml": "all: {hosts: {h: }}",
            "host_vars/h.yml": """
            ebb:
              compliance:
                waivers:
                  - {control: proven-bot, reason: x, by: ops, until: 2027-01-31}
              reboot:
                windows:
                  - rrule: FREQ=DAILY
                    start: "02:00"
                    duration: 4h
                    timezone: Europe/Berlinn
                  - {rrule: FREQ=DAILY, start: "02:00", duration: 30d, timezone: UTC}
                blackouts:
                  - {date: 2027-01-31, reason: x, timezone: GMT}
            """,
        ]).told
        let expected = [
            "h.yml:4: error: ebb.compliance.waivers[proven-bot].control cannot be “proven-bot” "
                + "(did you mean “proven-boot”?)",
            "h.yml:10: error: ebb.reboot.windows[0].timezone must be a time zone such as "
                + "Europe/Berlin or UTC, not “Europe/Berlinn” (did you mean “Europe/Berlin”?)",
            "h.yml:11: error: ebb.reboot.windows[1]: a window lasts from one minute to one week",
            "h.yml:13: error: ebb.reboot.blackouts[0].timezone must be a time zone",
        ]
        #expect(told.count == expected.count, "\(told)")
        for (line, text) in zip(told, expected) { #expect(line.contains(text), "\(line)") }
    }

    @Test func `variables of nobody are pointed out, and other tools' files left alone`() {
        let reading = read([
            "hosts.yml": "all: {hosts: {web1: {http_port: 80, ansible_python_interpreter: x}}}",
            "group_vars/al.yml": "x: 1", "host_vars/web2/main.yml": "x: 1",
            "group_vars/all/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n", "README.md": "- not: [yaml",
            "known_hosts": "[x", ".git/config": "[core]",
        ])
        #expect(reading.isUsable)
        let expected = [
            "inventory/group_vars/al.yml:1: warning: no group is called “al”",
            "inventory/group_vars/all/vault.yml:1: warning: the file is encrypted",
            "inventory/host_vars/web2/main.yml:1: warning: no host is called “web2”",
        ]
        #expect(reading.told.count == expected.count, "\(reading.told)")
        for (line, start) in zip(reading.told, expected) { #expect(line.hasPrefix(start)) }
    }

    @Test func `a file that is no YAML is somebody else's to read`() {
        func interpreter(_ path: String, _ text: String, runs: Bool = false) -> InventoryFile.Interpreter {
            InventoryFile(path: path, bytes: Array(text.utf8), isExecutable: runs).interpreter
        }
        #expect(interpreter("hosts", "# old\n[web]\nweb1\n") == .ansible)
        #expect(interpreter("hosts.ini", "web1\n") == .ansible)
        #expect(interpreter("cloud", "#!/bin/sh\n", runs: true) == .itself)
        #expect(interpreter("cloud.py", "#!/bin/sh\n", runs: true) == .itself)
        for path in ["hosts.yml", "group_vars/web", "README", "known_hosts", "cloud.sh", ".cloud"] {
            #expect(interpreter(path, "x", runs: true) == .ebb, "\(path)")
        }
    }

    @Test func `an inventory without hosts names the way out`() {
        let empty = read(["hosts.yml": "all: {hosts: }"]).told
        #expect(empty.count == 1 && empty[0].contains("ebb init"))
    }

    @Test func `aliases that multiply do not take the reader down`() {
        var text = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
        for level in 1...9 {
            let below = Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ", ")
            text += "x\(level): &x\(level) [\(below)]\n"
        }
        let told = read(["hosts.yml": text]).told
        #expect(told.contains { $0.contains("too many values") })
    }
}
