import Glibc
import NIOCore

/// Turns a name into addresses, with the system's resolver.
enum Resolver {
    /// Why a name has no address.
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// All addresses in the system's order; blocks, so it runs on a thread that may.
    static func addresses(of name: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            let raw = UnsafeRawPointer(entry.ai_addr)
            if entry.ai_family == AF_INET, let raw {
                addresses.append(SocketAddress(raw.load(as: sockaddr_in.self), host: name))
            } else if entry.ai_family == AF_INET6, let raw {
                addresses.append(SocketAddress(raw.load(as: sockaddr_in6.self), host: name))
            }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw Failure(description: "no address") }
        return addresses
    }
}
