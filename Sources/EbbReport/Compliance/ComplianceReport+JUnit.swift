import EbbCompliance
import EbbModel
import FoundationEssentials

extension ComplianceReport {
    /// One suite per host, one case per control, as CI servers read it.
    ///
    /// A finding is a failure, an open question an error, a waiver or an exemption skipped.
    func writeJUnit(to output: inout some TextOutputStream) {
        output.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n")
        for (index, host) in hosts.enumerated() { output.write(suite(host, index).text) }
        output.write("</testsuites>\n")
    }

    private func suite(_ host: HostCompliance, _ index: Int) -> Markup {
        func count(_ verdicts: Set<ComplianceVerdict>) -> Int { host.controls.count { verdicts.contains($0.verdict) } }
        let properties = [
            ("verdict", host.verdict.rawValue), ("evidence-head", provenance.chainHead),
            ("groups", host.groups.joined(separator: " ")),
        ].map { name, value -> Markup in
            "      <property name=\"\(name)\" value=\"\(value, limit: PrintableLine.limit)\"/>\n"
        }
        // The schema of CI servers wants a time without a zone; it is UTC.
        return """
              <testsuite package="ebb.compliance" id="\(index)" name="\(host.host.text)" \
            timestamp="\(String(JSONText.instant(asOf).prefix(19)))" hostname="\(host.host.text)" \
            tests="\(host.controls.count)" failures="\(count([.nonCompliant]))" \
            errors="\(count([.stale, .unreachable, .unknown, .error]))" \
            skipped="\(count([.waived, .notApplicable]))" time="0">
                <properties>
            \(properties)    </properties>
            \(host.controls.map { testCase($0, host.host) })    <system-out/>
                <system-err/>
              </testsuite>

            """
    }

    private func testCase(_ result: ControlResult, _ host: HostName) -> Markup {
        let open: Markup = """
                <testcase name="\(result.control.rawValue)" classname="\(host.text)" time="0"
            """
        let sentence: Markup = "\(result.sentence, limit: PrintableLine.limit)"
        func element(_ name: Markup) -> Markup {
            """
            \(open)>
                  <\(name) type="\(result.verdict.rawValue)" message="\(sentence)"/>
                </testcase>

            """
        }
        switch result.verdict {
        case .compliant: return "\(open)/>\n"
        case .nonCompliant: return element("failure")
        case .stale, .unreachable, .unknown, .error: return element("error")
        case .waived, .notApplicable:
            let waiver = result.waiver.map { waiver -> Markup in
                """
                 Waived until \(waiver.until) by \(waiver.by, limit: PrintableLine.limit): \
                \(waiver.reason, limit: PrintableLine.limit)
                """
            }
            return """
                \(open)>
                      <skipped message="\(sentence)\(waiver)"/>
                    </testcase>

                """
        }
    }
}
