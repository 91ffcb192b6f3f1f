package import EbbModel

/// Scripts that leave canaries on a host and look for them, and the reading of its answers.
package enum CanaryShell {
    /// Writes each token, flushes file and directory to the disk, and reads it back.
    ///
    /// Answers one line per canary, `INDEX ok INODE BORN CHANGED`; everything else is trouble and goes to standard
    /// error. A positive canary is only written where its mount point really is one, so that it
    /// can never land on the root that is about to be erased. Nothing is written where the host's lease is
    /// not `owner`'s.
    package static func plant(_ canaries: [Canary], owner: String) -> HostScript {
        HostScript(
            PackageResources.canary_plant_sh, values: ["lease": LeaseShell.path, "owner": owner],
            words: canaries.flatMap { [$0.kind.rawValue, $0.mount, $0.path, $0.token] })
    }

    /// The canaries, by index, that are proven to be written, with the file of each.
    package static func planted(_ output: [UInt8]) -> [Int: FileMark] {
        var planted: [Int: FileMark] = [:]
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 5, words[1] == "ok", let index = Int(words[0]), let mark = mark(words[2...]) else {
                continue
            }
            planted[index] = mark
        }
        return planted
    }

    /// `INODE BORN CHANGED`; a file system that keeps no birth gives 0, and some programs a mark.
    private static func mark(_ words: ArraySlice<Substring>) -> FileMark? {
        let words = Array(words)
        guard words.count == 3, !words[0].isEmpty, words[0].utf8.allSatisfy({ (48...57).contains($0) }),
            let changed = Int64(words[2])
        else { return nil }
        return FileMark(inode: String(words[0]), born: Int64(words[1]).flatMap { $0 > 0 ? $0 : nil }, changed: changed)
    }

    /// Looks for each canary, and for one in the blank, if that can be looked at in a directory.
    ///
    /// Answers one line per canary: `INDEX absent MOUNT`, or `INDEX present INODE BORN CHANGED TOKEN
    /// MOUNT`; and `foreign ID` for each that another controller left beside it. An error other than "no such file" gives no line, so that it can never be read as absence.
    package static func read(_ canaries: [Canary], blank: String? = nil) -> HostScript {
        HostScript(
            PackageResources.canary_read_sh,
            words: canaries.map(\.path)
                + (blank.map { [$0 + Canary(kind: .negative, mount: "/", token: canaries.first?.token ?? "").path] }
                    ?? []))
    }

    /// The ids of other controllers that have left canaries on the host, sorted.
    package static func foreign(in output: [UInt8]) -> [String] {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        return Set(lines.filter { $0.count == 2 && $0[0] == "foreign" }.map { String($0[1]) }).sorted()
    }

    /// Asks whether places that a boot erases hold what was there before `since`, in seconds by the host's clock.
    package static func older(at places: [String], since: Int64) -> HostScript {
        HostScript(PackageResources.erased_places_sh, values: ["since": String(since)], words: places)
    }

    /// Whether each place holds something older; what was not answered is left out.
    package static func older(at places: [String], in output: [UInt8]) -> [String: Bool] {
        var found: [String: Bool] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 2, let index = Int(words[0]), places.indices.contains(index) else { continue }
            switch words[1] {
            case "older": found[places[index]] = true
            case "newer": found[places[index]] = false
            default: continue
            }
        }
        return found
    }

    /// What each place holds that is older than the place itself, an example of it.
    package static func nested(at places: [String], in output: [UInt8]) -> [String: BytePath] {
        var found: [String: BytePath] = [:]
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard words.count == 3, words[1].elementsEqual("nested".utf8),
                let index = Int(String(decoding: words[0], as: UTF8.self)), places.indices.contains(index)
            else { continue }
            found[places[index]] = BytePath(places[index]).appending(words[2].dropFirst(2))
        }
        return found
    }

    /// One reading per place that was asked for; what was not answered is unknown, with `gap` as its reason.
    package static func readings(count: Int, in output: [UInt8], gap: ProbeGap) -> [CanaryReading] {
        var readings = [CanaryReading](repeating: .unknown(gap), count: count)
        for line in output.split(separator: UInt8(ascii: "\n")) {
            // The mount is last, and may hold blanks.
            func words(_ count: Int) -> [ArraySlice<UInt8>] {
                line.split(separator: UInt8(ascii: " "), maxSplits: count - 1, omittingEmptySubsequences: false)
            }
            let (short, long) = (words(3), words(7))
            guard let index = Int(String(decoding: short[0], as: UTF8.self)), readings.indices.contains(index),
                short.count == 3
            else { continue }
            if short[1].elementsEqual("absent".utf8) {
                readings[index] = .absent(on: BytePath(bytes: short[2]))
            } else if short[1].elementsEqual("present".utf8), long.count == 7 {
                let text = long.map { Substring(decoding: $0, as: UTF8.self) }
                readings[index] = .present(
                    token: String(text[5]), mount: BytePath(bytes: long[6]), file: mark(text[2...4]))
            }
        }
        return readings
    }
}
