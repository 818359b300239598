import HTTPTypes
package import Hummingbird

extension RouterMethods<AppContext> {
    /// A GET that has no effect, not even a record that somebody looked, and the HEAD that answers as it does, without
    /// the body.
    ///
    /// A HEAD of any other GET is answered by ``StandardResponder`` without asking the route: mail programs and link
    /// checkers send HEAD to whatever they find in a text, also to addresses that work once.
    @discardableResult
    package func getAndHead(
        _ path: RouterPath, use handler: @Sendable @escaping (Request, AppContext) async throws -> Response
    ) -> Self {
        get(path, use: handler)
        head(path) { request, context in try await handler(request, context).createHeadResponse() }
        return self
    }
}

extension Response {
    /// The answer to a HEAD of an address whose GET has an effect: there is such an address, and nothing happened.
    static var untouched: Response { Response(status: .ok, headers: [.cacheControl: "no-store"]) }
}
