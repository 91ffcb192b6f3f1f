package import EbbModel

/// What `ebb doctor` found, host by host.
package struct DoctorReport: Sendable {
    package let hosts: [(host: HostName, checks: [DoctorCheck])]

    /// What servers offered before anybody was logged in.
    package let offers: [HostName: Offer]
    /// The library that speaks SSH.
    package let library: Library?

    package init(
        hosts: [(host: HostName, checks: [DoctorCheck])], offers: [HostName: Offer] = [:], library: Library? = nil
    ) { (self.hosts, self.offers, self.library) = (hosts, offers, library) }

    /// 4 when something is not known, else 3 when a check failed, else 0.
    ///
    /// A check that failed hides those after it, so a failure on the way to a host means 4.
    package var exitStatus: ExitStatus {
        hosts.flatMap(\.checks).reduce(.success) { status, check in
            switch check.state {
            case .passed: status
            case .failed: status.merged(with: .findings)
            case .unknown: status.merged(with: .incomplete)
            }
        }
    }

    /// The document `ebb.doctor/1`.
    package var json: JSON {
        [
            "schema": "ebb.doctor/1", "library": .optional(library) { $0.json },
            "hosts": .array(
                hosts.map { host, checks in
                    [
                        "host": .string(host.text), "checks": .array(checks.map(Self.json)),
                        "offered": .optional(offers[host]) { $0.json },
                    ]
                }),
        ]
    }

    /// One line per host, and below it what is not well, with its cure.
    ///
    /// `showingOffers` adds what each server and the library can do.
    package func text(width: Int?, color: Bool, showingOffers: Bool = false) -> String {
        var table = TextTable([.init("HOST")] + DoctorCheck.Name.allCases.map { .init($0.rawValue.uppercased()) })
        for (host, checks) in hosts { table.add([.init(host.text, .emphasis)] + checks.map(Self.cell)) }
        var text = table.rendered(width: width, color: color)
        for (host, checks) in hosts {
            for check in checks where check.state == .failed {
                let message = PrintableText.line(check.message)
                text += TextRole.bad.paint("\n\(host): \(check.name.rawValue): ", color: color)
                text += message + "\n"
                if let cure = check.cure { text += "  cure: \(cure)\n" }
            }
            guard let offer = offers[host] else { continue }
            // The server's own words matter where the way to it ends at its greeting.
            if let advice = offer.advice, checks.contains(where: \.isKeyExchangeThatFailed) {
                text += "  \(PrintableText.line(advice))\n"
            }
            if showingOffers { text += "\n\(host): " + PrintableText.line(offer.banner) + "\n" + offer.text }
        }
        if let library, showingOffers { text += "\nlibssh2 \(library.version)\n" + library.text }
        if let refusal = library?.refusal { text += TextRole.bad.paint("\n\(refusal)\n", color: color) }
        return text
    }

    private static func cell(_ check: DoctorCheck) -> TextTable.Cell {
        switch check.state {
        case .passed: .init("ok", .good)
        case .failed: .init("FAILED", .bad)
        case .unknown: .init("?", .warning)
        }
    }

    private static func json(_ check: DoctorCheck) -> JSON {
        [
            "check": .string(check.name.rawValue), "state": .string(check.state.rawValue),
            "message": .string(check.message), "cure": .optional(check.cure),
        ]
    }
}
