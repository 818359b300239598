import Glibc
package import Postgres
import TestBasics

/// A private PostgreSQL server of one test process: reached by a Unix socket in a temporary folder.
///
/// A watcher shell runs the server and holds the reading end of a pipe whose writing end is in this process. So
/// however this process ends, the watcher notices, stops the server and removes the folder.
package final class PostgresCluster: Sendable {
    /// The password of every role.
    static let password = "test-only"

    /// The folder of data and socket.
    package let folder: String
    private let lifeline: Int32
    private let watcher: pid_t

    /// Makes and starts a server; takes about a second.
    package init() throws {
        var template = Array("/tmp/toegang-pg-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw TestKitError("no temporary folder: error \(errno)") }
        folder = made
        let binaries = try PostgresCluster.binaries()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestKitError("no pipe: error \(errno)") }
        // Other children must not keep the server alive by holding this end.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        lifeline = ends[1]
        if getuid() == 0, let user = getpwnam("postgres") {
            chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        watcher = try spawn(
            PostgresCluster.unprivileged + ["/bin/sh", "-c", PostgresCluster.script, "sh", folder, binaries],
            standardInput: ends[0])
        Glibc.close(ends[0])
        try waitUntilReady()
    }

    deinit { Glibc.close(lifeline) }

    /// How a superuser enters a database of this server.
    package func superuser(_ database: String = "postgres") -> DatabaseConfiguration {
        DatabaseConfiguration(
            host: folder, port: 5432, database: database, user: "postgres", password: PostgresCluster.password,
            applicationName: "toegang-test", schema: "public", statementTimeout: .seconds(60),
            lockTimeout: .seconds(60))
    }

    /// Kills the postmaster, as a crash would, and waits until its successor answers.
    package func crash() throws {
        guard let pid = pid_t(try read("postmaster.pid").prefix { $0.isNumber }) else {
            throw TestKitError("no postmaster")
        }
        kill(pid, SIGKILL)
        try waitUntilReady(unlike: pid)
    }

    /// The newest server programs of Debian.
    static func binaries() throws -> String {
        for version in (13...30).reversed() {
            let folder = "/usr/lib/postgresql/\(version)/bin"
            if access("\(folder)/initdb", X_OK) == 0 { return folder }
        }
        throw TestKitError("PostgreSQL's server programs are missing: install Debian's package postgresql")
    }

    /// The server refuses to run as root.
    static var unprivileged: [String] {
        guard getuid() == 0 else { return [] }
        return ["/usr/bin/setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    }

    private static let script = """
        cd "$1" || exit 1
        printf %s '\(password)' > password
        "$2/initdb" -D data --username postgres --pwfile password --auth scram-sha-256 --no-sync \
            --encoding UTF8 --locale C.UTF-8 > log 2>&1 || exit 1
        cat >> data/postgresql.conf <<EOF
        listen_addresses = ''
        unix_socket_directories = '$1'
        max_connections = 400
        shared_buffers = 64MB
        fsync = off
        full_page_writes = off
        log_parameter_max_length_on_error = 0
        EOF
        (while [ -e data/PG_VERSION ] && [ ! -e stopping ]; do "$2/postgres" -D data >> log 2>&1 < /dev/null; sleep 0.2; done) &
        cat > /dev/null
        touch stopping
        "$2/pg_ctl" -D data stop -m immediate > /dev/null 2>&1
        cd / && rm -rf "$1"
        """

    private func waitUntilReady(unlike old: pid_t = 0) throws {
        for _ in 0..<1_200 {
            var status: Int32 = 0
            if waitpid(watcher, &status, WNOHANG) == watcher {
                throw TestKitError("PostgreSQL did not start: \((try? read("../log")) ?? "")")
            }
            // The eighth line of the file says "ready" once the server lets somebody in.
            if let text = try? read("postmaster.pid"), text.contains("ready"),
                pid_t(text.prefix { $0.isNumber }) != old
            {
                return
            }
            usleep(50_000)
        }
        throw TestKitError("PostgreSQL was not ready within 60 s")
    }

    private func read(_ name: String) throws -> String {
        try readText("\(folder)/data/\(name)")
    }
}
