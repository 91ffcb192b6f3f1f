import EbbModel

extension DoctorReport {
    /// What a server offers before anybody is logged in.
    package struct Offer: Sendable {
        /// Its own words; hostile text.
        package let banner: String
        package let keyExchange: [String]
        package let hostKeys: [String]
        package let ciphers: [String]
        package let macs: [String]
        package let loginMethods: [String]
        /// Why libssh2 cannot agree with it, and the cures; `nil` where it can.
        package let advice: String?

        package init(
            banner: String, keyExchange: [String], hostKeys: [String], ciphers: [String], macs: [String],
            loginMethods: [String], advice: String?
        ) {
            (self.banner, self.keyExchange, self.hostKeys, self.ciphers) = (banner, keyExchange, hostKeys, ciphers)
            (self.macs, self.loginMethods, self.advice) = (macs, loginMethods, advice)
        }
    }

    /// What the library that speaks SSH can do, of what Ebb agrees to.
    package struct Library: Sendable {
        package let version: String
        package let keyExchange: [String]
        package let hostKeys: [String]
        package let ciphers: [String]
        package let macs: [String]
        /// Why it must not be used; `nil` when it may.
        package let refusal: String?

        package init(
            version: String, keyExchange: [String], hostKeys: [String], ciphers: [String], macs: [String],
            refusal: String?
        ) {
            (self.version, self.keyExchange, self.hostKeys, self.ciphers) = (version, keyExchange, hostKeys, ciphers)
            (self.macs, self.refusal) = (macs, refusal)
        }
    }
}

extension DoctorReport.Offer {
    var json: JSON {
        [
            "banner": .string(banner), "keyExchange": Self.names(keyExchange), "hostKeys": Self.names(hostKeys),
            "ciphers": Self.names(ciphers), "macs": Self.names(macs), "loginMethods": Self.names(loginMethods),
            "advice": .optional(advice),
        ]
    }

    var text: String {
        Self.lines([
            ("key exchange", keyExchange), ("host keys", hostKeys), ("ciphers", ciphers), ("MACs", macs),
            ("logins", loginMethods),
        ])
    }

    fileprivate static func names(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }

    fileprivate static func lines(_ rows: [(String, [String])]) -> String {
        rows.map { title, names in
            let padding = String(repeating: " ", count: max(0, 14 - title.count))
            let list = names.isEmpty ? "not known" : names.joined(separator: ", ")
            return "  \(title)\(padding)\(PrintableText.line(list))\n"
        }.joined()
    }
}

extension DoctorReport.Library {
    var json: JSON {
        [
            "name": "libssh2", "version": .string(version), "keyExchange": DoctorReport.Offer.names(keyExchange),
            "hostKeys": DoctorReport.Offer.names(hostKeys), "ciphers": DoctorReport.Offer.names(ciphers),
            "macs": DoctorReport.Offer.names(macs), "refusal": .optional(refusal),
        ]
    }

    var text: String {
        DoctorReport.Offer.lines([
            ("key exchange", keyExchange), ("host keys", hostKeys), ("ciphers", ciphers), ("MACs", macs),
        ])
    }
}

extension DoctorCheck {
    /// Whether the way to the host ended where algorithms are agreed on.
    var isKeyExchangeThatFailed: Bool { name == .keyExchange && state == .failed }
}
