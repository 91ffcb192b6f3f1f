// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where EBB_WARNINGS=error says so (CI); a user's newer compiler must not stop
// a build.
let strictness: [SwiftSetting] = Context.environment["EBB_WARNINGS"] == "error" ? [.treatAllWarnings(as: .error)] : []

let settings: [SwiftSetting] =
    strictness + [
        .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// A module of Ebb: the folder `Sources/NAME`, with what it may import and nothing else.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: settings)
}

/// The tests of a module: the folder `Tests/NAME`.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = [])
    -> Target
{ .testTarget(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: settings) }

let package = Package(
    name: "ebb",
    products: [
        .executable(name: "ebb", targets: ["ebb"]), .executable(name: "ebb-dashboard", targets: ["ebb-dashboard"]),
    ],
    // Exact, because the lock file is not kept: a build has to be the same tomorrow.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Without its traits it needs neither swift-configuration nor the full Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Vocabulary.
        module("EbbModel"),
        // Pure: they decide, and touch nothing.
        module("EbbInventory", ["EbbModel", yams]), module("EbbProbe", ["EbbModel"], resources: [.embedInCode("Host")]),
        module("EbbClassifier", ["EbbModel", yams], resources: [.embedInCode("catalogue.yml")]),
        module("EbbSetup", ["EbbModel", "EbbInventory", "EbbProbe"], resources: [.embedInCode("Host")]),
        module("EbbPlan", ["EbbModel"]), module("EbbCompliance", ["EbbModel"]),
        module(
            "EbbReport", ["EbbModel", "EbbPlan", "EbbCompliance"], resources: [.embedInCode("Compliance/report.css")]),
        // Port.
        module("EbbTransport", ["EbbModel", crypto], resources: [.embedInCode("machine-guard.sh")]),
        // Adapters: each owns one outside library.
        module(
            "EbbSSH", ["EbbModel", "EbbTransport", "CLibSSH2", nioCore, nioLocks, nioPosix, crypto, subprocess],
            resources: [.embedInCode("OpenSSH/askpass.sh"), .embedInCode("OpenSSH/known-hosts.sh")]),
        module("EbbStore", ["EbbModel", "CZlib", grdb, sqlite, crypto]),
        module("EbbLocal", ["EbbModel", "EbbInventory", "EbbClassifier", subprocess, system, nioCore, nioPosix]),
        // Shell: performs what the pure modules decided.
        module(
            "EbbEngine",
            [
                "EbbModel", "EbbInventory", "EbbProbe", "EbbClassifier", "EbbSetup", "EbbPlan", "EbbCompliance",
                "EbbReport", "EbbTransport", "EbbStore", "EbbLocal", crypto, logging,
            ]),
        // Presentation.
        module(
            "EbbCommands",
            [
                "EbbModel", "EbbInventory", "EbbSetup", "EbbProbe", "EbbClassifier", "EbbPlan", "EbbCompliance",
                "EbbReport", "EbbTransport", "EbbSSH", "EbbStore", "EbbLocal", "EbbEngine", crypto, argumentParser,
                logging, signals, subprocess, system,
            ]),
        // The process that serves pages: it can reach no host and holds no key.
        module(
            "EbbDashboard",
            [
                "EbbModel", "EbbPlan", "EbbCompliance", "EbbReport", "EbbStore", httpTypes, hummingbird, nioCore,
                crypto, lifecycle, logging,
            ],
            resources: [
                .embedInCode("Assets/dashboard.css"), .embedInCode("Assets/live.js"),
                .embedInCode("Assets/openapi.json"),
            ]),
        .executableTarget(
            name: "ebb-dashboard",
            dependencies: ["EbbModel", "EbbDashboard", "EbbStore", argumentParser, hummingbird, logging],
            swiftSettings: settings),
        .executableTarget(name: "ebb", dependencies: ["EbbCommands"], swiftSettings: settings),

        // Tests.
        .target(
            name: "EbbTestSupport", dependencies: ["EbbModel", "EbbTransport", subprocess],
            path: "Tests/EbbTestSupport", swiftSettings: settings),
        tests("EbbModelTests", ["EbbModel", "EbbTestSupport", subprocess]),
        tests("EbbInventoryTests", ["EbbModel", "EbbInventory", "EbbTestSupport"]),
        tests("EbbProbeTests", ["EbbModel", "EbbPlan", "EbbProbe", "EbbTestSupport"], exclude: ["Fixtures"]),
        tests("EbbClassifierTests", ["EbbModel", "EbbProbe", "EbbClassifier", "EbbTestSupport"]),
        tests(
            "EbbSetupTests", ["EbbModel", "EbbProbe", "EbbSetup", "EbbTestSupport", subprocess],
            resources: [.copy("Fixtures"), .copy("Persistence/Scripts")]),
        tests(
            "EbbPlanTests", ["EbbModel", "EbbPlan", "EbbTestSupport"],
            resources: [.embedInCode("Schedule/Fixtures/recurrences.txt")]),
        tests("EbbLocalTests", ["EbbModel", "EbbInventory", "EbbLocal", "EbbTestSupport", nioCore, nioPosix]),
        tests("EbbComplianceTests", ["EbbModel", "EbbCompliance", "EbbTestSupport"]),
        tests("EbbReportTests", ["EbbModel", "EbbCompliance", "EbbReport", "EbbTestSupport"]),
        tests("EbbSSHTests", ["EbbModel", "EbbTransport", "EbbSSH", "EbbTestSupport", nioCore, nioPosix, subprocess]),
        tests("EbbStoreTests", ["EbbModel", "EbbStore", "EbbTestSupport", crypto, grdb]),
        tests(
            "EbbEngineTests",
            [
                "EbbModel", "EbbInventory", "EbbProbe", "EbbClassifier", "EbbPlan", "EbbCompliance", "EbbReport",
                "EbbTransport", "EbbStore", "EbbLocal", "EbbEngine", "EbbTestSupport",
            ]),
        tests(
            "EbbDashboardTests",
            [
                "EbbModel", "EbbCompliance", "EbbDashboard", "EbbReport", "EbbStore", "EbbTestSupport", hummingbird,
                lifecycle, logging, nioCore, nioPosix,
            ]),
        tests(
            "EbbCommandsTests",
            [
                "EbbModel", "EbbInventory", "EbbClassifier", "EbbProbe", "EbbCommands", "EbbEngine", "EbbLocal",
                "EbbPlan", "EbbStore", "EbbTestSupport", argumentParser, subprocess,
            ], exclude: ["Scripts"]), tests("ArchitectureTests", []),
        tests("LabTests", ["EbbModel", "EbbTestSupport", subprocess]),
    ])

// `make fuzz` builds the readers of outside bytes for libFuzzer, which brings a `main` of its own.
if Context.environment["EBB_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "EbbModel", "EbbInventory", "EbbProbe", "EbbClassifier", "EbbSetup", "EbbPlan", "EbbTransport",
                "EbbSSH",
            ], path: "Tests/Fuzz", swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

// `make sanitize` builds the transport with its tests and nothing else: under a sanitizer every module
// is built anew.
if Context.environment["EBB_TRANSPORT_ONLY"] != nil {
    let kept: Set = ["CLibSSH2", "EbbModel", "EbbTransport", "EbbSSH", "EbbTestSupport", "EbbSSHTests"]
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
