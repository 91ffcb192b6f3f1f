import EbbDashboard
import EbbModel
import EbbStore
import FoundationEssentials
import Logging
import Testing

struct SiteTests {
    private static let pages = [
        "/", "/?q=web", "/hosts/builder1", "/hosts/db1", "/hosts/evil.example", "/hosts/pi1",
        "/hosts/new1", "/drift", "/rollouts", "/rollouts/1", "/compliance",
    ]

    private func get(
        _ site: Site, _ address: String, _ headers: [String: String] = ["host": "localhost:8417"]
    ) async -> SiteResponse {
        let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
        let pairs = parts.dropFirst().flatMap { $0.split(separator: "&") }.map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (sides[0], sides.count > 1 ? sides[1] : "")
        }
        return await site.answer(
            SiteRequest(
                path: parts[0], query: Dictionary(uniqueKeysWithValues: pairs),
                headers: headers))
    }

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
            "<script", "style=", " onclick", " onmouseover='", "javascript:", "http://", "<b>",
            "<img", "<survived",
        ] {
            #expect(!own.contains(word), "\(word) in \(page)")
        }
        #expect(isQuiet(text), "\(page)")
        // Names of 10 kB are cut, wherever they come from.
        #expect(!text.contains(String(repeating: "a", count: 500)), "\(page)")
    }

    @Test(arguments: pages)
    func `a page is whole markup, and what hosts said in it does nothing`(page: String)
        async throws
    {
        let response = await get(try await SampleFleet().site(), page)
        #expect(response.status == 200)
        Self.expectHarmless(String(decoding: response.body, as: UTF8.self), page)
    }

    @Test(arguments: ["/", "/drift", "/hosts/", "/nothing/", "/rollouts/", "/compliance/export/"])
    func `what a page is asked does nothing in its answer`(page: String) async throws {
        let site = try await SampleFleet().site()
        for text in SampleFleet.hostile {
            let isPath = page != "/" && page.hasSuffix("/")
            let response = await site.answer(
                SiteRequest(
                    path: isPath ? page + text : page,
                    query: ["q": text, "verdict": text, "page": text],
                    headers: ["host": "localhost"]))
            #expect(response.status == (isPath ? 404 : 200), "\(page) \(text.prefix(40))")
            Self.expectHarmless(String(decoding: response.body, as: UTF8.self), page)
            #expect(response.headers.values.allSatisfy { Self.isQuiet($0) })
        }
    }

    @Test func `what a host calls its files is shown and does nothing`() async throws {
        let site = try await SampleFleet().site()
        let text = String(
            decoding: await get(site, "/hosts/evil.example").body, as: UTF8.self)
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(text.contains("\\x1b[2Jgone"))
        #expect(text.contains("new\\nline"))
        #expect(text.contains("&#39; onmouseover=&#39;alert(1)"))
    }

    @Test func `the first page says what needs somebody and what to do`() async throws {
        let text = String(
            decoding: await get(try await SampleFleet().site(), "/").body, as: UTF8.self)
        for part in [
            "never-back", "ebb reboot override 1 db1", "kim stopped reboots of the group edge",
            "antenna works &lt;b&gt;until Friday&lt;/b&gt;", "No leaked state",
            "<a href=\"/rollouts/1\">rollout 1</a> reboots 4 hosts",
            "class=\"num none\">not known", "on the 6 hosts that were looked at",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `an empty store says how to begin`() async throws {
        let store = try Store.inMemory()
        let reader = FleetReader(store: store, directory: FleetDirectory([]))
        let site = Site(
            reader: reader, access: .anybody(knownAs: ["localhost"]),
            logger: Logger(label: "test"))
        for (page, advice) in [
            ("/", "ebb init"), ("/drift", "ebb drift all"), ("/rollouts", "ebb reboot plan"),
            ("/compliance", "ebb drift all"),
        ] {
            let text = String(decoding: await get(site, page).body, as: UTF8.self)
            #expect(text.contains(advice), "\(page)")
        }
    }

    @Test func `what is not there is 404, what would write is 405`() async throws {
        let site = try await SampleFleet().site()
        for path in [
            "/nothing", "/hosts/none", "/hosts/../etc", "/rollouts/999", "/rollouts/x",
            "/assets/none.css", "/api/v1/hosts/none", "/api/v2/fleet", "/hosts/a/b",
        ] {
            #expect(await get(site, path).status == 404, "\(path)")
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let response = await site.answer(
                SiteRequest(method: method, path: "/", headers: ["host": "localhost"]))
            #expect(response.status == 405 && response.headers["allow"] == "GET, HEAD")
        }
    }

    @Test func `only the token opens a page`() async throws {
        let site = try await SampleFleet().site(.token(Secret("correct-horse-battery")))
        let basic = { (text: String) in "Basic " + Data(text.utf8).base64EncodedString() }
        let rows: [(String?, Int)] = [
            (nil, 401), ("Bearer correct-horse-battery", 200),
            ("bearer correct-horse-battery", 200), (basic("anyone:correct-horse-battery"), 200),
            ("Bearer correct-horse-batter", 401), ("Bearer correct-horse-batteryy", 401),
            ("Bearer ", 401), ("Bearer", 401), (basic("correct-horse-battery"), 401),
            ("Basic %%%", 401), ("Digest correct-horse-battery", 401), (basic("x:"), 401),
        ]
        for (header, status) in rows {
            for path in ["/", "/api/v1/fleet", "/metrics", "/nothing"] {
                let headers = header.map { ["authorization": $0] } ?? [:]
                let answer = await get(site, path, headers)
                let expected = status == 200 && path == "/nothing" ? 404 : status
                #expect(answer.status == expected, "\(header ?? "none") at \(path)")
                if status == 401 {
                    #expect(answer.headers["www-authenticate"]?.hasPrefix("Basic") == true)
                    #expect(!String(decoding: answer.body, as: UTF8.self).contains("web1"))
                }
            }
        }
        #expect(await get(site, "/healthz", [:]).status == 200)
    }

    @Test func `without a token a page of another site cannot read ours`() async throws {
        let site = try await SampleFleet().site(
            .anybody(knownAs: ["localhost", "127.0.0.1", "[::1]"]))
        let rows = [
            ("localhost", 200), ("localhost:8417", 200), ("127.0.0.1:8417", 200), ("[::1]:80", 200),
            ("evil.example", 403), ("localhost.evil.example", 403), ("", 403),
        ]
        for (host, status) in rows {
            #expect(await get(site, "/", ["host": host]).status == status, "\(host)")
        }
        let behind = try await SampleFleet().site(.proxy(header: "X-Remote-User"))
        #expect(await get(behind, "/", [:]).status == 401)
        #expect(await get(behind, "/", ["x-remote-user": "kim"]).status == 200)
    }

    @Test func `every answer carries the headers that keep browsers safe`() async throws {
        let site = try await SampleFleet().site()
        for path in ["/", "/nothing", "/api/v1/fleet", "/metrics", "/healthz"] {
            let headers = await get(site, path).headers
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
            let response = await get(site, path)
            let head = try JSONDecoder().decode(Head.self, from: Data(response.body))
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(Self.isQuiet(text), "\(path)")
            #expect(head.schema == schema && response.headers["content-type"] == "application/json")
        }
        struct Description: Decodable {
            struct Path: Decodable {}
            let paths: [String: Path]
        }
        let answer = await get(site, "/api/v1/openapi.json")
        let description = try JSONDecoder().decode(Description.self, from: Data(answer.body))
        #expect(description.paths.count == 7)
    }

    @Test func `every export of the compliance page can be taken, and metrics be scraped`()
        async throws
    {
        let site = try await SampleFleet().site()
        let page = String(decoding: await get(site, "/compliance").body, as: UTF8.self)
        let addresses = page.split(separator: "href=\"").dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
            .filter { $0.hasPrefix("/compliance/export/") }
        #expect(addresses.count == 9)
        for address in addresses {
            let response = await get(site, address)
            #expect(response.status == 200 && response.body.count > 500, "\(address)")
            let text = String(decoding: response.body, as: UTF8.self)
            let lines = text.replacing("\r\n", with: "\n")
            #expect(Self.isQuiet(lines), "\(address)")
            let isMarkup = ["html", "junit", "markdown"].contains { address.hasSuffix($0) }
            #expect(!isMarkup || !text.contains("<script"), "\(address)")
            #expect(response.headers["content-disposition"]?.hasPrefix("attachment") == true)
        }
        #expect(await get(site, "/compliance/export/passwd").status == 404)
        let metrics = String(decoding: await get(site, "/metrics").body, as: UTF8.self)
        #expect(metrics.contains("# TYPE ") && metrics.contains("builder1"))
    }
}
