package import EbbModel

/// Scripts that leave canaries on a host and look for them, and the reading of its answers.
package enum CanaryShell {
    /// Writes each token, flushes file and directory to the disk, and reads it back.
    ///
    /// Answers one line per canary, `INDEX ok`; everything else is trouble and goes to standard
    /// error. A positive canary is only written where its mount point really is one, so that it
    /// can never land on the root that is about to be erased.
    package static func plant(_ canaries: [Canary]) -> HostScript {
        HostScript(
            PackageResources.canary_plant_sh,
            words: canaries.flatMap { [$0.kind.rawValue, $0.mount, $0.path, $0.token] })
    }

    /// The canaries, by index, that are proven to be written.
    package static func planted(_ output: [UInt8]) -> Set<Int> {
        Set(
            output.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let words = String(decoding: line, as: UTF8.self).split(separator: " ")
                return words.count == 2 && words[1] == "ok" ? Int(words[0]) : nil
            })
    }

    /// Looks for each canary.
    ///
    /// Answers one line per canary: `INDEX absent`, or `INDEX present TOKEN MOUNT`. An error other
    /// than "no such file" gives no line, so that it can never be read as absence.
    package static func read(_ canaries: [Canary]) -> HostScript {
        HostScript(PackageResources.canary_read_sh, words: canaries.map(\.path))
    }

    /// One reading per canary; what was not answered is unknown, with `gap` as its reason.
    package static func readings(of canaries: [Canary], in output: [UInt8], gap: ProbeGap) -> [CanaryReading] {
        var readings = [CanaryReading](repeating: .unknown(gap), count: canaries.count)
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
            guard words.count >= 2, let index = Int(String(decoding: words[0], as: UTF8.self)),
                readings.indices.contains(index)
            else { continue }
            if words.count == 2, words[1].elementsEqual("absent".utf8) {
                readings[index] = .absent
            } else if words.count == 4, words[1].elementsEqual("present".utf8) {
                readings[index] = .present(
                    token: String(decoding: words[2], as: UTF8.self), mount: BytePath(bytes: words[3]))
            }
        }
        return readings
    }
}
