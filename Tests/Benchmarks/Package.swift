// swift-tools-version:6.2

// A package of its own, so that what only measurements need never enters the suite's dependencies.

import PackageDescription

let package = Package(
    name: "toegang-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1")
    ],
    targets: [
        .executableTarget(name: "hello", dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
    ],
    swiftLanguageModes: [.v6]
)
