import EbbInventory
import EbbModel
import EbbTestSupport
import Testing

@Suite struct PatternTests {
    private let reading = read([
        "hosts.yml": """
        all:
          children:
            build_farm: {hosts: {"builder[1:4]": }}
            database: {hosts: {db1: , db2: }}
            zfs: {hosts: {builder1: , builder3: , db1: }}
            web: {hosts: {"web[00:05].example": }}
          hosts: {lone: , "fd00::1": }
        """
    ])

    @Test func `unions come first, then intersections, then exclusions`() throws {
        let table: [(String, [String])] = [
            ("build_farm:&zfs:!builder3", ["builder1"]), ("!builder3:&zfs:build_farm", ["builder1"]),
            ("db*,lone", ["db1", "db2", "lone"]), ("lone , db1", ["db1", "lone"]),
            ("~(builder|db)[12]$", ["builder1", "builder2", "db1", "db2"]),
            ("web[0:2]", ["web00.example", "web01.example", "web02.example"]), ("web[-1]", ["web05.example"]),
            ("web[4:]", ["web04.example", "web05.example"]), ("build*[1-2]", ["builder2", "builder3"]),
            ("builder[!12]", ["builder3", "builder4"]), ("ungrouped", ["lone", "fd00::1"]), ("[fd00::1]", ["fd00::1"]),
            ("!web:!build_farm:!fd00*", ["db1", "db2", "lone"]),
        ]
        for (pattern, hosts) in table { #expect(try Set(reading.select(pattern)) == Set(hosts), "\(pattern)") }
        #expect(try reading.select("all", limit: "db*:&zfs") == ["db1"])
    }

    @Test func `a pattern may read names from a file`() throws {
        let pattern = try HostPattern("@failed:!db1") { (file) throws(PatternError) -> String in
            file == "failed" ? "# of Monday\ndb1\ndb2\n\nbuilder*\n" : ""
        }
        let names = try reading.inventory.hosts(matching: pattern).map(\.text)
        #expect(names == ["builder1", "builder2", "builder3", "builder4", "db2"])
    }

    @Test func `nothing chosen is an error that names what was probably meant`() {
        let table: [(String, String)] = [
            ("buildfarm", "did you mean “build_farm”"), ("build_farm:!bulider3", "did you mean “builder3”?"),
            ("lone:!lone", "its parts leave nothing"), ("web[9]", "shows what there is"),
            ("zzz*", "shows what there is"), ("builder[1:2]", "counts within a group"), ("~(", "check its brackets"),
            ("", "“all” is everyone"), ("!", "behind the sign"),
        ]
        for (pattern, hint) in table {
            do {
                let chosen = try reading.select(pattern)
                Issue.record("\(pattern) chose \(chosen)")
            } catch let error as PatternError {
                #expect(error.hint?.contains(hint) == true, "\(pattern): \(error) \(error.hint ?? "")")
            } catch { Issue.record("\(pattern): \(error)") }
        }
    }

    @Test func `random patterns obey the algebra of sets`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let atoms = ["build_farm", "database", "zfs", "web", "lone", "db*", "builder[!24]", "all"]
        let sets = try Dictionary(uniqueKeysWithValues: atoms.map { ($0, Set(try reading.select($0))) })
        for _ in 0..<300 {
            let unions = (0...Int.random(in: 0...2, using: &random)).map { _ in
                atoms.randomElement(using: &random) ?? "all"
            }
            let both = atoms.randomElement(using: &random) ?? "all"
            let none = atoms.randomElement(using: &random) ?? "lone"
            let terms = (unions + ["&" + both, "!" + none]).shuffled(using: &random)
            let separator = Bool.random(using: &random) ? ":" : ","
            let expected = unions.reduce(into: Set<String>()) { $0.formUnion(sets[$1] ?? []) }.intersection(
                sets[both] ?? []
            ).subtracting(sets[none] ?? [])
            let pattern = terms.joined(separator: separator)
            let chosen = (try? reading.select(pattern)) ?? []
            #expect(Set(chosen) == expected, "seed \(seed): \(pattern)")
            #expect(chosen == chosen.sorted { position($0) < position($1) }, "seed \(seed)")
        }
    }

    private func position(_ name: String) -> Int { reading.inventory.hosts.firstIndex { $0.name.text == name } ?? -1 }
}
