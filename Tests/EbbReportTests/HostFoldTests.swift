import EbbModel
import EbbReport
import Testing

@Suite struct HostFoldTests {
    @Test func `names that count are folded, and no name is lost or made up`() throws {
        let cases: [([String], String)] = [
            (["builder1", "builder2", "builder3", "builder5"], "builder[1-3,5]"),
            (["pi1", "db1", "nas"], "db1,nas,pi1"), (["web01", "web1", "web2"], "web01,web[1-2]"),
            (["10", "11", "x"], "[10-11],x"), (["a1", "a1"], "a1"), (["r9", "r10"], "r[9-10]"),
        ]
        for (names, expected) in cases { #expect(HostFold.folded(try names.map { try HostName($0) }) == expected) }
    }
}
