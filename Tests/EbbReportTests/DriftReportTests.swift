import EbbModel
import EbbReport
import Foundation
import Testing

@Suite struct DriftReportTests {
    private func line(
        _ path: [UInt8], _ verdict: PathVerdict = .unexplained, _ stateClass: StateClass = .unknown, size: Int64? = 1
    ) -> DriftReport.Line {
        let change = PathChange(path: BytePath(bytes: path), change: .added, kind: .file, size: size)
        return DriftReport.Line(
            entry: DriftEntry(change: change, verdict: verdict, stateClass: stateClass, reason: "r"), size: size)
    }

    private func report(_ hosts: [DriftReport.Host]) -> DriftReport {
        DriftReport(generatedAt: Date(timeIntervalSince1970: 1_790_000_000), hosts: hosts)
    }

    @Test func `no name of a file reaches the terminal raw or breaks the document`() throws {
        let nasty: [[UInt8]] = [
            Array("/a\u{1B}[31mred".utf8), Array("/a\nb".utf8), Array("/a\rb".utf8), [0x2F, 0xFF, 0xFE],
            Array("/\u{202E}gpj.exe".utf8), Array("/\"; DROP TABLE".utf8),
            Array(("/" + String(repeating: "x", count: 10_000)).utf8),
        ]
        let host = DriftReport.Host(
            host: try HostName("h"), outcome: .ok, counts: [.unexplained: nasty.count], lines: nasty.map { line($0) })
        let text = report([host]).text(width: 100, color: false)
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(scalar.properties.generalCategory != .control)
            #expect(scalar.properties.generalCategory != .format)
        }
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("h ") }
        #expect(rows.count == nasty.count + 1)

        let json = JSONText.document(report([host]).json)
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let hosts = try #require(object?["hosts"] as? [[String: Any]])
        let entries = try #require(hosts.first?["entries"] as? [[String: Any]])
        #expect(entries.count == nasty.count)
        let invalid = entries.compactMap { $0["pathBase64"] as? String }
        #expect(invalid == [Data([0x2F, 0xFF, 0xFE]).base64EncodedString()])
    }

    @Test func `what is not known is never shown as clean`() throws {
        let gap = ProbeGap(probe: "connect", reason: .unreachable, message: "refused")
        let away = DriftReport.Host(host: try HostName("away"), outcome: .unreachable, gaps: [gap])
        let partial = DriftReport.Host(
            host: try HostName("partial"), outcome: .ok, gaps: [ProbeGap(probe: "drift", reason: .truncated)])
        let clean = DriftReport.Host(host: try HostName("clean"), outcome: .ok)
        for hosts in [[away], [partial], [clean, away], [partial, clean]] {
            let report = report(hosts)
            #expect(report.exitStatus(failOn: [.unexplained]) == .incomplete)
            #expect(!report.isComplete)
            for host in hosts where host.host != clean.host {
                let row = report.text(width: nil, color: false).split(separator: "\n").first {
                    $0.hasPrefix(host.host.text)
                }
                #expect(row?.contains("clean") == false || host.host.text == "clean")
            }
        }
        #expect(report([clean]).exitStatus(failOn: [.unexplained]) == .success)
        var failed = clean
        for (erasure, retention, status) in [
            (BootVerdict.Erasure.notErased, BootVerdict.Retention.kept, ExitStatus.findings),
            (.erased, .lost, .findings), (.unknown, .leaked, .findings), (.erased, .kept, .success),
            (.unknown, .unknown, .success),
        ] {
            failed.boot = BootVerdict(erasure: erasure, retention: retention, reasons: [])
            #expect(report([failed]).exitStatus(failOn: []) == status)
            let isSaid = report([failed]).text(width: nil, color: false).contains(
                "runs a boot that was judged \(erasure.rawValue)")
            #expect(isSaid == (status == .findings))
        }
    }

    @Test func `a host whose boot is not proven is not called clean, at any width`() throws {
        let clean = DriftReport.Host(host: try HostName("h"), outcome: .ok)
        var hosts: [(String, DriftReport.Host, EbbModel.ExitStatus)] = []
        for (word, attempt) in [("failed boot", AttemptState.failed), ("not proven", .inconclusive)] {
            var host = clean
            host.attempt = attempt
            hosts.append((word, host, attempt == .failed ? .findings : .incomplete))
        }
        var host = clean
        host.undecided = [CensusFinding("/etc/app", .unknown, "not as it was", isUndecided: true)]
        hosts.append(("undecided", host, .incomplete))
        host = clean
        host.isOverridden = true
        host.boot = BootVerdict(erasure: .erased, retention: .unknown, reasons: [])
        hosts.append(("not proven", host, .incomplete))
        for (word, host, status) in hosts {
            for width in [50, 80, 200] {
                let text = report([host]).text(width: width, color: false)
                let row = text.split(separator: "\n").first { $0.hasPrefix("h ") }
                #expect(row?.prefix(50).contains(word) == true && row?.contains("clean") == false, "\(text)")
                #expect(text.contains("1 host: 0 clean"), "\(text)")
            }
            #expect(report([host]).exitStatus(failOn: []) == status, "\(word)")
        }
        host.boot = BootVerdict(erasure: .erased, retention: .kept, reasons: [])
        #expect(report([host]).exitStatus(failOn: []) == .success)
    }

    @Test func `the most dangerous paths come first`() {
        let lines = [
            line(Array("/cache".utf8), .unexplained, .cache, size: 1 << 30), line(Array("/big".utf8), size: 100),
            line(Array("/small".utf8), size: 1), line(Array("/key".utf8), .unexplained, .secret),
            line(Array("/leak".utf8), .leaked, .unknown),
        ]
        let order = lines.sorted(by: DriftReport.isMoreDangerous).map(\.entry.change.path.printable)
        #expect(order == ["/leak", "/key", "/big", "/small", "/cache"])
    }

    @Test func `sizes that no disk has end no report`() throws {
        let sizes: [Int64] = [.max, .max, .min]
        let lines = sizes.enumerated().map { line(Array("/\($0)".utf8), size: $1) }
        let hosts = try ["a", "b"].map { name in
            DriftReport.Host(
                host: try HostName(name), outcome: .ok, counts: [.unexplained: .max],
                bytes: [.unexplained: .max, .leaked: .max], lines: lines)
        }
        let report = report(hosts)
        #expect(report.sharedPaths.compactMap(\.size).contains(.max))
        for text in [
            report.text(width: 80, color: false), report.tree(color: false), report.pathsText(width: nil, color: false),
        ] { #expect(text.contains("8192P")) }
        #expect(JSONText.document(report.json).contains("9223372036854775807"))
    }
}
