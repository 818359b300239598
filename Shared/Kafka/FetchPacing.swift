import CRdKafka
import Glibc

/// Keeps a consumer from asking without a pause where the broker does not hold an empty fetch back.
///
/// Kafka answers a fetch of an idle partition after `fetch.wait.max.ms`. The development broker answers at once, and
/// librdkafka, which has no setting against that, asks again at once: thousands of times a second, for nothing. So after
/// an answer that is both quick and small, the connection's thread rests for as long as a fetch may take without anybody
/// noticing. A broker that waits, and one that has much to tell, are never slowed down.
enum FetchPacing {
    /// The rest, and the bound below which an answer counts as quick.
    private static let rest: Int64 = 10_000
    /// An answer without records names each partition in some thirty bytes.
    private static let small = 8_192
    private static let fetch: Int16 = 1

    /// Adds the pacing to a configuration from which a consumer is about to be made.
    static func add(to configuration: OpaquePointer?) {
        _ = unsafe rd_kafka_conf_interceptor_add_on_new(
            configuration, "toegang-fetch-pacing",
            { client, _, _, _, _ in
                unsafe rd_kafka_interceptor_add_on_response_received(
                    client, "toegang-fetch-pacing",
                    { _, _, _, _, key, _, _, size, microseconds, _, _ in
                        if key == FetchPacing.fetch, size < FetchPacing.small, microseconds < FetchPacing.rest {
                            usleep(UInt32(FetchPacing.rest - max(0, microseconds)))
                        }
                        return RD_KAFKA_RESP_ERR_NO_ERROR
                    }, nil)
            }, nil)
    }
}
