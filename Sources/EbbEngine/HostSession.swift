package import EbbModel
package import EbbProbe
package import EbbTransport

/// A host that is connected: asks it questions, one script a round trip.
package struct HostSession: Sendable {
    package let settings: HostSettings
    let connection: any Connection

    /// Runs the probes as root and returns their answers with the raw bytes they came in.
    ///
    /// A probe that failed is a gap in the report; only trouble with the connection, or with
    /// becoming root, is thrown.
    package func ask(_ probes: [ProbeScript.Probe], timeout: Duration) async throws(TransportError) -> HostAnswer {
        let script = ProbeScript(nonce: .random(), probes: probes)
        let request = CommandRequest.script(script.bytes, timeout: timeout).becoming(settings.connection.become)
        let output = try await connection.run(request)
        if let problem = output.becomeProblem(settings.connection.become, host: settings.host) { throw problem }
        let report = ProbeReport(parsing: output.standardOutput, nonce: script.nonce)
        // Nothing of the script ran: what is said is about becoming root, not about the probes.
        if !report.isComplete, report.results.isEmpty, !output.end.isSuccess {
            let said = ProbeResult.message(output.standardError)
            throw TransportError(
                .becomeFailed, phase: .command, host: settings.host,
                "the script was not run: \(said.isEmpty ? "no reason was given" : said)")
        }
        return HostAnswer(report: report, raw: output.standardOutput, standardError: output.standardError)
    }
}

/// What came back from one script.
package struct HostAnswer: Sendable {
    package let report: ProbeReport
    /// Standard output as it arrived, to be stored before it is judged.
    package let raw: [UInt8]
    /// Standard error of the shell itself.
    package let standardError: [UInt8]
}
