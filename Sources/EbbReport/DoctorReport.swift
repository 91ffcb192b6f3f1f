package import EbbModel

/// What `ebb doctor` found, host by host.
package struct DoctorReport: Sendable {
    package let hosts: [(host: HostName, checks: [DoctorCheck])]

    /// What servers offered before anybody was logged in.
    package let offers: [HostName: Offer]
    /// The library that speaks SSH.
    package let library: Offer?

    package init(
        hosts: [(host: HostName, checks: [DoctorCheck])], offers: [HostName: Offer] = [:], library: Offer? = nil
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
            "schema": "ebb.doctor/1",
            "library": .optional(library) {
                $0.json(["name": "libssh2", "version": .string($0.banner)], trouble: "refusal")
            },
            "hosts": .array(
                hosts.map { host, checks in
                    [
                        "host": .string(host.text), "checks": .array(checks.map(Self.json)),
                        "offered": .optional(offers[host]) {
                            $0.json(["banner": .string($0.banner)], trouble: "advice")
                        },
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
            if let advice = offer.trouble, checks.contains(where: { $0.name == .keyExchange && $0.state == .failed }) {
                text += "  \(PrintableText.line(advice))\n"
            }
            if showingOffers { text += "\n\(host): " + PrintableText.line(offer.banner) + "\n" + offer.text }
        }
        if let library, showingOffers { text += "\nlibssh2 \(library.banner)\n" + library.text }
        if let refusal = library?.trouble { text += TextRole.bad.paint("\n\(refusal)\n", color: color) }
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

extension DoctorReport {
    /// What one end of a connection can do before anybody is logged in: a server, or the library that speaks SSH.
    package struct Offer: Sendable {
        /// A server's own words, which are hostile text; the library's version.
        package let banner: String
        package let keyExchange: [String]
        package let hostKeys: [String]
        package let ciphers: [String]
        package let macs: [String]
        /// `nil` for the library.
        package let loginMethods: [String]?
        /// Why libssh2 cannot agree with the server, and the cures, or why the library must not be used.
        package let trouble: String?

        package init(
            banner: String, keyExchange: [String], hostKeys: [String], ciphers: [String], macs: [String],
            loginMethods: [String]? = nil, trouble: String?
        ) {
            (self.banner, self.keyExchange, self.hostKeys, self.ciphers) = (banner, keyExchange, hostKeys, ciphers)
            (self.macs, self.loginMethods, self.trouble) = (macs, loginMethods, trouble)
        }

        /// The lists, as documents call them and as people do.
        private var lists: [(key: String, title: String, names: [String])] {
            [
                ("keyExchange", "key exchange", keyExchange), ("hostKeys", "host keys", hostKeys),
                ("ciphers", "ciphers", ciphers), ("macs", "MACs", macs),
            ] + (loginMethods.map { [("loginMethods", "logins", $0)] } ?? [])
        }

        /// The lists between what names the end and what troubles it.
        func json(_ head: JSON, trouble name: String) -> JSON {
            head + .object(lists.map { .init($0.key, .strings($0.names)) }) + [name: .optional(trouble)]
        }

        var text: String {
            lists.map { _, title, names in
                let padding = String(repeating: " ", count: max(0, 14 - title.count))
                let list = names.isEmpty ? "not known" : names.joined(separator: ", ")
                return "  \(title)\(padding)\(PrintableText.line(list))\n"
            }.joined()
        }
    }
}
