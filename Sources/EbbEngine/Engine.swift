package import EbbClassifier
package import EbbModel
package import EbbProbe
package import EbbStore
package import EbbTransport

/// Everything that work on hosts needs: a way to them, a place for evidence, and clocks.
package struct Engine: Sendable {
    package let transport: any Transport
    package var store: Store
    package let catalogue: Catalogue
    package let limits: EngineLimits
    package let clock: EngineClock
    /// Makes a check of a rebooted host from outside.
    package let checkOutside: OutsideChecker
    /// Recorded with every piece of evidence.
    package let toolVersion: String

    /// Makes the check, in this time, that no command on the host can: why it fails, `nil` where it passes.
    package typealias OutsideChecker = @Sendable (OutsideCheck, ConnectionSettings, Duration) async -> String?

    /// Without a checker no check from outside passes: for work that has nothing to do with reboots.
    package init(
        transport: any Transport, store: Store, catalogue: Catalogue, limits: EngineLimits = EngineLimits(),
        clock: EngineClock = .system(),
        checkOutside: @escaping OutsideChecker = { check, _, _ in "\(check): nothing here can look at it from outside"
        }, toolVersion: String
    ) {
        (self.transport, self.store, self.catalogue, self.limits) = (transport, store, catalogue, limits)
        (self.clock, self.checkOutside, self.toolVersion) = (clock, checkOutside, toolVersion)
    }

    /// Connects, asks, and disconnects.
    package func ask(_ settings: HostSettings, _ probes: [ProbeScript.Probe], timeout: Duration? = nil)
        async throws(TransportError) -> HostAnswer
    {
        let limit = timeout ?? limits.command
        return try await transport.withConnection(to: settings.connection, timeout: limits.connect) {
            connection throws(TransportError) in
            try await HostSession(settings: settings, connection: connection).ask(probes, timeout: limit)
        }
    }
}
