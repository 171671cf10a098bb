// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built in Swift 6 mode with the same upcoming features; a warning is an error.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

/// Targets that perform no I/O, read no clock and draw no randomness of their own.
let pure: [SwiftSetting] = strict + [.strictMemorySafety()]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "pooltop",
    products: [
        .library(name: "KeepAliveAgent", targets: ["KeepAliveAgent"]),
        .executable(name: "pooltop", targets: ["pooltop"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "PoolModel", dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
            swiftSettings: pure),
        .target(name: "Wording", dependencies: ["PoolModel"], swiftSettings: pure),
        .target(name: "AgentCore", dependencies: ["PoolModel", "DNSWire"], swiftSettings: pure),
        .target(name: "HTTP1", swiftSettings: pure),
        .target(name: "DNSWire", swiftSettings: pure),
        .target(
            name: "TLSWire", dependencies: [.product(name: "NIOCore", package: "swift-nio")], swiftSettings: strict),
        .target(name: "CLinux"),
        .target(
            name: "AttachProtocol", dependencies: ["PoolModel", "PlainDocuments"], swiftSettings: strict),
        .target(
            name: "KeepAliveAgent",
            dependencies: [
                "PoolModel", "AgentCore", "HTTP1", "DNSWire", "CLinux", "PlainDocuments", "AttachProtocol",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Traffic", dependencies: ["PoolModel", "AgentCore", "KeepAliveAgent"] + nio, swiftSettings: strict),
        .target(
            name: "Downstream",
            dependencies: ["DNSWire", "TLSWire", .product(name: "NIOTLS", package: "swift-nio")] + nio,
            swiftSettings: strict),
        .target(name: "Diagnosis", dependencies: ["PoolModel", "Wording"], swiftSettings: pure),
        .target(
            name: "Dashboard", dependencies: ["PoolModel", "Wording", "Diagnosis", "FleetCore"], swiftSettings: pure),
        .target(name: "Experiment", dependencies: ["PoolModel"], swiftSettings: pure),
        .target(name: "MetricsText", dependencies: ["PoolModel"], swiftSettings: pure),
        .target(
            name: "MetricsServing",
            dependencies: [
                "PoolModel", "MetricsText", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "FleetCore", dependencies: ["PoolModel", "PlainDocuments", "MetricsText"], swiftSettings: pure),
        .target(name: "PlainDocuments", dependencies: ["Wording"], swiftSettings: strict),
        .target(
            name: "SessionConfig",
            dependencies: [
                "PoolModel", "Wording", "AgentCore", "DNSWire", "Experiment", "PlainDocuments", "Yams",
            ],
            swiftSettings: strict),
        .target(
            name: "Reporting",
            dependencies: ["PoolModel", "Wording", "Diagnosis", "Experiment", "PlainDocuments", "SessionConfig"],
            swiftSettings: strict),
        .target(
            name: "Recordings",
            dependencies: [
                "PoolModel", "Dashboard", "PlainDocuments", "SessionConfig", "Reporting",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Sessions",
            dependencies: [
                "PoolModel", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Traffic", "Downstream",
                "PlainDocuments", "SessionConfig",
            ] + nio,
            resources: [.embedInCode("Node/node-load.cjs")], swiftSettings: strict),
        .target(
            name: "Prober",
            dependencies: [
                "PoolModel", "Wording", "AgentCore", "HTTP1", "DNSWire", "TLSWire", "KeepAliveAgent", "PlainDocuments",
                "SessionConfig", .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            swiftSettings: strict),
        .target(name: "WatchCore", dependencies: ["PoolModel", "DNSWire"], swiftSettings: pure),
        .target(
            name: "Watch",
            dependencies: ["PoolModel", "Wording", "WatchCore", "CLinux", "PlainDocuments", "SessionConfig"],
            swiftSettings: strict),
        .target(
            name: "Attach",
            dependencies: [
                "PoolModel", "CLinux", "PlainDocuments", "AttachProtocol", "WatchCore", "Watch",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            resources: [.embedInCode("Node/pooltop-hook.cjs")], swiftSettings: strict),
        .target(name: "CNcurses", linkerSettings: [.linkedLibrary("ncursesw")]),
        .target(
            name: "TerminalUI",
            dependencies: [
                "PoolModel", "Wording", "Dashboard", "PlainDocuments", "CNcurses",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "pooltop",
            dependencies: [
                "PoolModel", "Wording", "Diagnosis", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Downstream",
                "Dashboard",
                "Experiment", "PlainDocuments", "SessionConfig", "Reporting", "Recordings", "Sessions", "Prober",
                "TerminalUI", "WatchCore", "Watch", "Attach", "AttachProtocol",
                "MetricsText", "FleetCore", "MetricsServing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio,
            swiftSettings: strict),
        .target(name: "TestSupport", dependencies: ["DNSWire"], path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "pure-parts",
            dependencies: ["PoolModel", "AgentCore", "HTTP1", "DNSWire", "Dashboard"],
            path: "Benchmarks/PureParts", swiftSettings: strict),
        .executableTarget(
            name: "execute-load",
            dependencies: [
                "KeepAliveAgent", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks/ExecuteLoad", swiftSettings: strict),
        .executableTarget(
            name: "forger",
            dependencies: ["PoolModel", "AgentCore", "DNSWire", "KeepAliveAgent", "TestSupport"] + nio,
            path: "Benchmarks/Forger", swiftSettings: strict),
        .testTarget(name: "PoolModelTests", dependencies: ["PoolModel", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "AgentCoreTests", dependencies: ["PoolModel", "AgentCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HTTP1Tests",
            dependencies: [
                "HTTP1", .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "DNSWireTests", dependencies: ["DNSWire"], swiftSettings: strict),
        .testTarget(
            name: "KeepAliveAgentTests",
            dependencies: ["KeepAliveAgent", "Traffic", "Downstream", "TestSupport"] + nio, swiftSettings: strict),
        .testTarget(name: "TrafficTests", dependencies: ["Traffic", "Downstream"] + nio, swiftSettings: strict),
        .testTarget(
            name: "DownstreamTests", dependencies: ["Downstream", "TestSupport", "DNSWire"] + nio,
            swiftSettings: strict),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "PoolModel"], swiftSettings: strict),
        .testTarget(
            name: "DashboardTests", dependencies: ["Dashboard", "FleetCore", "MetricsText", "TestSupport"],
            exclude: ["Goldens"],
            swiftSettings: strict),
        .testTarget(
            name: "WatchCoreTests", dependencies: ["WatchCore", "PoolModel", "DNSWire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WatchTests", dependencies: ["Watch", "WatchCore", "PoolModel", "DNSWire", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "MetricsTextTests", dependencies: ["MetricsText", "PoolModel", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "MetricsServingTests",
            dependencies: [
                "MetricsServing", "MetricsText", "KeepAliveAgent", "PoolModel", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FleetCoreTests",
            dependencies: ["FleetCore", "MetricsText", "PlainDocuments", "PoolModel", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "AttachTests",
            dependencies: [
                "Attach", "AttachProtocol", "KeepAliveAgent", "Downstream", "Dashboard", "PoolModel", "PlainDocuments",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(name: "ExperimentTests", dependencies: ["Experiment", "PoolModel"], swiftSettings: strict),
        .testTarget(
            name: "pooltopTests",
            dependencies: [
                "pooltop", "PlainDocuments", "SessionConfig", "Reporting", "Recordings", "Sessions", "Prober",
                "TerminalUI", "WatchCore", "Watch", "FleetCore", "TestSupport",
            ],
            exclude: ["Recording/Fixtures", "Sick/Goldens", "Sick/Recordings"], swiftSettings: strict),
    ]
)
