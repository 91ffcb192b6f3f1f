import EbbModel

extension CensusFinding {
    /// An element of `census` in every document that shows the verdict on a boot.
    var json: JSON { ["path": .string(path), "census": .string(state.rawValue), "message": .string(message)] }
}
