import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Stands in each connection: keeps its place in the book, and closes it when a request's body does not come in time.
///
/// Used by the connection's event loop alone.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let book: ConnectionBook
    private let bodyDeadline: TimeAmount
    private var place: ConnectionBook.Place?
    private var deadline: Scheduled<Void>?
    /// Whole requests that wait for the end of their answers: more than one when they are pipelined.
    private var unanswered = 0

    /// - Parameter bodyDeadline: how long a body may take from the end of the head to its own end.
    init(book: ConnectionBook, bodyDeadline: TimeAmount) {
        self.book = book
        self.bodyDeadline = bodyDeadline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(context)
        context.fireChannelActive()
    }

    private func enter(_ context: ChannelHandlerContext) {
        guard place == nil else { return }
        place = book.enter(context.channel)
        if place == nil { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        deadline?.cancel()
        deadline = nil
        if let place { book.leave(place) }
        place = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // RFC 9112 section 3.2.
            if head.authority == nil { return refuse(context) }
            let channel = context.channel
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: bodyDeadline) {
                channel.close(promise: nil)
            }
        case .body: break
        case .end:
            deadline?.cancel()
            deadline = nil
            unanswered += 1
            if let place { book.begin(place) }
        }
        context.fireChannelRead(data)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let head = HTTPResponse(status: .badRequest, headerFields: [.connection: "close", .contentLength: "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered = max(0, unanswered - 1)
            if unanswered == 0, let place { book.end(place) }
        }
        context.write(data, promise: promise)
    }
}
