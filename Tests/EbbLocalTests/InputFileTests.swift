import Foundation
import Glibc
import Testing

@testable import EbbLocal

struct InputFileTests {
    @Test func `what comes through a pipe is read to its end, as the shell hands it over`() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let text = Array("declared\n".utf8)
        #expect(write(ends[1], text, text.count) == text.count)
        close(ends[1])
        #expect(try InputFile.bytes(of: "/dev/fd/\(ends[0])") == text)
    }

    @Test func `a file that is not there, and a directory, say why`() {
        #expect(throws: SystemError.self) { try InputFile.bytes(of: "/nowhere/declared.json") }
        #expect(throws: SystemError.self) { try InputFile.bytes(of: "/tmp") }
    }
}
