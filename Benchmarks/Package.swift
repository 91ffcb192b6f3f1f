// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody who builds Ebb builds it. The modules are links to Ebb's own
// sources: what is measured is what ships.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "benchmarks",
    // Exact, because the lock file is not kept: a build has to be the same tomorrow.
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "EbbModel", swiftSettings: settings),
        .target(
            name: "EbbTransport",
            dependencies: ["EbbModel", .product(name: "Crypto", package: "swift-crypto")],
            resources: [.embedInCode("machine-guard.sh")], swiftSettings: settings),
        .target(
            name: "EbbSSH",
            dependencies: [
                "EbbModel", "EbbTransport", "CLibSSH2",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            resources: [
                .embedInCode("OpenSSH/askpass.sh"), .embedInCode("OpenSSH/known-hosts.sh"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "BenchmarkClient", dependencies: ["EbbModel", "EbbTransport", "EbbSSH"],
            swiftSettings: settings),
        .target(
            name: "EbbProbe", dependencies: ["EbbModel"], resources: [.embedInCode("Host")],
            swiftSettings: settings),
        .target(
            name: "EbbClassifier",
            dependencies: ["EbbModel", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("catalogue.yml")], swiftSettings: settings),
        .target(
            name: "EbbStore",
            dependencies: [
                "EbbModel", "CZlib", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "DriftBenchmark",
            dependencies: ["EbbModel", "EbbProbe", "EbbClassifier", "EbbStore"],
            swiftSettings: settings),
    ]
)
