import Glibc
import Telemetry

/// How each process of the suite ends, whatever it was run for.
enum ProcessEnd {
    /// Writes out what was said and ends the process, without the C library's exit handlers.
    ///
    /// Threads of closed connections end on their own time, and OpenSSL frees what it keeps per thread when one does.
    /// Its exit handler frees the tables behind that while such a thread may still be using them: `exit` then dies of
    /// signal 11 or of a double free, rarely, and after all work was done. Nothing of ours waits for an exit handler.
    static func now(status: Int32) -> Never {
        LineWriter.standardOutput.flush()
        LineWriter.standardError.flush()
        fflush(nil)
        _exit(status)
    }
}
