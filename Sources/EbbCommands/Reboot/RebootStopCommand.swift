package import ArgumentParser
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb reboot stop`: keeps hosts from being rebooted until the flag is lifted or expires.
package struct RebootStopCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Sets a stop flag; without a reason, lists the flags."
    ).example("ebb reboot stop --group web --reason 'release day' --for 12h")

    @Option(help: "Only this host.") var host: String?

    @Option(help: "Only this group.") var group: String?

    @Option(help: "Why.") var reason: String?

    @Option(name: .customLong("for"), help: "How long, such as 12h; without it until it is lifted.") var span:
        SpanArgument?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let store = try Store.open(options.databasePath)
        guard let reason else { return try await list(store) }
        let scope: StopFlag.Scope
        switch (host, group) {
        case (let host?, nil): scope = .host(try HostName(host))
        case (nil, let group?): scope = .group(group)
        case (nil, nil): scope = .fleet
        case (.some, .some): throw Failure(.usage, "a flag is for a host or for a group")
        }
        let now = Date()
        let seconds = span.map { Double($0.duration.components.seconds) }
        let id = try await store.setStopFlag(
            StopFlag(
                scope: scope, reason: reason, author: Operator.name, setAt: now,
                expiresAt: seconds.map { now.addingTimeInterval($0) }))
        options.notes.note("stop flag \(id.value) is set")
    }

    private func list(_ store: Store) async throws {
        var table = TextTable([
            .init("FLAG", .right), .init("STOPS"), .init("UNTIL"), .init("BY"), .init("REASON", shrinks: true),
        ])
        for stored in try await store.stopFlags() where stored.isInForce(at: Date()) {
            let flag = stored.flag
            let what =
                switch flag.scope {
                case .fleet: "every host"
                case .group(let group): "group \(group)"
                case .host(let host): host.text
                }
            table.add([
                .init(stored.id.value), .init(what), .init(flag.expiresAt.map(JSONText.instant) ?? "lifted"),
                .init(flag.author), .init(flag.reason),
            ])
        }
        try options.results.write(table)
    }
}

/// `ebb reboot unstop`: lifts a stop flag.
package struct RebootUnstopCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(commandName: "unstop", abstract: "Lifts a stop flag.")
        .example("ebb reboot unstop 3")

    @Argument(help: "The flag's number.") var flag: Int64

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        try await Store.open(options.databasePath).liftStopFlag(StopFlagID(flag), author: Operator.name, at: Date())
        options.notes.note("stop flag \(flag) is lifted")
    }
}
