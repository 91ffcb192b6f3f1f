import EbbModel
import EbbStore

extension Notes {
    /// Names the hosts of which the database kept nothing; what the others gave is shown all the same.
    ///
    /// - Returns: What that means for the exit of the command.
    func problems(_ failed: [(host: HostName, error: StoreError)]) -> ExitStatus {
        for (host, error) in failed { problem("\(host): nothing is known: \(error.message)") }
        return failed.isEmpty ? .success : .incomplete
    }
}
