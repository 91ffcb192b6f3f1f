import CLibSSH2
package import EbbModel
package import EbbTransport
import NIOCore

extension SSHTransport {
    /// How a host lets the user log in, such as `publickey`; nothing is logged in.
    ///
    /// Asked of the host itself only: a host behind jump hosts needs them logged in first.
    package func loginMethods(of settings: ConnectionSettings, timeout: Duration) async throws(TransportError)
        -> [String]
    {
        try await SSHSession.lent(for: settings.host, on: nextLoop()) { session throws(TransportError) in
            try await session.loginMethods(settings, files: files, timeout: timeout)
        }
    }
}

extension SSHSession {
    /// Connects, checks the host, and asks what it would accept.
    fileprivate func loginMethods(_ settings: ConnectionSettings, files: RunFiles, timeout: Duration)
        async throws(TransportError) -> [String]
    {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let watchdog = scheduleEstablished(by: deadline, timeout: timeout)
        defer { cancel(watchdog) }
        let policy = try files.hostKeyPolicy(for: settings)
        let addresses = try await resolve(settings.address, port: settings.port)
        try await connect(to: addresses, deadline: deadline)
        _ = try await exchangeKeys(policy, of: settings)
        phase = .authenticate
        return try await offeredMethods(user: settings.user)
    }

    /// The methods that the host offers before anything was tried; none where it wants none.
    func offeredMethods(user: String) async throws(TransportError) -> [String] {
        var list: [String] = []
        let code = try await perform { engine in
            let text = libssh2_userauth_list(engine.session, user, UInt32(user.utf8.count))
            if let text {
                list = String(cString: text).split(separator: ",").map(String.init)
                return 0
            }
            return libssh2_userauth_authenticated(engine.session) == 1 ? 0 : libssh2_session_last_errno(engine.session)
        }
        guard code == 0 else { throw brokenOff(.connectFailed, "The host hung up during \(phase.words)", code) }
        return list.map { PrintableText.line($0) }
    }
}
