import CZlib

/// Whole-buffer compression with zlib.
enum Compression {
    /// How stored bytes are written.
    enum Codec: String {
        case raw, zlib
    }

    /// The smaller of the bytes themselves and what zlib makes of them.
    static func packed(_ bytes: [UInt8]) -> (codec: Codec, bytes: [UInt8]) {
        guard bytes.count > 128 else { return (.raw, bytes) }
        var length = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        let status = compress2(&output, &length, bytes, uLong(bytes.count), 6)
        guard status == Z_OK, Int(length) < bytes.count else { return (.raw, bytes) }
        output.removeLast(output.count - Int(length))
        return (.zlib, output)
    }

    /// The original `size` bytes, or `nil` when the stored ones are damaged.
    static func unpacked(_ bytes: [UInt8], codec: Codec, size: Int) -> [UInt8]? {
        switch codec {
        case .raw: return bytes.count == size ? bytes : nil
        case .zlib:
            var length = uLong(size)
            var output = [UInt8](repeating: 0, count: max(size, 1))
            let status = uncompress(&output, &length, bytes, uLong(bytes.count))
            guard status == Z_OK, Int(length) == size else { return nil }
            return size == 0 ? [] : output
        }
    }
}
