extension FixedWidthInteger {
    /// The sum, or the end of the range that it would pass.
    ///
    /// Numbers that were decoded are added with this: what somebody else wrote must not be able to stop a process.
    package func saturatingAdding(_ other: Self) -> Self {
        let sum = addingReportingOverflow(other)
        return sum.overflow ? (other < 0 ? .min : .max) : sum.partialValue
    }

    /// The difference, or the end of the range that it would pass.
    package func saturatingSubtracting(_ other: Self) -> Self {
        let difference = subtractingReportingOverflow(other)
        return difference.overflow ? (other < 0 ? .max : .min) : difference.partialValue
    }

    /// The product, or the end of the range that it would pass.
    package func saturatingMultiplied(by other: Self) -> Self {
        let product = multipliedReportingOverflow(by: other)
        return product.overflow ? ((self < 0) == (other < 0) ? .max : .min) : product.partialValue
    }
}
