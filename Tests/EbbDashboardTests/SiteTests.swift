import EbbDashboard
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials
import Logging
import Testing

struct SiteTests {
    private static let pages = [
        "/", "/?q=web", "/hosts/builder1", "/hosts/db1", "/hosts/evil.example", "/hosts/pi1", "/hosts/new1", "/drift",
        "/rollouts", "/rollouts/1", "/compliance",
    ]

    private func get(
        _ site: Site, _ address: String, _ headers: [String: String] = ["host": "localhost:8417"],
        method: String = "GET"
    ) async throws -> SiteClient.Answer {
        try await SiteClient.with(site) { try await $0.get(address, headers, method: method) }
    }

    /// The text as a browser writes it into an address.
    private static func escaped(_ text: String) -> String { PercentEncoding.of(text.utf8) }

    /// Whether a terminal has nothing to obey, and no text can turn the direction of another.
    private static func isQuiet(_ text: String) -> Bool {
        !text.unicodeScalars.contains {
            $0.value < 32 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) || $0 == "\u{202E}"
        }
    }

    /// Markup that is whole, and in which nothing runs but the one script of this server's own.
    private static func expectHarmless(_ text: String, _ page: String) {
        #expect(MarkupCheck(text).problems.isEmpty, "\(page): \(MarkupCheck(text).problems)")
        let script = #/<script src="\/assets\/live-[0-9a-f]+\.js" defer><\/script>/#
        let own = text.replacing(script, with: "")
        for word in [
            "<script", "style=", " onclick", " onmouseover='", "javascript:", "http://", "<b>", "<img", "<survived",
        ] { #expect(!own.contains(word), "\(word) in \(page)") }
        #expect(isQuiet(text), "\(page)")
        // Names of 10 kB are cut, wherever they come from.
        #expect(!text.contains(String(repeating: "a", count: 500)), "\(page)")
    }

    @Test(arguments: pages) func `a page is whole markup, and what hosts said in it does nothing`(page: String)
        async throws
    {
        let response = try await get(try await SampleFleet().site(), page)
        #expect(response.status == 200)
        Self.expectHarmless(String(decoding: response.body, as: UTF8.self), page)
    }

    @Test(arguments: ["/", "/drift", "/hosts/", "/nothing/", "/rollouts/", "/compliance/export/"])
    func `what a page is asked does nothing in its answer`(page: String) async throws {
        let site = try await SampleFleet().site()
        try await SiteClient.with(site) { client in
            for text in SampleFleet.hostile {
                let isPath = page != "/" && page.hasSuffix("/")
                let value = Self.escaped(text)
                let response = try await client.get(
                    "\(page)\(isPath ? value : "")?q=\(value)&verdict=\(value)&page=\(value)")
                #expect(response.status == (isPath ? 404 : 200), "\(page) \(text.prefix(40))")
                Self.expectHarmless(response.text, page)
                #expect(response.headers.values.allSatisfy { Self.isQuiet($0) })
            }
        }
    }

    @Test func `what a host calls its files is shown and does nothing`() async throws {
        let site = try await SampleFleet().site()
        let text = try await get(site, "/hosts/evil.example").text
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(text.contains("\\x1b[2Jgone"))
        #expect(text.contains("new\\nline"))
        #expect(text.contains("&#39; onmouseover=&#39;alert(1)"))
    }

    @Test func `the first page says what needs attention and what to do`() async throws {
        let text = String(decoding: try await get(try await SampleFleet().site(), "/").body, as: UTF8.self)
        for part in [
            "never-back", "ebb reboot override 1 db1", "kim stopped reboots of the group edge",
            "antenna works &lt;b&gt;until Friday&lt;/b&gt;", "No leaked state",
            "<a href=\"/rollouts/1\">rollout 1</a> reboots 4 hosts", "class=\"num none\">not known",
            "on the 6 observed hosts",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test func `an empty store says how to begin`() async throws {
        let store = try Store.inMemory()
        let reader = FleetReader(store: store, fleet: [])
        let site = Site(reader: reader, access: .anybody(knownAs: ["localhost"]), logger: Logger(label: "test"))
        for (page, advice) in [
            ("/", "ebb init"), ("/drift", "ebb drift all"), ("/rollouts", "ebb reboot plan"),
            ("/compliance", "ebb drift all"),
        ] {
            let text = try await get(site, page).text
            #expect(text.contains(advice), "\(page)")
        }
    }

    @Test func `what is not there is 404, what would write is 405`() async throws {
        let site = try await SampleFleet().site()
        for path in [
            "/nothing", "/hosts/none", "/hosts/../etc", "/rollouts/999", "/rollouts/x", "/assets/none.css",
            "/api/v1/hosts/none", "/api/v2/fleet", "/hosts/a/b",
        ] { #expect(try await get(site, path).status == 404, "\(path)") }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let response = try await get(site, "/", method: method)
            #expect(response.status == 405 && response.headers["allow"] == "GET, HEAD")
            #expect(try await get(site, "/nothing", method: method).status == 405)
        }
    }

    @Test func `only the token opens a page`() async throws {
        let site = try await SampleFleet().site(.token(Secret("correct-horse-battery")))
        let basic = { (text: String) in "Basic " + Data(text.utf8).base64EncodedString() }
        let rows: [(String?, Int)] = [
            (nil, 401), ("Bearer correct-horse-battery", 200), ("bearer correct-horse-battery", 200),
            (basic("anyone:correct-horse-battery"), 200), ("Bearer correct-horse-batter", 401),
            ("Bearer correct-horse-batteryy", 401), ("Bearer ", 401), ("Bearer", 401),
            (basic("correct-horse-battery"), 401), ("Basic %%%", 401), ("Digest correct-horse-battery", 401),
            (basic("x:"), 401),
        ]
        try await SiteClient.with(site) { client in
            for (header, status) in rows {
                for path in ["/", "/api/v1/fleet", "/metrics", "/nothing"] {
                    let headers = header.map { ["authorization": $0] } ?? [:]
                    let answer = try await client.get(path, headers)
                    let expected = status == 200 && path == "/nothing" ? 404 : status
                    #expect(answer.status == expected, "\(header ?? "none") at \(path)")
                    if status == 401 {
                        #expect(answer.headers["www-authenticate"]?.hasPrefix("Basic") == true)
                        #expect(!answer.text.contains("web1"))
                    }
                }
            }
        }
        #expect(try await get(site, "/healthz", [:]).status == 200)
    }

    @Test func `without a token a page of another site cannot read ours`() async throws {
        let site = try await SampleFleet().site(.anybody(knownAs: ["localhost", "127.0.0.1", "[::1]"]))
        let rows = [
            ("localhost", 200), ("localhost:8417", 200), ("127.0.0.1:8417", 200), ("[::1]:80", 200),
            ("evil.example", 403), ("localhost.evil.example", 403), ("", 403),
        ]
        for (host, status) in rows { #expect(try await get(site, "/", ["host": host]).status == status, "\(host)") }
        let behind = try await SampleFleet().site(.proxy(header: "X-Remote-User"))
        #expect(try await get(behind, "/", [:]).status == 401)
        #expect(try await get(behind, "/", ["x-remote-user": "kim"]).status == 200)
    }

    @Test func `every answer carries the headers that keep browsers safe`() async throws {
        let site = try await SampleFleet().site()
        for path in ["/", "/nothing", "/api/v1/fleet", "/metrics", "/healthz"] {
            let headers = try await get(site, path).headers
            #expect(headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(headers["x-content-type-options"] == "nosniff")
            #expect(headers["cache-control"] == "no-store")
        }
    }

    @Test func `the interface answers JSON with a schema, and describes itself`() async throws {
        let site = try await SampleFleet().site()
        let rows = [
            ("/api/v1/fleet", "ebb.fleet/1"), ("/api/v1/hosts/evil.example", "ebb.host/1"),
            ("/api/v1/drift", "ebb.fleet-drift/1"), ("/api/v1/rollouts", "ebb.rollouts/1"),
            ("/api/v1/rollouts/1", "ebb.rollout/1"),
        ]
        struct Head: Decodable {
            let schema: String
            let generatedAt: String
        }
        for (path, schema) in rows {
            let response = try await get(site, path)
            let head = try JSONDecoder().decode(Head.self, from: Data(response.body))
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(Self.isQuiet(text), "\(path)")
            #expect(head.schema == schema && response.headers["content-type"] == "application/json")
        }
        struct Description: Decodable {
            struct Path: Decodable {}
            let paths: [String: Path]
        }
        let answer = try await get(site, "/api/v1/openapi.json")
        let description = try JSONDecoder().decode(Description.self, from: Data(answer.body))
        #expect(description.paths.count == 7)
    }

    @Test func `every export of the compliance page can be taken, and metrics be scraped`() async throws {
        let site = try await SampleFleet().site()
        let page = try await get(site, "/compliance").text
        let addresses = page.split(separator: "href=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }.filter {
            $0.hasPrefix("/compliance/export/")
        }
        #expect(addresses.count == 9)
        for address in addresses {
            let response = try await get(site, address)
            #expect(response.status == 200 && response.body.count > 500, "\(address)")
            let text = String(decoding: response.body, as: UTF8.self)
            let lines = text.replacing("\r\n", with: "\n")
            #expect(Self.isQuiet(lines), "\(address)")
            let isMarkup = ["html", "junit", "markdown"].contains { address.hasSuffix($0) }
            #expect(!isMarkup || !text.contains("<script"), "\(address)")
            #expect(response.headers["content-disposition"]?.hasPrefix("attachment") == true)
        }
        #expect(try await get(site, "/compliance/export/passwd").status == 404)
        let metrics = try await get(site, "/metrics").text
        #expect(metrics.contains("# TYPE ") && metrics.contains("builder1"))
    }

    @Test func `an address is decoded once, and never into another one`() async throws {
        let site = try await SampleFleet().site()
        let rows = [
            ("/hosts/web1", 200), ("/hosts/web%31", 200), ("/hosts/web1/", 200), ("/hosts/web%2531", 404),
            ("/hosts%2Fweb1", 404), ("/hosts/..%2Fhosts%2Fweb1", 404), ("/hosts/%FF", 404), ("/hosts/web1%00", 404),
            ("/hosts/%", 404), ("/hosts/%zz", 404), ("/api/v1/hosts/web%31", 200), ("/api/v1/hosts/x%2Fy", 404),
            ("/rollouts/%31", 404), ("/drift?q=%FF", 200), ("/drift?q=%", 200), ("/drift?%FF=%2525", 200),
            ("/?page=-1", 200),
        ]
        try await SiteClient.with(site) { client in
            for (address, status) in rows {
                let answer = try await client.get(address)
                #expect(answer.status == status, "\(address)")
                if answer.headers["content-type"]?.hasPrefix("text/html") == true {
                    Self.expectHarmless(answer.text, address)
                }
            }
            let twice = try await client.get("/drift?q=%2541")
            #expect(twice.text.contains("value=\"%41\""))
        }
    }

    @Test func `what is too long is refused or cut, and the server goes on`() async throws {
        let site = try await SampleFleet().site()
        try await SiteClient.with(site) { client in
            let long = String(repeating: "a", count: 1 << 20)
            let answer = try? await client.get("/?q=\(long)")
            #expect((answer?.body.count ?? 0) < 100_000)
            let shorter = try await client.get("/?q=\(long.prefix(8_000))")
            #expect(shorter.status == 200)
            #expect(!shorter.text.contains(String(repeating: "a", count: 201)))
            let body = try await client.get("/v1/pre-reboot", method: "POST", body: Array(long.utf8.prefix(20_000)))
            #expect(body.status == 413)
            #expect(try await client.get("/").status == 200)
        }
    }

    @Test(arguments: ["/", "/nothing", "/api/v1/fleet", "/healthz", "/compliance/export/csv"])
    func `HEAD answers as GET does, without the body`(address: String) async throws {
        let site = try await SampleFleet().site()
        try await SiteClient.with(site) { client in
            let (get, head) = (try await client.get(address), try await client.get(address, method: "HEAD"))
            #expect(head.status == get.status && head.body.isEmpty)
            #expect(head.headers["content-length"] == "\(get.body.count)")
            #expect(head.headers["content-type"] == get.headers["content-type"])
        }
    }

    @Test func `a page that follows a rollout gets it, and a HEAD holds no place`() async throws {
        let site = try await SampleFleet().site()
        try await SiteClient.with(site) { client in
            for _ in 0..<70 {
                let head = try await client.get("/rollouts/1/events", method: "HEAD")
                #expect(head.status == 200)
            }
            let request = "GET /rollouts/1/events HTTP/1.1\r\nhost: localhost\r\n\r\n"
            let stream = try await client.send(Array(request.utf8)) { bytes in
                String(decoding: bytes, as: UTF8.self).contains("event: page")
            }
            #expect(stream.status == 200)
            #expect(stream.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(try await client.get("/rollouts/999/events").status == 404)
        }
    }
}
