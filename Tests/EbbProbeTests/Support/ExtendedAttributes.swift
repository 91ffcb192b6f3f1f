// The system's functions for extended attributes, which Swift's Glibc module leaves out.

@_silgen_name("setxattr") func setxattr(
    _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawPointer, _ size: Int, _ flags: Int32
) -> Int32

@_silgen_name("llistxattr") func llistxattr(
    _ path: UnsafePointer<CChar>, _ list: UnsafeMutablePointer<CChar>, _ size: Int
) -> Int

@_silgen_name("lgetxattr") func lgetxattr(
    _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeMutableRawPointer, _ size: Int
) -> Int
