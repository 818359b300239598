import Async
import Glibc
package import Kafka
import Logging
import TestBasics

/// A broker of the test's own: a process on a free port with a data folder, which can be killed, started again and
/// robbed of its log.
///
/// The program is `TOEGANG_NOIDA`, or the one that `deploy/dev up` put in place. It runs without privileges and ends
/// with the test's process, however that ends.
package final class TestKafka: Sendable {
    /// `127.0.0.1:<port>`.
    package let bootstrap: String

    private let program: String
    private let folder: String
    private let port: UInt16
    /// The broker lives as long as this end of a pipe is open.
    private let lifeline = Guarded<Int32>(-1)

    /// Starts a broker and waits until it accepts connections.
    package init() async throws {
        program = try Self.findProgram()
        folder = try makeFolder("toegang-kafka")
        port = try freePort()
        bootstrap = "127.0.0.1:\(port)"
        try await start()
    }

    deinit {
        lifeline.withLock { lifeline in
            if lifeline >= 0 { close(lifeline) }
        }
    }

    /// How to reach the broker.
    package func configuration(
        _ clientID: String = "test", properties: [String: String] = [:]
    ) -> KafkaConfiguration {
        var topics = TopicSettings()
        (topics.replication, topics.minInSyncReplicas) = (1, 1)
        return KafkaConfiguration(bootstrap: bootstrap, clientID: clientID, properties: properties, topics: topics)
    }

    /// Starts the broker again, on the same port with the same data.
    ///
    /// Under load its process was once seen to end, or to hang, before it had said a word; so it is started three times
    /// at most.
    package func start() async throws {
        for _ in 0..<3 {
            let earlier = brokerID
            if try await startOnce() { return }
            if let pid = brokerID, pid != earlier { Glibc.kill(pid, SIGKILL) }
        }
        throw TestKitError("the broker does not start: \((try? readText("\(folder)/log")) ?? "")")
    }

    private func startOnce() async throws -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestKitError("no pipe: error \(errno)") }
        // Other children must not keep the broker alive by holding this end.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        _ = try spawn(
            ["/bin/sh", "-c", Self.script, "sh", folder] + Self.unprivileged
                + [program, "start", "--only", "kafka", "--kafka-port", "\(port)", "--data-dir", "\(folder)/data"],
            standardInput: ends[0])
        close(ends[0])
        let port = port
        let started = try await eventually(within: .seconds(20)) { accepts(port) }
        // Only now: the earlier shell removes the folder unless another broker has taken it over.
        lifeline.withLock { lifeline in
            if lifeline >= 0 { close(lifeline) }
            lifeline = ends[1]
        }
        return started
    }

    private var brokerID: pid_t? {
        (try? readText("\(folder)/pid")).flatMap { pid_t($0.prefix { $0.isNumber }) }
    }

    /// Ends the broker with SIGKILL and waits until it is gone; its data stays.
    package func kill() async throws {
        guard let pid = brokerID else { throw TestKitError("no broker runs") }
        Glibc.kill(pid, SIGKILL)
        let port = port
        guard try await eventually(within: .seconds(20), { !accepts(port) }) else {
            throw TestKitError("the broker does not end")
        }
    }

    /// Stops the broker in the middle of whatever it does, so that nobody gets an answer; its memory stays.
    package func suspend() throws {
        guard let pid = brokerID else { throw TestKitError("no broker runs") }
        Glibc.kill(pid, SIGSTOP)
    }

    /// Lets a suspended broker go on.
    package func resume() throws {
        guard let pid = brokerID else { throw TestKitError("no broker runs") }
        Glibc.kill(pid, SIGCONT)
    }

    /// Removes the broker's whole log; to be called while it is killed.
    package func wipe() throws {
        try runToEnd(["/bin/rm", "-rf", "\(folder)/data"])
    }

    /// The shell is the broker's parent: it ends the broker when the pipe to the test closes, and reaps it.
    private static let script = """
        folder=$1; shift
        mkdir -p "$folder/data"
        chmod 755 "$folder"
        [ "$(id -u)" != 0 ] || chown nobody "$folder/data"
        HOME="$folder/data" "$@" > "$folder/log" 2>&1 < /dev/null &
        broker=$!
        printf '%s\\n' "$broker" > "$folder/pid.new" && mv "$folder/pid.new" "$folder/pid"
        cat > /dev/null
        kill -9 "$broker" 2> /dev/null
        wait "$broker" 2> /dev/null
        [ "$(cat "$folder/pid")" != "$broker" ] || rm -rf "$folder"
        """

    private static var unprivileged: [String] {
        guard getuid() == 0 else { return [] }
        return ["/usr/bin/setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    }

    private static func findProgram() throws -> String {
        var places = getenv("TOEGANG_NOIDA").map { [String(cString: $0)] } ?? []
        let path = #filePath
        if let range = path.firstRange(of: "/Shared/TestKit/") {
            places.append(path[..<range.lowerBound] + "/.state/tools/broker/noida-db")
        }
        for place in places where access(place, X_OK) == 0 { return place }
        throw TestKitError("the broker's program is missing: set TOEGANG_NOIDA, or run deploy/dev up once")
    }
}

/// A new folder under /tmp.
func makeFolder(_ name: String) throws -> String {
    var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw TestKitError("no temporary folder: error \(errno)") }
    return made
}

/// The ports that this process has given out.
private let portsGiven = Guarded<Set<UInt16>>([])

/// A port of the loopback that nobody listens on, given once.
///
/// It lies below the ports that Linux gives to outgoing connections (from 32768 on): one of those could be taken by a
/// connection of another test before the broker binds it, or while it is killed.
func freePort() throws -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16.random(in: 20_000..<32_000)
        guard portsGiven.withLock({ $0.insert(port).inserted }) else { continue }
        if try canBind(port) { return port }
    }
    throw TestKitError("no free port between 20000 and 32000")
}

private func canBind(_ port: UInt16) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestKitError("no socket: error \(errno)") }
    defer { close(descriptor) }
    var address = loopback(port)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// Whether somebody accepts connections on a port of the loopback.
func accepts(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = loopback(port)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}
