import Glibc
package import Kafka
import Synchronization
import TestBasics

/// A mock cluster in a process of its own, which answers with the errors, delays and failures that a test orders.
///
/// For what a real broker cannot be made to do; it ends when the test's process ends or drops it.
package final class TestBrokerProcess: Sendable {
    /// The addresses of its brokers, which are numbered from 1.
    package let bootstrap: String

    private let input: Int32
    private let output: Int32
    private let order = Mutex(())

    /// Starts a cluster of so many brokers.
    package init(brokers: Int = 1) throws {
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw TestKitError("no pipe: error \(errno)") }
        for descriptor in [toChild[1], fromChild[0]] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        _ = try spawn(
            [try Self.findProgram(), "\(brokers)"], standardInput: toChild[0], standardOutput: fromChild[1])
        close(toChild[0])
        close(fromChild[1])
        (input, output) = (toChild[1], fromChild[0])
        let greeting = try Self.readLine(output)
        guard let range = greeting.firstRange(of: "bootstrap ") else {
            throw TestKitError("the mock cluster says: \(greeting)")
        }
        bootstrap = String(greeting[range.upperBound...])
    }

    deinit {
        close(input)
        close(output)
    }

    /// How to reach the cluster.
    package func configuration(properties: [String: String] = [:]) -> KafkaConfiguration {
        KafkaConfiguration(bootstrap: bootstrap, clientID: "test", properties: properties)
    }

    /// Creates a topic.
    package func createTopic(_ name: String, partitions: Int) throws { try order("topic \(name) \(partitions)") }

    /// Makes a broker unreachable.
    package func down(_ broker: Int = 1) throws { try order("down \(broker)") }

    /// Makes a broker reachable again.
    package func up(_ broker: Int = 1) throws { try order("up \(broker)") }

    /// Makes a broker answer after so many milliseconds.
    package func delay(_ broker: Int = 1, milliseconds: Int) throws { try order("rtt \(broker) \(milliseconds)") }

    /// Answers the next `count` requests of a kind (0 is Produce, 1 is Fetch) with an error code of the protocol.
    package func fail(api: Int, code: Int, count: Int) throws { try order("err \(api) \(code) \(count)") }

    private func order(_ text: String) throws {
        let answer = try order.withLock { _ in
            let bytes = Array("\(text)\n".utf8)
            guard write(input, bytes, bytes.count) == bytes.count else {
                throw TestKitError("the mock cluster has ended")
            }
            return try Self.readLine(output)
        }
        guard answer == "ok" else { throw TestKitError("the mock cluster says: \(answer)") }
    }

    private static func readLine(_ descriptor: Int32) throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw TestKitError("the mock cluster has ended")
    }

    /// Beside the test's own executable, or where the lanes say that the products are.
    private static func findProgram() throws -> String {
        var folders = getenv("TOEGANG_TEST_PRODUCTS").map { [String(cString: $0)] } ?? []
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        folders.append(String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)]))
        for folder in folders where access("\(folder)/TestBroker", X_OK) == 0 { return "\(folder)/TestBroker" }
        throw TestKitError("TestBroker is not built: looked in \(folders)")
    }
}
