/// One setting of the inventory, declared once.
///
/// Its reader, its row in `docs/inventory.md` and its part of the JSON Schema are made from it. To add
/// a setting, give the settings struct in `EbbModel` a property with a default, and the list of the
/// map that holds it (`declared`, in the files beside this one) one line. Then write docs anew with
/// `RECORD_SNAPSHOTS=1 swift test --filter DeclaredSettingsTests`.
struct Setting<Root: Sendable>: Sendable {
    /// What tables, the schema and the merging of lists must know.
    let entry: @Sendable (_ unset: Root?) -> SettingEntry
    /// Reads the setting out of its map; `false` where it is wrong or missing, which was reported.
    let read: @Sendable (MapReader, inout Root) -> Bool

    /// Declares a setting; `doc` is one line of Markdown for the table.
    ///
    /// Its default is what `path` holds in a value that nobody changed; `standard` says it where that
    /// does not tell.
    init<Value: Sendable>(
        _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ kind: SettingKind<Value>, _ doc: String,
        standard: String? = nil, isNeeded: Bool = false
    ) {
        self.init(key, kind, doc, isNeeded: isNeeded) {
            standard ?? $0.map { kind.text($0[keyPath: path]) } ?? ""
        } store: {
            $0[keyPath: path] = $1
        }
    }

    /// Declares a setting that is nothing until somebody writes it.
    init<Value: Sendable>(
        _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ kind: SettingKind<Value>, _ doc: String,
        standard: String = "", isNeeded: Bool = false
    ) {
        self.init(key, kind, doc, isNeeded: isNeeded) { _ in
            standard
        } store: {
            $0[keyPath: path] = $1
        }
    }

    private init<Value: Sendable>(
        _ key: String, _ kind: SettingKind<Value>, _ doc: String, isNeeded: Bool,
        standard: @escaping @Sendable (Root?) -> String, store: @escaping @Sendable (inout Root, Value) -> Void
    ) {
        entry = { SettingEntry(key: key, shape: kind.shape, doc: doc, standard: standard($0), isNeeded: isNeeded) }
        read = { map, root in
            guard let value = map.value(key) else {
                if isNeeded { map.missing(key, hint: doc) }
                return !isNeeded
            }
            guard let found = kind.read(WrittenValue(value: value, map: map, key: key)) else { return false }
            store(&root, found)
            return true
        }
    }
}

/// A map of settings: what holds where nothing is written, and what may be.
protocol SettingsMap: Sendable {
    static var unset: Self { get }
    static var declared: [Setting<Self>] { get }
    /// The value; reports what does not go together, and gives `nil` where nothing can be made of it.
    func checked(_ map: MapReader) -> Self?
}

extension SettingsMap {
    func checked(_ map: MapReader) -> Self? { self }

    /// What tables and the schema must know of each setting.
    static var entries: [SettingEntry] { declared.map { $0.entry(unset) } }
}

/// What tables, the schema and the merging of lists need of a setting.
struct SettingEntry: Sendable {
    let key: String
    let shape: SettingShape
    let doc: String
    /// The default as somebody would write it; empty where there is none.
    let standard: String
    let isNeeded: Bool
}

/// What a setting holds.
indirect enum SettingShape: Sendable {
    /// A text: what it says, and the regular expression that it fits.
    case text(String, pattern: String? = nil)
    case integer(ClosedRange<Int>)
    case bool
    case choice([String])
    /// A list; one element alone may stand without brackets.
    case list(SettingShape)
    /// Names, which merge one by one.
    case names
    /// A map of texts.
    case texts
    case map([SettingEntry])
    /// A list of maps that merge by this key.
    case named(String, [SettingEntry])
    /// One of several.
    case either(SettingShape, SettingShape)
}

extension MapReader {
    /// The value of one key; `nil` where it is not written, or is wrong, which was reported.
    func read<Value>(_ key: String, _ kind: SettingKind<Value>) -> Value? {
        value(key).flatMap { kind.read(WrittenValue(value: $0, map: self, key: key)) }
    }

    /// The value of a key that must be there.
    func need<Value>(_ key: String, _ kind: SettingKind<Value>, hint: String? = nil) -> Value? {
        missing(key, hint: hint)
        return read(key, kind)
    }

    /// Reads every setting of the map; `false` where something is wrong, which was reported.
    @discardableResult func read<Root>(_ settings: [Setting<Root>], into root: inout Root) -> Bool {
        var isWhole = true
        for setting in settings where !setting.read(self, &root) { isWhole = false }
        return isWhole
    }

    /// The whole map; `nil` where something is wrong, which was reported.
    func whole<Root: SettingsMap>(_ type: Root.Type = Root.self) -> Root? {
        var root = Root.unset
        let isWhole = read(Root.declared, into: &root)
        finish()
        return isWhole ? root.checked(self) : nil
    }
}
