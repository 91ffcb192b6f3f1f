/// What each module may import: the direction of dependencies, beyond what the manifest can forbid.
enum ImportTable {
    static let allowed: [String: Set<String>] = [
        "EbbModel": ["FoundationEssentials"],
        "EbbYAML": ["EbbModel", "Yams"],
        "EbbInventory": ["EbbModel", "EbbYAML"],
        "EbbPlaybook": ["EbbModel", "EbbYAML"],
        "EbbProbe": ["EbbModel", "FoundationEssentials"],
        "EbbClassifier": ["EbbModel", "FoundationEssentials", "Yams"],
        "EbbPersistence": ["EbbModel", "EbbProbe", "FoundationEssentials"],
        "EbbFleetLock": ["EbbModel", "FoundationEssentials"],
        "EbbOnboarding": [
            "EbbModel", "EbbYAML", "EbbPersistence", "EbbProbe", "FoundationEssentials",
        ],
        "EbbPlan": ["EbbModel", "EbbPlaybook", "EbbSchedule", "FoundationEssentials"],
        "EbbSchedule": ["EbbModel", "FoundationEssentials", "FoundationInternationalization"],
        "EbbCompliance": ["EbbModel", "FoundationEssentials"],
        "EbbReport": ["EbbModel", "EbbCompliance", "FoundationEssentials"],
        "EbbTransport": ["EbbModel", "Crypto", "FoundationEssentials", "Synchronization"],
        "EbbSSH": [
            "EbbModel", "EbbTransport", "CLibSSH2", "Crypto", "Dispatch", "FoundationEssentials",
            "Glibc", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "Subprocess",
            "Synchronization",
        ],
        "EbbStore": [
            "EbbModel", "CZlib", "Crypto", "FoundationEssentials", "GRDB", "GRDBSQLite", "Glibc",
        ],
        "EbbProgram": ["EbbModel", "Subprocess", "SystemPackage"],
        "EbbNotify": ["EbbModel", "EbbProgram", "FoundationEssentials"],
        "EbbHealth": ["EbbModel", "EbbProgram", "NIOCore", "NIOPosix"],
        "EbbEngine": [
            "EbbModel", "EbbProbe", "EbbClassifier", "EbbPersistence", "EbbOnboarding", "EbbPlan",
            "EbbSchedule", "EbbTransport", "EbbStore", "FoundationEssentials", "Logging",
            "Synchronization",
        ],
        "EbbCommands": [
            "EbbModel", "EbbYAML", "EbbInventory", "EbbPlaybook", "EbbProbe", "EbbClassifier",
            "EbbPersistence", "EbbOnboarding", "EbbPlan", "EbbSchedule", "EbbCompliance",
            "EbbReport", "EbbTransport", "EbbSSH", "EbbStore", "EbbHealth", "EbbProgram",
            "EbbNotify", "EbbEngine", "ArgumentParser", "Crypto",
            "FoundationEssentials", "Glibc", "Logging", "Subprocess", "Synchronization",
            "SystemPackage", "UnixSignals",
        ],
        "EbbDashboard": [
            "EbbModel", "EbbSchedule", "EbbFleetLock", "EbbCompliance", "EbbReport", "EbbStore",
            "Crypto", "FoundationEssentials", "HTTPTypes", "Hummingbird", "Logging", "NIOCore",
            "ServiceLifecycle", "Synchronization",
        ],
        "ebb-dashboard": [
            "EbbModel", "EbbDashboard", "EbbStore", "ArgumentParser", "FoundationEssentials",
            "Glibc", "Hummingbird", "Logging",
        ],
        "ebb": ["EbbCommands", "Glibc"],
        "EbbTestSupport": [
            "EbbModel", "EbbTransport", "FoundationEssentials", "Glibc", "Subprocess",
            "Synchronization",
        ],
    ]
}
