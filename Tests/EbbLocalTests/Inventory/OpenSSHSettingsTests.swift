import EbbInventory
import EbbLocal
import EbbModel
import EbbTestSupport
import Foundation
import Testing

@Suite struct OpenSSHSettingsTests {
    /// A home whose ssh configuration says something, and a program that answers for `ssh -G`.
    private struct Home {
        let path: String
        let hosts: [Inventory.Host]

        init(in path: String, answering script: String, _ inventory: String) async throws {
            self.path = path
            try FileManager.default.createDirectory(atPath: path + "/.ssh", withIntermediateDirectories: true)
            try "Host *\n  User ops\n".write(toFile: path + "/.ssh/config", atomically: true, encoding: .utf8)
            try "#!/bin/sh\necho \"$3\" >>\(path)/asked\n\(script)\n".write(
                toFile: path + "/ssh", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/ssh")
            try inventory.write(toFile: path + "/hosts.yml", atomically: true, encoding: .utf8)
            hosts = try await InventoryLoader(path: path + "/hosts.yml").load().inventory.hosts
        }

        var settings: OpenSSHSettings { OpenSSHSettings(hosts, home: path, program: path + "/ssh") }

        func connection(_ name: String) throws -> ConnectionSettings {
            try #require(hosts.first { $0.name.text == name }).settings.connection
        }
    }

    @Test func `what the inventory leaves open is what ssh says, and nothing else`() async throws {
        try await withScratchDirectory { path in
            let home = try await Home(
                in: path, answering: "printf 'hostname 10.0.0.7\\nport 2222\\nuser ops\\n'",
                "all: {hosts: {a: {}, b: {ansible_host: 192.0.2.1, ansible_port: 22}}}\n")
            let settings = home.settings
            let a = try await settings.completed(home.connection("a"))
            #expect(a.address == "10.0.0.7" && a.port == 2222 && a.user == "ops")
            let b = try await settings.completed(home.connection("b"))
            #expect(b.address == "192.0.2.1" && b.port == 22 && b.user == "ops")
        }
    }

    @Test func `a host is asked about once, however often it is connected to`() async throws {
        try await withScratchDirectory { path in
            let home = try await Home(in: path, answering: "echo port 2222", "all: {hosts: {a: {}}}\n")
            let settings = home.settings
            for _ in 0..<3 { #expect(try await settings.completed(home.connection("a")).port == 2222) }
            let asked = try String(contentsOfFile: path + "/asked", encoding: .utf8)
            #expect(asked == "a\n")
        }
    }

    @Test func `jump hosts that only ssh's files name are reached as they say`() async throws {
        try await withScratchDirectory { path in
            let home = try await Home(
                in: path,
                answering: """
                    case $3 in
                    bastion) printf 'hostname 10.0.0.1\\nport 2200\\nuser gate\\n' ;;
                    *) printf 'user ops\\nproxyjump root@bastion\\n' ;;
                    esac
                    """, "all: {hosts: {a: {}}}\n")
            let jump = try #require(try await home.settings.completed(home.connection("a")).jumps.first)
            #expect(jump.address == "10.0.0.1" && jump.port == 2200)
            // What stands in the line itself decides.
            #expect(jump.user == "root")
        }
    }

    @Test func `ssh's own complaint is told`() async throws {
        try await withScratchDirectory { path in
            let home = try await Home(
                in: path, answering: "echo 'config: line 3: bad option' >&2; exit 255", "all: {hosts: {a: {}}}\n")
            let error = await #expect(throws: ProgramFailure.self) {
                try await home.settings.completed(home.connection("a"))
            }
            #expect(error?.message.contains("line 3") == true)
        }
    }

    @Test func `no process is started where no file says anything`() async throws {
        try await withScratchDirectory { path in
            let home = try await Home(in: path, answering: "echo port 2222", "all: {hosts: {a: {}}}\n")
            try "# nothing\n".write(toFile: path + "/.ssh/config", atomically: true, encoding: .utf8)
            #expect(try await home.settings.completed(home.connection("a")).port == 22)
        }
    }
}
