/// Where it is tried whether a declared path can be written to.
package enum WriteTestPlace: String, Sendable, Codable, CaseIterable {
    /// In the declared directory as well, by its owner.
    case directory
    /// Only on the storage that holds it: programs obey every file of the directory.
    case storage
}

/// What became of a write that was tried for one declared path.
package struct WriteTest: Hashable, Sendable {
    /// How one write went.
    package enum Outcome: Hashable, Sendable {
        case works
        /// It was refused, for this reason.
        case fails(String)
        /// It could not be tried, for this reason.
        case untried(String)
    }

    /// On the storage that holds the path, in Ebb's own directory; `nil`: that is not asked.
    package var storage: Outcome?
    /// In the declared directory; `nil`: that is not asked.
    package var directory: Outcome?

    package init(storage: Outcome?, directory: Outcome?) { (self.storage, self.directory) = (storage, directory) }
}

extension DeclaredFinding {
    /// What the finding is once a write was tried; `nil`: the host did not say how it went.
    ///
    /// A write that one of the two places took shows that the other could not be tried for a reason of its own.
    package func tried(_ test: WriteTest?) -> DeclaredFinding {
        guard verdict == .inEffect else { return self }
        guard let test else { return with(.unknown, "the host did not say whether a write succeeds") }
        for (outcome, place) in [(test.directory, "\(entry.path), by its owner,"), (test.storage, "its storage")] {
            if case .fails(let why) = outcome {
                return with(.readOnly, "a write was tried in \(place) and failed: \(why)" + Self.cure(of: why))
            }
        }
        let outcomes = [test.directory, test.storage].compactMap(\.self)
        guard !outcomes.contains(.works), case .untried(let why) = outcomes.first else { return self }
        return with(.unknown, "a write could not be tried: \(why)")
    }

    /// What to do about a storage that takes no more, which no declaration can cure.
    private static func cure(of why: String) -> String {
        switch why {
        case "No space left on device":
            "; the storage is full: free room there or enlarge it, then `ebb persistence verify`"
        case "Disk quota exceeded", "Quota exceeded":
            "; its quota is spent: free room there or raise it, then `ebb persistence verify`"
        default: ""
        }
    }

    private func with(_ verdict: Verdict, _ reason: String) -> DeclaredFinding {
        DeclaredFinding(entry: entry, verdict: verdict, reason: reason)
    }
}
