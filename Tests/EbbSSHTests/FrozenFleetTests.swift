import EbbModel
import EbbSSH
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Glibc
import Testing

/// Hundreds of hosts whose `sshd` is stopped, in every phase, and what is left of them here.
///
/// It counts the threads and descriptors of its own process, so it runs alone, after the other suites of `make test`.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FrozenFleetTests {
    @Test(arguments: [(Subject.libssh2, 29), (.openssh, 3)])
    func `frozen hosts end in their phase and leave no thread and no descriptor`(_ subject: Subject, _ hosts: Int)
        async throws
    {
        // Pools of threads come into being when they are first used.
        let transport = subject.makeTransport()
        try await warmUp(transport, hosts)
        let before = Left()

        let phases = try await withThrowingTaskGroup(of: (FrozenPhase, [Ended]).self) { group in
            for phase in FrozenPhase.allCases { group.addTask { (phase, try await phase.freeze(hosts, transport)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }

        for phase in FrozenPhase.allCases {
            let ended = phases[phase] ?? []
            let wanted = phase.ends(subject)
            #expect(ended.count == hosts)
            #expect(ended.allSatisfy { wanted.contains($0) }, "\(phase): \(Set(ended))")
        }
        let after = try await Left.settled(atMost: before)
        #expect(after.descriptors <= before.descriptors, "\(after.openFiles)")
        #expect(after.threads <= before.threads + Left.workers, "\(after.threadNames)")
    }

    private func warmUp(_ transport: any Transport, _ hosts: Int) async throws {
        try await SSHServer.with { server in
            let settings = try server.settings()
            try await withThrowingTaskGroup { group in
                for _ in 0..<hosts {
                    group.addTask {
                        _ = try await transport.withConnection(to: settings, timeout: .seconds(60)) {
                            connection throws(TransportError) in
                            try await connection.run(script("exit 0", timeout: .seconds(60)))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

/// How the run of one host ended.
struct Ended: Hashable {
    let code: TransportError.Code?
    let phase: TransportError.Phase?
}

/// The descriptors and threads of this process.
private struct Left {
    let openFiles: [String]
    let threadNames: [String]

    /// Dispatch's own threads come and go, as many as there are processors; none of them is a host's.
    static let workers = ProcessInfo.processInfo.activeProcessorCount

    var descriptors: Int { openFiles.count }
    var threads: Int { threadNames.count }

    init() {
        let files = FileManager.default
        func names(_ folder: String) -> [String] {
            ((try? files.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
        }
        openFiles = names("/proc/self/fd").compactMap { try? files.destinationOfSymbolicLink(atPath: $0) }
        threadNames = names("/proc/self/task").compactMap { task in
            files.contents(atPath: "\(task)/comm").map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// What is left once closed sockets and ended threads are gone, for which the kernel takes a moment.
    static func settled(atMost before: Left) async throws -> Left {
        var now = Left()
        _ = try await Poll.until(within: .seconds(10)) {
            now = Left()
            return now.descriptors <= before.descriptors && now.threads <= before.threads + workers
        }
        return now
    }
}
