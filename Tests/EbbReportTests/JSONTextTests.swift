import EbbModel
import EbbReport
import Foundation
import Testing

@Suite struct JSONTextTests {
    @Test func `members keep their order, documents are indented, records are lines`() {
        let value: JSON = ["schema": "ebb.test/1", "count": 2, "none": nil, "list": [1, true, []], "map": [:]]
        #expect(JSONText.line(value) == #"{"schema":"ebb.test/1","count":2,"none":null,"list":[1,true,[]],"map":{}}"#)
        #expect(
            JSONText.document(["a": [1], "b": []]) == """
                {
                  "a": [
                    1
                  ],
                  "b": []
                }

                """)
    }

    @Test func `any text comes back as it was, and nothing in it can steer a terminal`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x1_10FF, using: &random))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            let line = JSONText.line(.string(text))
            let back = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
            #expect((back as? String)?.unicodeScalars.elementsEqual(scalars) == true, "\(scalars)")
            #expect(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x7F })
        }
        #expect(JSONText.line(.string("\u{1B}\u{202E}\u{9B}")) == #""\u001b\u202e\u009b""#)
    }

    @Test func `numbers that JSON cannot say are null`() {
        #expect(JSONText.line([.number(.nan), .number(1.5), .integer(-3)]) == "[null,1.5,-3]")
    }

    @Test func `instants are UTC, to the second`() {
        #expect(JSONText.instant(Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00Z")
        #expect(JSONText.instant(Date(timeIntervalSince1970: 1_795_387_708.9)) == "2026-11-22T22:48:28Z")
    }

    @Test func `encodable values have their members sorted`() throws {
        struct Value: Encodable {
            let zebra = 1
            let apple = Date(timeIntervalSince1970: 0)
            let path = "/a\u{1B}"
        }
        #expect(
            try JSONText.encoded(Value()) == """
                {
                  "apple" : "1970-01-01T00:00:00Z",
                  "path" : "/a\\u001b",
                  "zebra" : 1
                }

                """)
    }
}
