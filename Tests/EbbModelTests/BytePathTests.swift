import EbbModel
import EbbTestSupport
import Foundation
import Testing

@Suite struct BytePathTests {
    @Test(arguments: [
        ("/var/lib", "/var/lib", true), ("/var/lib/x", "/var/lib", true), ("/var/library", "/var/lib", false),
        ("/var", "/var/lib", false), ("/x", "/", true), ("/", "/", true),
    ]) func `inside means below a directory, not a common beginning`(path: String, directory: String, isInside: Bool) {
        #expect(BytePath(path).isInside(BytePath(directory)) == isInside)
    }

    @Test func `a parent with the last component appended is the path`() {
        for text in ["/a", "/a/b", "/a/b c/\n"] {
            let path = BytePath(text)
            let name = path.bytes[((path.bytes.lastIndex(of: 0x2F) ?? 0) + 1)...]
            #expect(path.parent.appending(name) == path)
        }
        #expect(BytePath("/").parent == BytePath("/"))
    }

    @Test func `every path survives being written as JSON`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let paths = (0..<500).map { _ in BytePath(bytes: HostileText.bytes(&random)) }
        let data = try JSONEncoder().encode(paths)
        #expect(try JSONDecoder().decode([BytePath].self, from: data) == paths, "seed \(seed)")
    }
}
