import Foundation
import FoundationXML

/// Counts the elements of an XML text with the system's own parser.
final class XMLCounter: NSObject, XMLParserDelegate {
    private(set) var elements: [String: Int] = [:]
    private(set) var isWellFormed = false

    static func count(_ text: String) -> XMLCounter {
        let counter = XMLCounter()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = counter
        counter.isWellFormed = parser.parse()
        return counter
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) { elements[name, default: 0] += 1 }
}
