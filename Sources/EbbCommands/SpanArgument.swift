import ArgumentParser
import EbbModel

/// A length of time on the command line, such as `30s` or `2h`.
package struct SpanArgument: Sendable, Hashable, ExpressibleByArgument {
    package let seconds: Int

    package init(seconds: Int) { self.seconds = seconds }

    package init?(argument: String) {
        guard let seconds = TimeSpan.seconds(argument), seconds > 0 else { return nil }
        self.seconds = seconds
    }

    package var defaultValueDescription: String { TimeSpan.text(seconds) }

    /// The length as the concurrency library wants it.
    package var duration: Duration { .seconds(seconds) }
}
