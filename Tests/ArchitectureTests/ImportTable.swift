/// What each module may import: the direction of dependencies, beyond what the manifest can forbid.
enum ImportTable {
    static let allowed: [String: Set<String>] = [
        "EbbModel": ["FoundationEssentials", "FoundationInternationalization"],
        "EbbInventory": ["EbbModel", "FoundationEssentials", "FoundationInternationalization", "Yams"],
        "EbbProbe": ["EbbModel", "FoundationEssentials"],
        "EbbClassifier": ["EbbModel", "FoundationEssentials", "Yams"],
        "EbbSetup": ["EbbModel", "EbbInventory", "EbbProbe", "FoundationEssentials"],
        "EbbPlan": ["EbbModel", "FoundationEssentials", "FoundationInternationalization"],
        "EbbCompliance": ["EbbModel", "FoundationEssentials"],
        "EbbReport": ["EbbModel", "EbbPlan", "EbbCompliance", "FoundationEssentials"],
        "EbbTransport": ["EbbModel", "Crypto", "FoundationEssentials", "Synchronization"],
        "EbbSSH": [
            "EbbModel", "EbbTransport", "CLibSSH2", "Crypto", "Dispatch", "FoundationEssentials", "Glibc",
            "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "Subprocess", "Synchronization",
        ], "EbbStore": ["EbbModel", "CZlib", "Crypto", "FoundationEssentials", "GRDB", "GRDBSQLite", "Glibc"],
        "EbbLocal": [
            "EbbModel", "EbbInventory", "EbbClassifier", "FoundationEssentials", "Glibc", "NIOCore", "NIOPosix",
            "Subprocess", "Synchronization", "SystemPackage",
        ],
        "EbbEngine": [
            "EbbModel", "EbbInventory", "EbbProbe", "EbbClassifier", "EbbSetup", "EbbPlan", "EbbCompliance",
            "EbbReport", "EbbTransport", "EbbStore", "EbbLocal", "Crypto", "FoundationEssentials", "Glibc", "Logging",
            "Synchronization",
        ],
        "EbbCommands": [
            "EbbModel", "EbbInventory", "EbbProbe", "EbbClassifier", "EbbSetup", "EbbPlan", "EbbCompliance",
            "EbbReport", "EbbTransport", "EbbSSH", "EbbStore", "EbbLocal", "EbbEngine", "ArgumentParser", "Crypto",
            "FoundationEssentials", "Glibc", "Logging", "Subprocess", "Synchronization", "SystemPackage", "UnixSignals",
        ],
        "EbbDashboard": [
            "EbbModel", "EbbPlan", "EbbCompliance", "EbbReport", "EbbStore", "Crypto", "FoundationEssentials",
            "HTTPTypes", "Hummingbird", "Logging", "NIOCore", "ServiceLifecycle", "Synchronization",
        ],
        "ebb-dashboard": [
            "EbbModel", "EbbDashboard", "EbbStore", "ArgumentParser", "FoundationEssentials", "Glibc", "Hummingbird",
            "Logging",
        ], "ebb": ["EbbCommands", "Glibc"],
    ]
}
