import Glibc
import Logging

/// What the operating system and Swift's runtime grant the process that serves.
enum ProcessLimits {
    /// Takes as many file descriptors as the process may have, and warns of what would make a crash last.
    static func prepare(logger: Logger) {
        raiseDescriptors()
        guard printsBacktraces(getenv("SWIFT_BACKTRACE").map { unsafe String(cString: $0) }) else { return }
        logger.warning(
            "Crash backtraces are on: a process that crashes answers nobody for a minute and prints memory into its log. Start it with SWIFT_BACKTRACE=enable=no"
        )
    }

    /// Whether the runtime would print a backtrace at a crash, which it does on Linux unless told otherwise.
    static func printsBacktraces(_ setting: String?) -> Bool {
        let values = (setting ?? "").split(separator: ",").map { $0.lowercased() }
        return !["enable=no", "enable=false", "enable=off", "enable=0"].contains(where: values.contains)
    }

    /// Connections are counted by `http.maximumConnections`; the common soft limit of 1024 descriptors is below that.
    private static func raiseDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
