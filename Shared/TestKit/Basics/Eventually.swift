/// Waits for a state, looking again and again until a deadline; the last look's answer counts.
///
/// For tests: a state that comes is seen within milliseconds, one that never comes fails the test.
package func eventually(
    within: Duration = .seconds(20), every: Duration = .milliseconds(20), _ holds: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + within
    while ContinuousClock.now < deadline {
        if try await holds() { return true }
        try await Task.sleep(for: every)
    }
    return try await holds()
}
