import EbbClassifier
import EbbModel
import Testing

@Suite struct CatalogueTests {
    let catalogue = Catalogue.builtIn

    @Test func `the built-in catalogue is readable and covers the field`() {
        #expect(catalogue.entries.count >= 91)
        #expect(Set(catalogue.entries.map(\.id)).count == catalogue.entries.count)
        for preset in [
            "nixos", "ssh-host-keys", "machine-id", "wireguard", "networkmanager", "bluetooth", "acme", "tailscale",
            "docker", "postgresql", "samba", "libvirt", "k3s",
        ] { #expect(catalogue.presets[preset]?.isEmpty == false, "\(preset)") }
    }

    @Test func `every path of the catalogue is absolute and every entry says what it is`() {
        for entry in catalogue.entries {
            #expect(!entry.what.isEmpty && !entry.paths.isEmpty, "\(entry.id)")
            for glob in entry.globs { #expect(glob.hasPrefix("/"), "\(entry.id): \(glob)") }
        }
        for entry in catalogue.presets.values.joined() {
            #expect(entry.path.hasPrefix("/") && entry.preset != nil, "\(entry.path)")
        }
    }

    @Test func `what a user writes wins over what is built in`() throws {
        let user = try Catalogue(
            yaml: """
                entries:
                  - {id: mine, paths: [/var/lib/docker], class: cache, what: ours, verdict: noise}
                presets:
                  docker: [{path: /data/docker, mechanism: bind, class: precious}]
                """)
        let merged = catalogue.extended(by: user)
        #expect(merged.entries.first?.id == "mine")
        #expect(merged.presets["docker"]?.map(\.path) == ["/data/docker"])
        #expect(merged.presets["samba"] == catalogue.presets["samba"])
    }

    @Test(arguments: [
        "catalogue: []", "entries: [{id: a, paths: [/a], klass: noise, what: x, class: noise}]",
        "presets: {a: [{path: /a, mechanism: bind, class: cache, modes: '0750'}]}",
    ]) func `a key that nobody reads is refused`(yaml: String) {
        #expect(throws: DecodingError.self) { try Catalogue(yaml: yaml) }
    }

    @Test func `a catalogue may call a path noise and nothing better`() {
        #expect(throws: (any Error).self) {
            try Catalogue(yaml: "entries: [{id: a, paths: [/a], class: cache, what: a, verdict: persisted}]")
        }
    }
}
