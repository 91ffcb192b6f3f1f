import EbbCompliance
import EbbModel
import EbbReport
import Foundation
import Testing

/// Paths, outputs, groups and waivers that want to execute, to break a row, or to be obeyed by a
/// terminal: scripts, formulas, SQL, escapes, newlines, and ten thousand bytes in one name.
@Suite struct HostileExportTests {
    private func text(_ format: ComplianceFormat) throws -> String { try Fleet.report().rendered(as: format) }

    /// No byte that a terminal obeys, and nothing that turns the writing direction.
    private func expectQuiet(_ text: String, _ format: ComplianceFormat) {
        let loud = text.unicodeScalars.first { scalar in
            switch scalar.properties.generalCategory {
            case .control: scalar != "\n" && !(scalar == "\r" && format.isCSV)
            case .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        #expect(loud == nil, "\(format): \(loud.map(\.value) ?? 0)")
    }

    private func objects(_ format: ComplianceFormat) throws -> [String: Any] {
        let text = try text(format)
        expectQuiet(text, format)
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(value as? [String: Any])
    }

    @Test func `json gives every hostile text back as it was`() throws {
        let hosts = try #require(try objects(.json)["hosts"] as? [[String: Any]])
        let pi = try #require(hosts.first { $0["host"] as? String == "pi1" })
        let paths = try #require(pi["paths"] as? [[String: Any]]).compactMap { $0["path"] as? String }
        for hostile in Fleet.hostile { #expect(paths.contains("/" + hostile), "\(hostile.debugDescription)") }
        #expect(paths.contains { $0.utf8.count == 10_241 })
    }

    @Test func `ndjson stays one record a line`() throws {
        let text = try text(.ndjson)
        expectQuiet(text, .ndjson)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 1 + 6 + 1)
        for line in lines.dropLast() {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
    }

    @Test(arguments: [ComplianceFormat.csv, .findingsCSV]) func `csv keeps its columns and holds no formula`(
        format: ComplianceFormat
    ) throws {
        let text = try text(format)
        expectQuiet(text, format)
        let rows = CSVReader.rows(text)
        let width = try #require(rows.first).count
        #expect(rows.allSatisfy { $0.count == width })
        let cells = rows.joined()
        #expect(
            cells.allSatisfy { cell in
                let first = cell.unicodeScalars.first { !$0.properties.isWhitespace }
                return first.map { !"=+-@＝＋－＠|%".unicodeScalars.contains($0) } ?? true
            })
        #expect(cells.contains { $0.contains("DROP TABLE") })
        #expect(cells.allSatisfy { $0.utf8.count <= 40_000 })
    }

    @Test func `markdown keeps its rows and links to nowhere`() throws {
        let text = try text(.markdown)
        expectQuiet(text, .markdown)
        #expect(!text.contains("<script") && !text.contains("](") && !text.contains("http:"))
        for line in text.split(separator: "\n") where line.hasPrefix("| ") {
            var bars = 0
            var isEscaped = false
            for character in line {
                if character == "|", !isEscaped { bars += 1 }
                isEscaped = character == "\\" && !isEscaped
            }
            #expect(bars == 4 || bars == 5, "\(line)")
        }
    }

    @Test func `html has the tags and attributes that Ebb writes, and no others`() throws {
        let page = try text(.html)
        expectQuiet(page, .html)
        let body = try #require(page.range(of: "</style>")).upperBound
        var tags: Set<String> = []
        var attributes: Set<String> = []
        for match in page[body...].matches(of: #/<([!/a-zA-Z][^\s>]*)([^>]*)>/#) {
            tags.insert(String(match.1.drop { $0 == "/" }))
            for attribute in match.2.matches(of: #/([a-zA-Z-]+)=\"[^\"]*\"/#) { attributes.insert(String(attribute.1)) }
        }
        let known = """
            head body header main footer section p h1 h2 span time ul li b div figure figcaption svg \
            rect text tspan line polyline table thead tbody tr th td a i br small code dl dt dd html
            """.split(separator: " ").map(String.init)
        #expect(tags.subtracting(known).isEmpty, "\(tags.subtracting(known))")
        let plain = """
            class id href scope rowspan tabindex role title aria-label aria-labelledby viewBox x y \
            width height text-anchor points data-label x1 x2 y1 y2 preserveAspectRatio
            """.split(separator: " ").map(String.init)
        #expect(attributes.subtracting(plain).isEmpty, "\(attributes.subtracting(plain))")
    }

    @Test func `junit is a document and quiet`() throws {
        let text = try text(.junit)
        expectQuiet(text, .junit)
        #expect(XMLCounter.count(text).isWellFormed)
    }

    @Test func `metrics are comments and samples, line by line`() throws {
        let text = try text(.metrics)
        expectQuiet(text, .metrics)
        let sample = #/[a-z_]+(\{[a-z]+="([^"\\\n]|\\[\\"n])*"(,[a-z]+="([^"\\\n]|\\[\\"n])*")*\})? -?[0-9]+/#
        for line in text.split(separator: "\n") where !line.hasPrefix("# ") {
            #expect(line.wholeMatch(of: sample) != nil, "\(line)")
        }
        #expect(text.hasSuffix("# EOF\n"))
        #expect(text.components(separatedBy: "# EOF").count == 2)
    }

    @Test func `sarif points at encoded addresses only`() throws {
        let runs = try #require(try objects(.sarif)["runs"] as? [[String: Any]])
        let results = try #require(runs.first?["results"] as? [[String: Any]])
        #expect(results.count > Fleet.hostile.count)
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%:")
        for result in results {
            let locations = try #require(result["locations"] as? [[String: Any]])
            let physical = locations.first?["physicalLocation"] as? [String: Any]
            guard let artifact = physical?["artifactLocation"] as? [String: Any] else { continue }
            let uri = try #require(artifact["uri"] as? String)
            #expect(uri.hasPrefix("ssh://") && uri.allSatisfy(allowed.contains), "\(uri)")
        }
    }

    @Test func `oscal keeps one finding a control, whatever the texts`() throws {
        let document = try #require(try objects(.oscal)["assessment-results"] as? [String: Any])
        let results = try #require(document["results"] as? [[String: Any]])
        let findings = try #require(results.first?["findings"] as? [[String: Any]])
        let judged = try Fleet.report().hosts.flatMap(\.controls).filter { $0.verdict != .notApplicable }
        #expect(findings.count == judged.count)
        #expect(Set(findings.compactMap { $0["uuid"] as? String }).count == findings.count)
    }

    @Test func `the table of a terminal stays one line a host`() throws {
        let text = try text(.table)
        expectQuiet(text, .table)
        #expect(text.split(separator: "\n").count == 1 + 6 + 1)
    }
}

extension ComplianceFormat { fileprivate var isCSV: Bool { self == .csv || self == .findingsCSV } }
