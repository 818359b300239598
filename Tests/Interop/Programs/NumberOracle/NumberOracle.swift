import Vocabulary

/// Reads lines `<kind> <number>` from standard input, with kind `national` or `enterprise`, and answers each with one
/// line: what the number says, or `invalid <reason>`.
///
/// The first argument is the date on which national numbers are read (yyyy-mm-dd). Numbers that are answered are those
/// that were asked; nothing is stored.
@main
struct NumberOracle {
    static func main() {
        guard CommandLine.arguments.count == 2, let today = LocalDate(CommandLine.arguments[1]) else {
            fatalError("usage: number-oracle <yyyy-mm-dd>  (numbers on standard input)")
        }
        while let line = readLine() {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts.count == 2 ? String(parts[1]) : ""
            switch parts.first {
            case "national": print(national(text, today: today))
            case "enterprise": print(enterprise(text))
            default: print("unknown kind")
            }
        }
    }

    private static func national(_ text: String, today: LocalDate) -> String {
        do throws(NationalNumberError) {
            let number = try NationalNumber(text, today: today)
            let date = [number.birthDate.year, number.birthDate.month, number.birthDate.day]
            let parts =
                [number.digits, number.kind.rawValue, number.formatted] + date.map { $0.map(String.init) ?? "-" }
            return "valid \((parts + [number.sex?.rawValue ?? "-"]).joined(separator: " "))"
        } catch {
            return "invalid \(error)"
        }
    }

    private static func enterprise(_ text: String) -> String {
        do throws(EnterpriseNumberError) {
            return "valid \(try EnterpriseNumber(text).digits)"
        } catch {
            return "invalid \(error)"
        }
    }
}
