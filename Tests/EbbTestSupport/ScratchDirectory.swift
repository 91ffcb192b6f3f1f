import FoundationEssentials

/// A directory that only its owner can enter, for as long as a closure runs.
package func withScratchDirectory<Result>(_ body: (_ path: String) async throws -> Result) async throws -> Result {
    let template = "/tmp/ebb-test-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(
        atPath: template, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: template) }
    return try await body(template)
}
