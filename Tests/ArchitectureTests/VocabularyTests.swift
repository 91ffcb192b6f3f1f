import Foundation
import Testing

/// One word for one thing (`docs/glossary.md`): words that were retired do not come back.
@Suite struct VocabularyTests {
    /// A pattern, and what to say instead.
    private static let retired: [(pattern: String, instead: String)] = [
        (#"\b(gone|go|goes|going|went) on with\b"#, "resumed, continued"),
        (#"was not expected\b"#, "unexpected error: …"), (#"\bare told by\b"#, "see …"),
        (#"Who are you\?|\bNot here\b|Needs somebody"#, "Unauthorized, Not found, Needs attention"),
        (#"\bleft at once\b"#, "Exiting; continue with …"),
        (#"\bisTooGood\b|\bofItsBlank\b|\breportStrangers\b"#, "see the issue of the renaming"),
        (#"\btold\(|\bfarewell\b|\bmost(Files|Bytes|Lines|Entries)\b"#, "rendered(…), drainTimeout, max…"),
        (#"(?i)\bcolour"#, "color"),
        (
            #"\b(a|an|the|each|every|one|last|newest|first|second|complete|incomplete|whole|later"#
                + #"|old|this|no|two|such a) looks?\b"#, "observation"
        ), (#"\b(Host|Server|Due|Preflight|Proof)Looks?\b"#, "…Observation"),
        (
            #"\b(StoredCollection|CollectionTable|CollectionKind|CollectionSightings|latestCollection)\b"#,
            "…Observation…"
        ), (#"\b(he|him|his)\b"#, "they, them, their"),
    ]

    @Test func `words that were retired are used nowhere`() throws {
        var faults: [String] = []
        let expressions = try Self.retired.map { (try NSRegularExpression(pattern: $0.pattern), $0.instead) }
        for file in try Self.files() {
            for (index, line) in file.lines.enumerated() {
                let whole = NSRange(line.startIndex..., in: line)
                for (expression, instead) in expressions {
                    guard let match = expression.firstMatch(in: line, range: whole),
                        let range = Range(match.range, in: line)
                    else { continue }
                    faults.append("\(file.path):\(index + 1): “\(line[range])”: say \(instead)")
                }
            }
        }
        #expect(faults == [])
    }

    /// What people read: code, the scripts that run on hosts, documents.
    ///
    /// Migrations keep their text.
    private static func files() throws -> [SourceFile] {
        var files = try SourceFile.all(below: "Sources")
        files += try SourceFile.all(below: "Sources", ending: ".sh")
        files += try SourceFile.all(below: "docs", ending: ".md")
        files += try SourceFile.all(below: "lab", ending: ".md")
        return files.filter { !$0.path.contains("EbbStore/Schema/") }
    }
}
