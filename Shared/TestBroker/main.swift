import CRdKafka
import Glibc

// A Kafka cluster in memory, by librdkafka's mock brokers, for errors that a real broker cannot be made to answer.
//
//     TestBroker [BROKERS]
//
// It prints "bootstrap ADDRESSES", then obeys one command a line and answers each with "ok" or "error REASON":
//
//     topic NAME PARTITIONS      creates a topic
//     down ID | up ID            a broker is unreachable | reachable again (ids count from 1)
//     rtt ID MILLISECONDS        a broker answers after that long
//     err APIKEY CODE COUNT      the next COUNT requests of a kind are answered with an error code of the protocol
//
// It ends when its input ends.

/// Whoever gives the commands waits for each answer, so none may stay in a buffer.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

var text = [CChar](repeating: 0, count: 512)
let brokers = Int32(CommandLine.arguments.dropFirst().first ?? "1") ?? 1
guard
    let client = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), &text, text.count),
    let cluster = unsafe rd_kafka_mock_cluster_new(client, brokers),
    let addresses = unsafe rd_kafka_mock_cluster_bootstraps(cluster)
else {
    say("error no cluster")
    exit(1)
}
say("bootstrap \(unsafe String(cString: addresses))")

func obey(_ words: [Substring]) -> String {
    let numbers = words.dropFirst().compactMap { Int32($0) }
    switch (words.first, words.count, numbers.count) {
    case ("topic", 3, _):
        return answer(unsafe rd_kafka_mock_topic_create(cluster, String(words[1]), numbers.last ?? 1, 1))
    case ("down", 2, 1): return answer(unsafe rd_kafka_mock_broker_set_down(cluster, numbers[0]))
    case ("up", 2, 1): return answer(unsafe rd_kafka_mock_broker_set_up(cluster, numbers[0]))
    case ("rtt", 3, 2): return answer(unsafe rd_kafka_mock_broker_set_rtt(cluster, numbers[0], numbers[1]))
    case ("err", 4, 3):
        var codes = [rd_kafka_resp_err_t](
            repeating: rd_kafka_resp_err_t(numbers[1]), count: max(0, Int(numbers[2])))
        unsafe rd_kafka_mock_push_request_errors_array(cluster, Int16(numbers[0]), codes.count, &codes)
        return "ok"
    default: return "error unknown command"
    }
}

func answer(_ code: rd_kafka_resp_err_t) -> String {
    if code == RD_KAFKA_RESP_ERR_NO_ERROR { return "ok" }
    return "error \(unsafe rd_kafka_err2name(code).map { unsafe String(cString: $0) } ?? "unknown")"
}

while let line = readLine() {
    say(obey(line.split(separator: " ")))
}
