import EbbCompliance
import EbbModel
import EbbReport
import Foundation
import Testing

@Suite struct ComplianceExportTests {
    /// Lets a person open the exports: set EBB_EXPORT_SAMPLES to a directory.
    @Test func `every format is written, for many hosts and for none`() throws {
        let full = try Fleet.report()
        let empty = try Fleet.report(hosts: [])
        let samples = ProcessInfo.processInfo.environment["EBB_EXPORT_SAMPLES"]
        for format in ComplianceFormat.allCases {
            for (name, report) in [("full", full), ("empty", empty)] {
                let text = report.rendered(as: format)
                #expect(!text.isEmpty, "\(format)")
                #expect(text.utf8.last == UInt8(ascii: "\n"), "\(format)")
                if let samples {
                    let file = "\(samples)/\(name)-\(format.rawValue).\(format.fileExtension)"
                    try text.write(toFile: file, atomically: true, encoding: .utf8)
                }
            }
            #expect(full.rendered(as: format) == full.rendered(as: format), "\(format)")
        }
    }

    @Test func `no format lets a control character or a direction mark through`() throws {
        let report = try Fleet.report()
        for format in ComplianceFormat.allCases {
            let bad = report.rendered(as: format).unicodeScalars.filter { scalar in
                switch scalar.properties.generalCategory {
                case .control: scalar != "\n" && scalar != "\r"
                case .format, .lineSeparator, .paragraphSeparator: true
                default: false
                }
            }
            #expect(bad.isEmpty, "\(format): \(bad.map(\.value))")
        }
    }

    @Test func `every host and every verdict is counted, and the counts add up`() throws {
        let report = try Fleet.report()
        let sum = ComplianceVerdict.allCases.reduce(0) { $0 + report.count(of: $1) }
        #expect(sum == report.hosts.count)
        #expect(report.exitStatus == .incomplete)
        let verdicts = Dictionary(uniqueKeysWithValues: report.hosts.map { ($0.host.text, $0.verdict) })
        #expect(
            verdicts == [
                "builder1": .compliant, "db1": .stale, "nas1": .unreachable, "pi1": .nonCompliant, "ghost": .unknown,
                "old1": .unknown,
            ])
        for format in ComplianceFormat.allCases where format != .markdown {
            let text = report.rendered(as: format)
            for host in report.hosts where host.verdict != .compliant {
                #expect(text.contains(host.host.text), "\(format): \(host.host)")
            }
        }
    }

    @Test func `JSON and NDJSON read back with every member of the contract`() throws {
        let report = try Fleet.report()
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(report.rendered(as: .json).utf8)) as? [String: Any])
        #expect(document["schema"] as? String == "ebb.compliance/1")
        let hosts = try #require(document["hosts"] as? [[String: Any]])
        #expect(hosts.count == report.hosts.count)
        let pi = try #require(hosts.first { $0["host"] as? String == "pi1" })
        let paths = try #require(pi["paths"] as? [[String: Any]])
        #expect(paths.contains { $0["path"] as? String == "/<script>alert(1)</script>" })
        #expect(paths.contains { $0["pathBase64"] as? String == "L/8K" })
        let ghost = try #require(hosts.first { $0["host"] as? String == "ghost" })
        #expect(ghost["counts"] is NSNull && ghost["bytesAtRisk"] is NSNull)
        #expect(pi["pathsOmitted"] as? Int == 412 - paths.count)
        let lines = report.rendered(as: .ndjson).split(separator: "\n")
        #expect(lines.count == report.hosts.count + 1)
        for line in lines {
            let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(record?["schema"] as? String == "ebb.compliance/1")
        }
        for format in [ComplianceFormat.sarif, .oscal] {
            _ = try JSONSerialization.jsonObject(with: Data(report.rendered(as: format).utf8))
        }
    }

    @Test func `CSV has one record a host, and no cell is a formula`() throws {
        let report = try Fleet.report()
        for (format, records) in [(ComplianceFormat.csv, report.hosts.count), (.findingsCSV, nil)]
            as [(ComplianceFormat, Int?)]
        {
            let rows = CSVReader.rows(report.rendered(as: format))
            let header = try #require(rows.first)
            if let records { #expect(rows.count == records + 1) }
            for row in rows {
                #expect(row.count == header.count, "\(row.prefix(3))")
                for cell in row {
                    let first = cell.unicodeScalars.first { !$0.properties.isWhitespace }
                    #expect(first.map { !"=+-@＝＋－＠|".unicodeScalars.contains($0) } ?? true)
                    #expect(!cell.contains("\n"))
                }
            }
        }
    }

    @Test func `numbers that nobody counted are empty or absent, never zero`() throws {
        let ghost = try Fleet.report(hosts: ["ghost"])
        let rows = CSVReader.rows(ghost.rendered(as: .csv))
        let column = try #require(rows.first?.firstIndex(of: "unexplained_paths"))
        #expect(rows.last?[column] == "")
        #expect(!ghost.rendered(as: .metrics).contains("ebb_unexplained_paths{"))
        #expect(!ghost.rendered(as: .metrics).contains("ebb_last_proven_boot_timestamp_seconds{"))
    }

    @Test func `the page runs nothing, fetches nothing and shows hostile text as text`() throws {
        let page = try Fleet.report().rendered(as: .html)
        for needle in ["<script", "onload=\"x", "<!--", "src=", "@import", "url(", "javascript:"] {
            #expect(!page.contains(needle), "\(needle)")
        }
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("default-src 'none'"))
        #expect(page.utf8.count < 400_000)
    }

    @Test func `JUnit says failure, error and skipped for what each means`() throws {
        let text = try Fleet.report().rendered(as: .junit)
        let parser = XMLCounter.count(text)
        #expect(parser.isWellFormed)
        #expect(parser.elements["testsuite"] == 6)
        #expect(parser.elements["testcase"] == 6 * Control.allCases.count)
        let report = try Fleet.report()
        let results = report.hosts.flatMap(\.controls)
        #expect(parser.elements["failure"] == results.filter { $0.verdict == .nonCompliant }.count)
        #expect(parser.elements["error"] == results.filter(\.verdict.isUndecided).count)
    }

    @Test func `a table of a terminal has one line a host`() throws {
        let text = try Fleet.report().text(width: 120, color: false)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1 + 6 + 1)
        #expect(lines.last?.hasPrefix("6 hosts: 1 compliant") == true)
    }

    @Test(arguments: ComplianceFormat.allCases) func `sizes and numbers that no disk has end no export`(
        format: ComplianceFormat
    ) throws {
        let report = try Fleet.report(hosts: ["pi1"]) { facts in
            facts.atRisk += [PathVerdict.leaked, .unexplained].map {
                ComplianceFacts.AtRisk(verdict: $0, firstSeen: Fleet.now, count: .max, bytes: .max)
            }
        }
        #expect(!report.rendered(as: format).isEmpty)
        #expect(report.hosts.first?.facts.bytesAtRisk == .max)
    }
}

/// Reads CSV after RFC 4180, independently of the writer.
enum CSVReader {
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                if scalar != "\"" {
                    cell.append(scalar)
                } else if scalars.first == "\"" {
                    cell.append(scalar)
                    scalars.removeFirst()
                } else {
                    isQuoted = false
                }
                continue
            }
            switch scalar {
            case "\"": isQuoted = true
            case ",":
                row.append(String(cell))
                cell = String.UnicodeScalarView()
            case "\r" where scalars.first == "\n":
                scalars.removeFirst()
                rows.append(row + [String(cell)])
                row = []
                cell = String.UnicodeScalarView()
            default: cell.append(scalar)
            }
        }
        return rows
    }
}
