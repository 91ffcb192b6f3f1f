/// The parts of `ebb.drift/1` that the tests read.
struct DriftDocument: Decodable {
    struct Host: Decodable {
        struct Entry: Decodable {
            let path: String
            let change: String
            let verdict: String
        }

        struct Gap: Decodable {
            let probe: String
            let reason: String
            let message: String
        }

        let host: String
        let outcome: String
        let complete: Bool
        let strategy: String?
        let counts: [String: Int]
        let entries: [Entry]
        let gaps: [Gap]
    }

    let schema: String
    let complete: Bool
    let hosts: [Host]

    func host(_ name: String) -> Host? { hosts.first { $0.host == name } }
}

/// The parts of `ebb.rollout/1` that the tests read.
struct RolloutDocument: Decodable {
    struct Host: Decodable {
        let host: String
        let state: String
        let reason: String?
        let message: String
        let bootBefore: String?
        let bootAfter: String?
        let erasure: String?
        let retention: String?
        let evidence: [String]
    }

    let schema: String
    let id: Int64
    let state: String
    let hosts: [Host]

    func host(_ name: String) -> Host? { hosts.first { $0.host == name } }
}
