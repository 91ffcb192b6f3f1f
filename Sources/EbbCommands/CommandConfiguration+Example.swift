import ArgumentParser

extension CommandConfiguration {
    /// The configuration, whose help ends with a command line that shows the command at work.
    func example(_ line: String) -> CommandConfiguration {
        var configuration = self
        configuration.discussion += (configuration.discussion.isEmpty ? "" : "\n\n") + "Example: \(line)"
        return configuration
    }
}
