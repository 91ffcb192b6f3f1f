import EbbClassifier
import EbbModel
import Testing

/// What a write that was tried makes of a finding.
@Suite struct WriteTestTests {
    private func tried(_ test: WriteTest?, _ verdict: DeclaredFinding.Verdict = .inEffect) -> DeclaredFinding {
        DeclaredFinding(entry: PersistenceEntry(path: "/a", mechanism: .bind), verdict: verdict, reason: "r").tried(
            test)
    }

    @Test func `a write that failed is told, and one that nobody could try is unknown where no other was`() {
        let cases: [(WriteTest?, DeclaredFinding.Verdict)] = [
            (WriteTest(storage: .works, directory: .works), .inEffect),
            (WriteTest(storage: .works, directory: nil), .inEffect),
            (WriteTest(storage: .works, directory: .untried("no setpriv")), .inEffect),
            (WriteTest(storage: .untried("x"), directory: .works), .inEffect),
            (WriteTest(storage: nil, directory: nil), .inEffect),
            (WriteTest(storage: .works, directory: .fails("No space left on device")), .readOnly),
            (WriteTest(storage: .fails("x"), directory: .works), .readOnly),
            (WriteTest(storage: .untried("x"), directory: .untried("y")), .unknown),
            (WriteTest(storage: .untried("x"), directory: nil), .unknown), (nil, .unknown),
        ]
        for (test, verdict) in cases { #expect(tried(test).verdict == verdict, "\(String(describing: test))") }
        #expect(tried(cases[5].0).reason.contains("No space left on device"))
        #expect(tried(cases[5].0).reason.contains("the storage is full"))
        #expect(tried(nil, .leaked).verdict == .leaked)
    }

    @Test func `the catalogue knows whose directories are obeyed`() throws {
        var settings = HostSettings(
            host: try HostName("h"), groups: [], connection: ConnectionSettings(host: try HostName("h"), address: "h"))
        settings.persist = [PersistentStorage(mount: "/persist")]
        settings.persistence = ["/var/spool/postfix", "/var/mail/me", "/home/me/Maildir", "/var/lib/postgresql"].map {
            PersistenceEntry(path: $0, mechanism: .bind)
        }
        settings.persistence[1].askedWriteTest = .directory
        let places = Dictionary(uniqueKeysWithValues: settings.persistenceSet().map { ($0.path, $0.writeTest) })
        #expect(
            places == [
                "/var/spool/postfix": .storage, "/var/mail/me": .directory, "/home/me/Maildir": .storage,
                "/var/lib/postgresql": .directory,
            ])
    }
}
