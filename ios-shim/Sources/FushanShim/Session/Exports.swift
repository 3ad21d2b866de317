@_exported import FushanGrid

/// What the app provides to the engine. Foundation has a type called `Host` too, so the shim names the engine's once.
public typealias HostServices = FushanGrid.Host
