import Foundation
import Testing

extension RealHosts {
    /// What Ebb learns from boots, and what it says when a look failed.
    @Suite struct PredictionTests {
        struct History: Decodable {
            struct Boot: Decodable {
                struct Prediction: Decodable {
                    let undone: Int
                    let survived: Int
                    let missed: Int
                    let precision: Double?
                    let recall: Double?
                }

                let proven: Bool?
                let prediction: Prediction?
            }

            let boots: [Boot]
        }

        /// Makes the blank of builder1 bring a unit that writes files at each boot.
        static let unit = #"""
            set -e
            blank=/btrfs-top/builder1/blank
            btrfs property set -ts $blank ro false
            cat >$blank/etc/systemd/system/made.service <<'UNIT'
            [Unit]
            Before=ssh.service
            [Service]
            Type=oneshot
            ExecStart=/bin/sh -c 'mkdir -p /opt/made; echo same >/opt/made/same;                 echo kept >/opt/made/edited; cat /proc/sys/kernel/random/uuid >/opt/made/other;                 chmod 600 /opt/made/other'
            UNIT
            ln -s ../made.service $blank/etc/systemd/system/multi-user.target.wants/
            btrfs property set -ts $blank ro true
            """#

        @Test func `predictions are checked at each boot, and teach what comes back by itself`() async throws {
            try await Lab.fresh { lab in
                try await lab.ssh("builder1", Self.unit)
                try await Lab.lab("reboot", "builder1")
                for _ in 1...3 {
                    let run = try await lab.json(RolloutDocument.self, "reboot", "run", "builder1", "--yes")
                    #expect(run.document.host("builder1")?.state == "proven", "\(run.ended)")
                }
                try await lab.ssh("builder1", "echo mine >/opt/made/edited")
                let drift = try await lab.json(DriftDocument.self, "drift", "builder1", "--all-verdicts", "--no-fold")
                let verdicts = Dictionary(
                    (drift.document.host("builder1")?.entries ?? []).map { ($0.path, $0.verdict) },
                    uniquingKeysWith: { first, _ in first })
                #expect(verdicts["/opt/made/same"] == "regenerated")
                #expect(verdicts["/opt/made"] == "regenerated")
                #expect(verdicts["/opt/made/other"] == "unexplained")
                // What somebody changed since is not what will come back.
                #expect(verdicts["/opt/made/edited"] == "unexplained")

                let history = try await lab.json(History.self, "history", "builder1")
                let compared = history.document.boots.compactMap(\.prediction)
                #expect(compared.count == 3, "\(history.ended.output)")
                for found in compared {
                    #expect(found.precision == 1 && found.recall == 1)
                    #expect(found.undone >= 4)
                }
            }
        }

        @Test func `a root that was not erased shows as a prediction that did not come true`() async throws {
            try await Lab.fresh { lab in
                try await lab.ssh("builder1", "echo junk >/root/junk")
                _ = try await lab.ebb("drift", "builder1")
                try await Lab.lab("fault", "builder1", "skip-erase")
                try await Lab.lab("reboot", "builder1")
                _ = try await lab.ebb("drift", "builder1")
                let history = try await lab.json(History.self, "history", "builder1")
                let found = try #require(history.document.boots.compactMap(\.prediction).first)
                #expect(found.survived > 0, "\(history.ended.output)")
                #expect((found.precision ?? 1) < 1)
            }
        }

        /// What goes wrong on the host, by what is put in the way of its tools.
        static let troubles = [
            "text on standard error": """
            find printf '%s' '#!/bin/sh
            echo "find: /x: Input/output error" >&2
            exec /usr/bin/find "$@"'
            """,
            "a tool that fails at its end": """
            sort printf '%s' '#!/bin/sh
            /usr/bin/sort "$@"
            exit 2'
            """,
            "a tool that is killed": """
            comm printf '%s' '#!/bin/sh
            kill -9 $$'
            """,
            "a shell that is killed, so that the stream ends in the middle": """
            tee printf '%s' '#!/bin/sh
            head -c 20
            kill -9 $PPID'
            """,
            "a find without -printf": """
            find printf '%s' '#!/bin/sh
            case "$*" in *-printf*) echo "find: unrecognized: -printf" >&2; exit 1 ;; esac
            exec /usr/bin/find "$@"'
            """,
            "a comm that cannot do what is needed": """
            comm printf '%s' '#!/bin/sh
            exit 127'
            """,
        ]

        @Test func `a look that failed in any way is incomplete, and never clean`() async throws {
            try await Lab.fresh { lab in
                func look(_ context: String, _ host: String) async throws {
                    let drift = try await lab.json(DriftDocument.self, "drift", host)
                    #expect(drift.ended.status == 4, "\(context) on \(host): \(drift.ended)")
                    #expect(!drift.document.complete, "\(context) on \(host)")
                    #expect(drift.document.host(host)?.gaps.isEmpty == false, "\(context)")
                }
                for (name, trouble) in Self.troubles {
                    let words = trouble.split(separator: " ", maxSplits: 1)
                    let host = ["builder1", "pi1"][name.count % 2]
                    let shim = "/usr/local/bin/\(words[0])"
                    try await lab.ssh(host, "{ \(words[1]); } >\(shim); chmod 755 \(shim)")
                    try await look(name, host)
                    try await lab.ssh(host, "rm \(shim)")
                }
                // No room for what the comparison keeps while it runs.
                try await lab.ssh(
                    "pi1",
                    """
                    echo changed >/root/changed
                    for d in /run /dev/shm /tmp; do
                        fallocate -l $(df --output=avail -B1 $d | tail -n 1) $d/full
                    done
                    """)
                try await look("no room", "pi1")
            }
        }
    }
}
