import Foundation
import Subprocess
import Testing

/// `ebb serve` as it runs for months: inventories change, processes are killed, somebody stops it.
@Suite struct ServeTests {
    @Test func `it reads the inventory again, brings the pages back, and leaves nothing behind`() async throws {
        let directory = NSTemporaryDirectory() + "ebb-serve-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", Self.story, "sh", directory],
            environment: .inherit.updating([
                "ebb": BuiltTool.path, "LC_ALL": "C.UTF-8", "SSH_AUTH_SOCK": "/nowhere/agent",
            ]), output: .string(limit: 1 << 20), error: .combinedWithOutput)
        #expect(
            result.standardOutput.split(separator: "\n").map(String.init) == [
                "a page of web1: 200, of web2: 404", "with a broken inventory: 200, 404", "with a new one: 200, 200",
                "a second one: 4", "the pages know an agent: no", "killed pages are back: 200",
                "stopped: 0, pages left: no", "killed: pages left: no", "intact",
            ], "\(result.standardOutput)")
    }

    private static let story = #"""
        set -u
        cd "$1" || exit 97
        export EBB_INVENTORY=$1/inventory EBB_DATABASE=$1/ebb.sqlite
        mkdir inventory
        hosts() { # NAME...: nobody listens where they are
            { echo "all:"; echo "  hosts:"
              for name; do echo "    $name: {ansible_host: 127.0.0.1, ansible_port: 1}"; done
            } >inventory/new && mv inventory/new inventory/hosts.yml
        }
        port=$(python3 -c 'import socket
        s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        start() { "$ebb" serve --listen "127.0.0.1:$port" >log 2>&1 & serve=$!; holds status /healthz 200; }
        get() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port$1"; }
        status() { [ "$(get "$1")" = "$2" ]; }
        said() { grep -q "$1" log; }
        gone() { ! kill -0 "$1" 2>/dev/null; }
        fresh() { now=$(pages) && [ -n "$now" ] && [ "$now" != "$1" ]; }
        pages() { cat /proc/"$serve"/task/*/children 2>/dev/null | tr ' ' '\n' | while read -r child; do
            if grep -qs ebb-dashboard "/proc/$child/cmdline"; then echo "$child"; fi; done; }
        left() { if gone "$1"; then echo no; else echo yes; fi; }
        holds() { # COMMAND...: waits until it does
            tries=0
            until "$@"; do
                tries=$((tries + 1))
                if [ $tries -ge 900 ]; then echo "never: $*"; cat log; kill -9 $serve; exit 98; fi
                sleep 0.1
            done
        }
        hosts web1; start
        echo "a page of web1: $(get /hosts/web1), of web2: $(get /hosts/web2)"

        echo "all: {hosts: {web9: {ebb: {root: {strategy: tape}}}}}" >inventory/hosts.yml
        kill -HUP $serve; holds said "the old one stays in force"
        echo "with a broken inventory: $(get /hosts/web1), $(get /hosts/web2)"
        hosts web1 web2
        kill -HUP $serve; holds status /hosts/web2 200
        echo "with a new one: $(get /hosts/web1), $(get /hosts/web2)"

        "$ebb" serve --no-dashboard >second 2>&1; echo "a second one: $?"
        first=$(pages)
        echo "the pages know an agent: $(grep -qs -e SSH_AUTH -e HOME= "/proc/$first/environ" && echo yes || echo no)"
        kill -9 "$first"; holds fresh "$first"; holds status /healthz 200
        echo "killed pages are back: $(get /hosts/web2)"

        last=$(pages)
        kill -TERM $serve; wait $serve; ended=$?
        echo "stopped: $ended, pages left: $(left "$last")"
        start; last=$(pages)
        kill -9 $serve; wait $serve 2>/dev/null; holds gone "$last"
        echo "killed: pages left: $(left "$last")"
        "$ebb" database verify | tail -n 1
        """#
}
