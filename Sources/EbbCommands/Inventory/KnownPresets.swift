import EbbClassifier

/// The presets that an inventory may name.
enum KnownPresets {
    /// Names out of the built-in catalogue.
    static var names: [String] { Catalogue.builtIn.presets.keys.sorted() }
}
