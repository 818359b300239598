import Crypto

/// A SHA-256 hash, as four words: nothing is allocated for one.
struct Hash32: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// Nothing hashes to it.
    static let zero = Hash32(words: .zero)

    private init(words: SIMD4<UInt64>) { self.words = words }

    init(_ digest: SHA256Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// Takes 32 bytes from an offset on, which must be there.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        words = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
    }

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    func store(in bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: words, toByteOffset: offset, as: SIMD4<UInt64>.self)
    }
}
