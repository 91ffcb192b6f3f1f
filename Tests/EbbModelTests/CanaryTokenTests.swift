import EbbModel
import Testing

@Suite struct CanaryTokenTests {
    @Test func `a token says whose it is, and an older one is read as it was`() throws {
        let random = String(repeating: "0f", count: 16)
        let token = CanaryToken(controller: "0123456789abcdef", attempt: 12, random: random)
        #expect(CanaryToken(token.text) == token)
        #expect(token.text.utf8.count <= 128)
        let standing = CanaryToken(controller: "0123456789abcdef", attempt: nil, random: random)
        #expect(CanaryToken(standing.text)?.attempt == nil)
        #expect(Canary(kind: .negative, mount: "/", token: token.text).path == "/.ebb-canary.0123456789abcdef")
        #expect(Canary(kind: .positive, mount: "/p", token: token.text).path == "/p/.ebb/canary.0123456789abcdef")
        #expect(Canary(kind: .positive, mount: "/p", token: random).path == "/p/.ebb/canary")
        for text in ["", "other", "empty", random.uppercased(), "0123456789abcdef-x-\(random)", token.text + "-"] {
            #expect(CanaryToken(text) == nil && !CanaryToken.isOne(text), "\(text)")
        }
        #expect(CanaryToken.isOne(random))
    }
}
