extension GridError {
    /// Code and texts.
    public var told: Told {
        switch self {
        case .Invalid(let told, _), .NotFound(let told), .Forbidden(let told), .Locked(let told), .Closed(let told),
             .Platform(let told), .Storage(let told), .Host(let told), .Internal(let told):
            told
        }
    }

    /// The fields that break a rule.
    public var problems: [FieldProblem] {
        if case .Invalid(_, let problems) = self { problems } else { [] }
    }
}
