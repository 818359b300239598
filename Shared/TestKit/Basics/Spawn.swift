package import Glibc

/// What kept a test from being set up.
package struct TestKitError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Starts a program with file descriptors as its standard input and, if given, output.
package func spawn(_ arguments: [String], standardInput: Int32, standardOutput: Int32? = nil) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
    if let standardOutput { posix_spawn_file_actions_adddup2(&actions, standardOutput, 1) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that Ctrl-C in the terminal reaches this process only.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var pid: pid_t = 0
    let result = posix_spawn(&pid, arguments[0], &actions, &attributes, &pointers, environ)
    guard result == 0 else { throw TestKitError("\(arguments[0]) does not start: error \(result)") }
    return pid
}

/// Runs a program to its end; its standard error shows in the test's output.
package func runToEnd(_ arguments: [String]) throws {
    let null = open("/dev/null", O_RDONLY)
    defer { close(null) }
    let pid = try spawn(arguments, standardInput: null)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
    guard status == 0 else { throw TestKitError("\(arguments[0]) ended with status \(status)") }
}

/// A small text file.
package func readText(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw TestKitError("\(path) cannot be read: error \(errno)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes.append(contentsOf: buffer[0..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}
