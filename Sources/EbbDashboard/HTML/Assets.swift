import Crypto

/// The files that pages load; all come from this process.
enum Assets {
    static let stylesheet = PackageResources.dashboard_css

    static let script = PackageResources.live_js

    static let stylesheetPath = path("dashboard", stylesheet, "css")
    static let iconPath = "/assets/icon.svg"
    /// How long a file that is named by its content may be kept.
    static let forGood = "private, max-age=31536000, immutable"
    static let scriptPath = path("live", script, "js")

    /// Named by its content, so that browsers keep it for good.
    private static func path(_ name: String, _ bytes: [UInt8], _ ending: String) -> String {
        let digest = SHA256.hash(data: bytes).prefix(6)
        let digits = Array("0123456789abcdef")
        let hex = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "/assets/\(name)-\(String(hex)).\(ending)"
    }

    static let icon = Array(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">\
        <rect width="24" height="24" rx="6" fill="#0b6e76"/>\
        <path d="M3 10c3-4 6-4 9 0s6 4 9 0M3 15c3-4 6-4 9 0s6 4 9 0" fill="none" \
        stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>
        """.utf8)
}
