import EbbModel
import EbbProbe
import EbbTestSupport
import Testing

@Suite(.blocking) struct AttributionTests {
    @Test func `this machine tells who owns a path of a package`() throws {
        let paths = [BytePath("/etc/passwd/../odd*"), BytePath("/var/lib/dpkg/status")]
        let script = ProbeScript(nonce: .random(), probes: [AttributionProbe.probe(paths)])
        let answer = try RealShell.run(script.bytes)
        let report = ProbeReport(parsing: answer.output, nonce: script.nonce)
        let output = try #require(report.results[AttributionProbe.name]).output
        let found = AttributionReader.read(output, of: paths)
        let status = try #require(found[paths[1]])
        #expect(status.owner == "root" && status.group == "root" && status.mode == 0o644)
        #expect(status.package?.contains("dpkg") == true)
        #expect(found[paths[0]]?.owner == nil)
    }

    @Test func `units are known by their directories, the deepest first`() {
        let text = """
            Id=a.service
            StateDirectory=foo foo/bar

            Id=b.service
            CacheDirectory=foo
            StateDirectory=foo/bar/deep

            """
        let output = Array("u\0\(text)\0".utf8)
        let paths = ["/var/lib/foo/x", "/var/lib/foo/bar/deep/y", "/var/cache/foo", "/var/lib/foobar"].map {
            BytePath($0)
        }
        let found = AttributionReader.read(output, of: paths)
        #expect(paths.map { found[$0]?.unit } == ["a.service", "b.service", "b.service", nil])
    }

    @Test func `packages own the nearest directory, unless many do`() {
        let text = """
            bluez: /var/lib/bluetooth
            libc6:amd64, libc6:i386: /usr/lib/x
            diversion by a from: /bin/sh
            a, b, c, d, e: /var/lib
            """
        let output = Array("p\0\(text)\0".utf8)
        let paths = ["/var/lib/bluetooth/AA", "/usr/lib/x", "/var/lib/other"].map { BytePath($0) }
        let found = AttributionReader.read(output, of: paths)
        #expect(paths.map { found[$0]?.package } == ["bluez", "libc6, libc6", nil])
    }
}
