/// How the connection to PostgreSQL is protected.
package enum TLSMode: Sendable, Hashable {
    /// Plain text: for the loopback and Unix sockets only.
    case disabled
    /// TLS; the server's certificate must chain to a certificate in `caFile` (PEM) and name the host.
    case verifyFull(caFile: String)
}

/// Where a database is, who enters it, and what limits hold for each connection.
package struct DatabaseConfiguration: Sendable {
    /// Host name, address, or folder of a Unix socket.
    package var host: String
    /// TCP port, or the number in the socket's name.
    package var port: Int
    /// Name of the database.
    package var database: String
    /// Role that enters.
    package var user: String
    /// Password of the role; never logged.
    package var password: String
    /// The role that each statement runs as, when it is not the one that enters.
    package var assumedRole: String?
    /// Shown in `pg_stat_activity`.
    package var applicationName: String
    /// The one schema that unqualified names mean; `public` (extensions) follows it in the search path.
    package var schema: String
    /// Largest number of connections, each with a thread of its own.
    ///
    /// LISTEN connections come on top.
    package var poolSize: Int
    /// Longest wait for a connection (a free one, or a new one), after which a call fails as unavailable.
    package var waitDeadline: Duration
    /// Calls that may wait at once; the next one fails as unavailable at once.
    package var maximumWaiters: Int
    /// Longest run of one statement; zero means no limit.
    package var statementTimeout: Duration
    /// Longest wait for one lock; zero means no limit.
    package var lockTimeout: Duration
    /// Longest pause inside a transaction before the server ends the connection; zero means no limit.
    package var idleInTransactionTimeout: Duration
    /// Protection of the connection.
    package var tls: TLSMode

    /// Describes a database; the limits have the values that suit a service.
    package init(
        host: String, port: Int, database: String, user: String, password: String, applicationName: String,
        schema: String, poolSize: Int = 6, waitDeadline: Duration = .seconds(2), maximumWaiters: Int = 256,
        statementTimeout: Duration = .seconds(5), lockTimeout: Duration = .seconds(2),
        idleInTransactionTimeout: Duration = .seconds(5), tls: TLSMode = .disabled, assumedRole: String? = nil
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.applicationName = applicationName
        self.schema = schema
        self.poolSize = max(1, poolSize)
        self.waitDeadline = waitDeadline
        self.maximumWaiters = max(0, maximumWaiters)
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.tls = tls
        self.assumedRole = assumedRole
    }
}

extension DatabaseConfiguration {
    /// The parameters of libpq, in the order in which they are passed.
    var connectionParameters: [(keyword: String, value: String)] {
        var settings = [
            ("search_path", "\"\(schema.replacing("\"", with: "\"\""))\",public"),
            ("statement_timeout", String(statementTimeout.wholeMilliseconds)),
            ("lock_timeout", String(lockTimeout.wholeMilliseconds)),
            ("idle_in_transaction_session_timeout", String(idleInTransactionTimeout.wholeMilliseconds)),
            ("timezone", "UTC"),
            // The statements of a service are short: compiling a plan costs more than it gains.
            ("jit", "off"),
        ]
        if let assumedRole { settings.append(("role", assumedRole)) }
        // In `options` a space ends an argument unless a backslash precedes it.
        let options = settings.map { name, value in
            "-c \(name)=" + value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
        }
        var parameters: [(keyword: String, value: String)] = [
            ("host", host), ("port", String(port)), ("dbname", database), ("user", user), ("password", password),
            ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("options", options.joined(separator: " ")),
            ("connect_timeout", "2"), ("gssencmode", "disable"),
            // A peer that vanished without a word is noticed in about ten seconds instead of hours.
            ("keepalives", "1"), ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
        ]
        switch tls {
        case .disabled:
            parameters.append(("sslmode", "disable"))
        case .verifyFull(let caFile):
            parameters.append(("sslmode", "verify-full"))
            parameters.append(("sslrootcert", caFile))
        }
        return parameters
    }
}

extension Duration {
    /// Milliseconds, rounded up, so that a short limit never becomes "no limit".
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
