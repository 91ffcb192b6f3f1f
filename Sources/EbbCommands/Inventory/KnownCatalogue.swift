import EbbClassifier
import EbbModel
import FoundationEssentials

/// What is known of paths: Ebb's own catalogue, and what the inventory's `catalogue.yml` adds.
enum KnownCatalogue {
    /// Reads both; throws a usage error that says what is wrong, and where.
    static func load(_ options: GlobalOptions) throws -> Catalogue {
        let files = FileManager.default
        var place = options.inventoryPath
        var isDirectory = false
        // Of an inventory that is one file, the catalogue lies beside it.
        if files.fileExists(atPath: place, isDirectory: &isDirectory), !isDirectory {
            place = place.contains("/") ? BytePath(place).parent.text ?? "." : "."
        }
        let path = place + "/" + InventoryLoader.catalogueName
        guard files.fileExists(atPath: path) else { return .builtIn }
        do {
            let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            return Catalogue.builtIn.extended(by: try Catalogue(yaml: text))
        } catch {
            throw Failure(
                .usage, "the catalogue at \(PrintableText.line(path)) cannot be read",
                hint: "it is written as docs/inventory.md tells", cause: error)
        }
    }

    /// The presets that an inventory may name.
    static func presets(_ options: GlobalOptions) throws -> [String] {
        try load(options).presets.keys.sorted()
    }
}
