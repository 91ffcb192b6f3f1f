package import EbbTransport

/// A host key that was not accepted, as the cause of the error that says so.
package struct HostKeyRefusal: Error, Hashable {
    /// The key that was shown, and proven to be owned.
    package let key: HostKey
    package let verdict: HostKeyPolicy.Verdict
    /// Under which name a known_hosts file would hold it: `host` or `[host]:port`.
    package let name: String
    /// The files in which it was looked for, first the one to pin it in.
    package let files: [String]
}

extension HostKeyRefusal {
    /// The refusal behind an error of a transport, a jump host's included; nil for other errors.
    package init?(behind error: any Error) {
        if let refusal = error as? HostKeyRefusal {
            self = refusal
        } else if let cause = (error as? TransportError)?.cause, let refusal = HostKeyRefusal(behind: cause) {
            self = refusal
        } else {
            return nil
        }
    }
}
