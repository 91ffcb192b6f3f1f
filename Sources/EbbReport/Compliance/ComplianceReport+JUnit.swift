import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One suite per host, one case per control, as CI servers read it.
    ///
    /// A finding is a failure, an open question an error, a waiver or an exemption skipped.
    func writeJUnit(to output: inout some TextOutputStream) {
        output.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n")
        for (index, host) in hosts.enumerated() { output.write(suite(host, index)) }
        output.write("</testsuites>\n")
    }

    private func suite(_ host: HostCompliance, _ index: Int) -> String {
        let name = XMLText.of(host.host.text)
        let failures = host.controls.filter { $0.verdict == .nonCompliant }.count
        let errors = host.controls.filter { $0.verdict.isUndecided || $0.verdict == .error }.count
        let skipped = host.controls.filter {
            $0.verdict == .waived || $0.verdict == .notApplicable
        }.count
        var text = "  <testsuite package=\"ebb.compliance\" id=\"\(index)\" name=\"\(name)\""
        // The schema of CI servers wants a time without a zone; it is UTC.
        text += " timestamp=\"\(JSONText.instant(asOf).prefix(19))\" hostname=\"\(name)\""
        text += " tests=\"\(host.controls.count)\" failures=\"\(failures)\""
        text += " errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"0\">\n"
        text += "    <properties>\n"
        for (key, value) in [
            ("verdict", host.verdict.rawValue), ("evidence-head", provenance.chainHead),
            ("groups", host.groups.joined(separator: " ")),
        ] {
            text += "      <property name=\"\(key)\" value=\"\(XMLText.of(value))\"/>\n"
        }
        text += "    </properties>\n"
        for result in host.controls { text += testCase(result, host: name) }
        return text + "    <system-out/>\n    <system-err/>\n  </testsuite>\n"
    }

    private func testCase(_ result: ControlResult, host: String) -> String {
        let open =
            "    <testcase name=\"\(result.control.rawValue)\" classname=\"\(host)\" time=\"0\""
        let sentence = XMLText.of(result.sentence)
        let element: String
        switch result.verdict {
        case .compliant: return open + "/>\n"
        case .nonCompliant: element = "failure"
        case .stale, .unreachable, .unknown, .error: element = "error"
        case .waived, .notApplicable:
            let waiver = result.waiver.map {
                " Waived until \(XMLText.of($0.until)) by \(XMLText.of($0.by)): "
                    + XMLText.of($0.reason)
            }
            return open + ">\n      <skipped message=\"\(sentence)\(waiver ?? "")\"/>\n"
                + "    </testcase>\n"
        }
        return open
            + ">\n      <\(element) type=\"\(result.verdict.rawValue)\" message=\"\(sentence)\""
            + "/>\n    </testcase>\n"
    }
}
