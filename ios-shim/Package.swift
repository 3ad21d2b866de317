// swift-tools-version:6.0
// The engine for iOS. `FushanGrid` holds the sources that uniffi generates, `FushanShim` what an app needs around them,
// `FushanShell` a reference app. On Apple's systems the library comes as a binary target that build-xcframework.sh makes; elsewhere the
// library of the host is linked from `.generated/lib`, so that everything without an Apple import is built and tested on Linux.
import PackageDescription

let lib = Context.packageDirectory + "/.generated/lib"
let apple = Context.environment["FUSHAN_XCFRAMEWORK"] != nil

let library: Target = apple
    ? .binaryTarget(name: "FushanGridFFI", path: "FushanGrid.xcframework")
    : .systemLibrary(name: "FushanGridFFI", path: ".generated/FushanGridFFI")

let package = Package(
    name: "FushanGrid",
    defaultLocalization: "zh-Hans",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "FushanGrid", targets: ["FushanGrid", "FushanShim"]),
        .library(name: "FushanShell", targets: ["FushanShell"]),
    ],
    targets: [
        library,
        .target(
            name: "FushanGrid",
            dependencies: ["FushanGridFFI"],
            path: ".generated/FushanGrid",
            linkerSettings: apple ? [] : [.unsafeFlags(["-L", lib, "-lfushan_grid", "-Xlinker", "-rpath", "-Xlinker", lib])]
        ),
        .target(name: "FushanShim", dependencies: ["FushanGrid"]),
        .target(name: "FushanShell", dependencies: ["FushanShim"]),
        .testTarget(name: "FushanShimTests", dependencies: ["FushanShim"]),
    ] + (apple ? [] : [
        // the small app of docs/integrators.md, taken out of it by the script that runs the tests
        .target(name: "FushanGuide", dependencies: ["FushanGrid"], path: ".generated/FushanGuide"),
        .testTarget(name: "FushanShellTests", dependencies: ["FushanShell", "FushanShim", "FushanGuide"]),
    ]),
    swiftLanguageModes: [.v6]
)
