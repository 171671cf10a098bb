// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that pooltop does not depend on the client it is measured against.
let package = Package(
    name: "ahc-load",
    dependencies: [
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "ahc-load",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ])
    ]
)
