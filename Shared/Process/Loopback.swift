/// The addresses that mean this machine itself.
enum Loopback {
    /// Whether a host name or address is one of them.
    static func has(_ host: String) -> Bool {
        host.lowercased() == "localhost" || host == "::1" || host == "[::1]"
            || (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 < 0x3a })
    }
}
