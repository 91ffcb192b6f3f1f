import Glibc
import Synchronization

/// Stands in for the agent with a server's host key, and stops whoever asks it for a signature.
///
/// Who asks is the `sshd` of one connection, in the middle of its key exchange.
final class FreezingAgent: Sendable {
    /// The system refused a socket.
    struct CannotListen: Error { let code: Int32 }

    private let listener: Int32
    private let isOver = Atomic(false)

    /// Listens at a path until `close()`; what it answers with runs in a thread of its own.
    init(socket path: String) throws(CannotListen) {
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { target in
            target.copyBytes(from: path.utf8.prefix(target.count - 1))
        }
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 128) == 0 else { throw CannotListen(code: errno) }
        let context = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<FreezingAgent>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context)
        pthread_detach(thread)
    }

    /// Ends the thread and closes every descriptor.
    func close() {
        isOver.store(true, ordering: .relaxed)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve() {
        var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        while !isOver.load(ordering: .relaxed) {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for entry in polled.dropFirst() where entry.revents != 0 {
                // It will hear nothing more, so it is not asked again.
                if asksForSignature(entry.fd) { stopPeer(of: entry.fd) }
                polled.removeAll { $0.fd == entry.fd }
                Glibc.close(entry.fd)
            }
            if polled[0].revents != 0 {
                let peer = accept(listener, nil, nil)
                if peer >= 0 { polled.append(pollfd(fd: peer, events: Int16(POLLIN), revents: 0)) }
            }
        }
        for entry in polled { Glibc.close(entry.fd) }
    }

    private func asksForSignature(_ peer: Int32) -> Bool {
        var head = [UInt8](repeating: 0, count: 5)
        return recv(peer, &head, head.count, Int32(MSG_WAITALL)) == 5 && head[4] == 13
    }

    private func stopPeer(of peer: Int32) {
        // SO_PEERCRED: process, user, group.
        var credentials: (pid_t, uid_t, gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        if getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 { kill(credentials.0, SIGSTOP) }
    }
}
