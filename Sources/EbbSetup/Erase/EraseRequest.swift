package import EbbModel

/// What a boot shall do, and when it shall rather stop.
package struct EraseRequest: Hashable, Sendable {
    /// Whether the boot erases.
    package enum Stage: String, Sendable, Codable, CaseIterable {
        /// It checks that it could, and says so.
        case trial
        /// It erases.
        case armed
    }

    /// What happens when the root cannot be erased.
    package enum Failure: String, Sendable, Codable, CaseIterable {
        /// The boot ends in the rescue shell.
        case stop
        /// The host boots as it is, and says so in `/run/ebb/erase`.
        case dirty
    }

    package var root: RootSettings
    /// Mount point of the persistent storage that holds Ebb's own settings.
    package var storage: String
    /// The blank that the boot must find.
    package var identity: BlankIdentity?
    package var stage: Stage
    package var onFailure: Failure

    package init(
        root: RootSettings, storage: String, identity: BlankIdentity? = nil, stage: Stage, onFailure: Failure = .stop
    ) {
        (self.root, self.storage, self.identity, self.stage) = (root, storage, identity, stage)
        self.onFailure = onFailure
    }
}

/// Why a mechanism cannot be set up, in words that name the cure.
package struct EraseRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}
