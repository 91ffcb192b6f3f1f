package import EbbModel
import Synchronization

extension Connection {
    /// Runs a command and collects its output, up to `limit` bytes of each stream.
    ///
    /// What exceeds the limit is read, counted in `droppedBytes`, and forgotten. `watch` sees all of it
    /// as it arrives, and must not block.
    package func run(
        _ request: CommandRequest, limit: Int = 16 << 20, watch: @escaping @Sendable (OutputChunk) -> Void = { _ in }
    ) async throws(TransportError) -> CommandOutput {
        let captured = Captured(limit: limit)
        let end = try await stream(request) { chunk in
            captured.append(chunk)
            watch(chunk)
        }
        return captured.output(end)
    }
}

/// Bounded buffers that a connection's thread fills.
private final class Captured: Sendable {
    private struct Buffers {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var dropped = 0
    }

    private let limit: Int
    private let buffers = Mutex(Buffers())

    init(limit: Int) { self.limit = limit }

    func append(_ chunk: OutputChunk) {
        buffers.withLock { buffers in
            switch chunk {
            case .standardOutput(let bytes): add(bytes, to: \.output, of: &buffers)
            case .standardError(let bytes): add(bytes, to: \.error, of: &buffers)
            }
        }
    }

    func output(_ end: CommandEnd) -> CommandOutput {
        buffers.withLock { buffers in
            CommandOutput(
                end: end, standardOutput: buffers.output, standardError: buffers.error, droppedBytes: buffers.dropped)
        }
    }

    private func add(_ bytes: [UInt8], to path: WritableKeyPath<Buffers, [UInt8]>, of buffers: inout Buffers) {
        let room = max(0, limit - buffers[keyPath: path].count)
        buffers[keyPath: path].append(contentsOf: bytes.prefix(room))
        buffers.dropped += max(0, bytes.count - room)
    }
}
