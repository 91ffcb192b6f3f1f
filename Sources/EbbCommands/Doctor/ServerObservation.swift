import EbbModel
import EbbReport
import EbbSSH
import EbbTransport

/// What a server says of itself before anybody is logged in.
struct ServerObservation: Sendable {
    let greeting: ServerGreeting?
    let methods: [String]

    /// Asks a host that is reached without others; of the rest only the connection itself tells.
    init(at settings: ConnectionSettings, timeout: Duration) async {
        guard settings.jumps.isEmpty else {
            greeting = nil
            methods = []
            return
        }
        greeting = try? await ServerGreeting.read(from: settings, timeout: timeout)
        guard let greeting, NegotiationAdvice(greeting, library: .linked).gaps.isEmpty else {
            methods = []
            return
        }
        methods = (try? await SSHTransport().loginMethods(of: settings, timeout: timeout)) ?? []
    }

    /// What a report shows of it.
    var offer: DoctorReport.Offer? {
        greeting.map { greeting in
            DoctorReport.Offer(
                banner: greeting.banner, keyExchange: greeting[.keyExchange], hostKeys: greeting[.hostKey],
                ciphers: greeting[.cipher], macs: greeting[.mac], loginMethods: methods,
                advice: NegotiationAdvice(greeting, library: .linked).explanation)
        }
    }
}

extension DoctorReport.Library {
    /// The libssh2 that this program is linked with.
    static var linked: DoctorReport.Library {
        let library = SSHLibrary.linked
        return DoctorReport.Library(
            version: library.version, keyExchange: library[.keyExchange], hostKeys: library[.hostKey],
            ciphers: library[.cipher], macs: library[.mac], refusal: library.refusal)
    }
}
