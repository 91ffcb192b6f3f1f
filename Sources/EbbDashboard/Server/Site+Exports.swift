import EbbReport

/// What other programs take away.
extension Site {
    /// The exports of the compliance page, by name and address.
    static let exports = [
        (name: "Fleet as JSON", address: "/api/v1/fleet"),
        (name: "Drift as JSON", address: "/api/v1/drift"),
    ]

    func metrics() async throws -> SiteResponse {
        SiteResponse(type: "text/plain; version=0.0.4; charset=utf-8", body: [])
    }
}
