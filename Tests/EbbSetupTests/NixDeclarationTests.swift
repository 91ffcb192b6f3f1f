import EbbModel
import EbbSetup
import Testing

@Suite struct NixDeclarationTests {
    @Test func `impermanence's declaration becomes an inventory's`() throws {
        let document = """
            {"/persist": {"enable": true, "hideMounts": true,
              "directories": [
                {"dirPath": "/var/lib/nixos", "directory": "/var/lib/nixos", "user": "root",
                 "group": "root", "mode": "0755", "persistentStoragePath": "/persist"},
                "/var/log"],
              "files": [{"filePath": "/etc/machine-id", "file": "/etc/machine-id",
                "method": "symlink"}],
              "users": {"ann": {"home": "/home/ann",
                "directories": [{"directory": ".ssh", "mode": "0700", "user": "ann"}],
                "files": [{}]}}}}
            """
        let read = try NixDeclaration(parsing: Array(document.utf8))
        #expect(read.storages == [PersistentStorage(mount: "/persist")])
        #expect(
            read.yaml == """
                ebb:
                  persist:
                    - {mount: "/persist"}
                  persistence:
                    - {path: "/etc/machine-id", mechanism: symlink, target: "/persist/etc/machine-id"}
                    - {path: "/home/ann/.ssh", mechanism: bind, target: "/persist/home/ann/.ssh", owner: "ann", mode: "0700"}
                    - {path: "/var/lib/nixos", mechanism: bind, target: "/persist/var/lib/nixos", owner: "root", group: "root", mode: "0755"}
                    - {path: "/var/log", mechanism: bind, target: "/persist/var/log"}

                """)
        #expect(read.notes.count == 1)
    }

    @Test func `preservation's declaration is read too, and anything else is refused`() throws {
        let document = """
            {"enable": true, "preserveAt": {"/state": {"persistentStoragePath": "/state",
              "directories": [{"directory": "/var/lib/x", "how": "bindmount", "mode": "0700"}],
              "files": [{"file": "/etc/y", "how": "symlink"}]}}}
            """
        let read = try NixDeclaration(parsing: Array(document.utf8))
        #expect(read.entries.map(\.mechanism) == [.symlink, .bind])
        #expect(read.entries.map(\.target) == ["/state/etc/y", "/state/var/lib/x"])
        #expect(read.entries.last?.mode == 0o700)
        for other in ["", "[]", "{}", "{\"a\": 1}", "{\"x\": {\"directories\": []}}"] {
            #expect(throws: EraseRefusal.self) { try NixDeclaration(parsing: Array(other.utf8)) }
        }
    }
}
