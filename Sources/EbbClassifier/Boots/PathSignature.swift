package import EbbModel

/// All of a changed path that must be equal for it to count as the same again after a boot.
package enum PathSignature {
    /// The signature as text; `nil` where the content of a file is not known.
    ///
    /// Times are no part of it: what is made at each boot is as old as the boot.
    package static func text(of change: PathChange, content: [UInt8]?) -> String? {
        var parts = [change.change.rawValue, change.kind.rawValue]
        if change.change == .removed { return parts.joined(separator: " ") }
        parts.append(change.mode.map { String($0, radix: 8) } ?? "-")
        parts.append(change.uid.map { String($0) } ?? "-")
        parts.append(change.gid.map { String($0) } ?? "-")
        switch change.kind {
        case .file:
            guard let size = change.size else { return nil }
            parts.append(String(size))
            if size > 0 {
                guard let content else { return nil }
                parts.append(hexadecimal(content))
            }
        case .symlink: parts.append(change.linkTarget?.base64 ?? "-")
        case .directory, .fifo, .socket, .block, .character: break
        }
        return parts.joined(separator: " ")
    }

    /// Whether a path is the same in two observations; `nil` where that is not known.
    package static func same(_ left: PathChange, _ leftContent: [UInt8]?, _ right: PathChange, _ rightContent: [UInt8]?)
        -> Bool?
    {
        guard left.change == right.change, left.kind == right.kind, left.mode == right.mode, left.uid == right.uid,
            left.gid == right.gid, left.linkTarget == right.linkTarget, left.kind != .file || left.size == right.size
        else { return false }
        guard let one = text(of: left, content: leftContent), let two = text(of: right, content: rightContent) else {
            return nil
        }
        return one == two
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
