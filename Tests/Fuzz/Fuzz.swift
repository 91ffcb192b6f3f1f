import Foundation

private let environment = ProcessInfo.processInfo.environment

/// The parser that this process feeds.
nonisolated(unsafe) private var read: @Sendable ([UInt8]) -> Void = { _ in }

/// What libFuzzer calls first: the parser is that of `EBB_FUZZ_PARSER`, and without one the names are listed;
/// with `EBB_FUZZ_SEEDS` its first inputs are written into that directory.
@_cdecl("LLVMFuzzerInitialize") public func initialize(_: UnsafeRawPointer, _: UnsafeRawPointer) -> CInt {
    guard let name = environment["EBB_FUZZ_PARSER"], let parser = parsers[name] else {
        print(parsers.keys.sorted().joined(separator: "\n"))
        end(environment["EBB_FUZZ_PARSER"] == nil ? 0 : 2)
    }
    if let directory = environment["EBB_FUZZ_SEEDS"] {
        do {
            var seeds = parser.seeds.map { Array($0.utf8) }
            if name == "observation" { seeds.append(try observationSeed()) }
            for (index, seed) in seeds.enumerated() {
                try Data(seed).write(to: URL(fileURLWithPath: "\(directory)/seed-\(index)"))
            }
        } catch {
            print("cannot write seeds: \(error)")
            end(2)
        }
        end(0)
    }
    read = parser.read
    return 0
}

/// An ordinary exit would count as a fault of the parser.
private func end(_ status: CInt) -> Never {
    fflush(nil)
    _exit(status)
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
