import PlainDocuments

/// A chart of a Grafana dashboard.
struct DashboardPanel {
    struct Query {
        var expression: String
        /// The name of a series, with labels in double braces.
        var legend: String
    }

    /// Grafana's name for how values are written.
    enum Unit: String {
        case requestsPerSecond = "reqps"
        case countsPerSecond = "cps"
        case ratio = "percentunit"
        case seconds = "s"
        case count = "short"
    }

    var title: String
    var description: String
    var unit: Unit
    /// Series lie on top of each other.
    var isStacked = false
    var queries: [Query]

    /// Two panels stand beside each other.
    static let width = 12
    private static let height = 8

    func document(at index: Int) -> JSONValue {
        .object([
            "id": .integer(index + 1), "type": .string("timeseries"), "title": .string(title),
            "description": .string(description), "datasource": GrafanaDashboard.datasource,
            "gridPos": .object([
                "h": .integer(Self.height), "w": .integer(Self.width), "x": .integer(index % 2 * Self.width),
                "y": .integer(index / 2 * Self.height),
            ]),
            "fieldConfig": .object(["defaults": defaults, "overrides": .array([])]),
            "options": .object([
                "legend": .object([
                    "calcs": .array([.string("lastNotNull"), .string("max")]), "displayMode": .string("table"),
                    "placement": .string("bottom"),
                    "showLegend": .bool(true),
                ]),
                "tooltip": .object(["mode": .string("multi"), "sort": .string("desc")]),
            ]),
            "targets": .array(queries.enumerated().map { target($0.element, at: $0.offset) }),
        ])
    }

    private var defaults: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "unit", value: .string(unit.rawValue)), .init(key: "min", value: .integer(0)),
        ]
        if unit == .ratio { members.append(.init(key: "max", value: .integer(1))) }
        members += [
            .init(key: "color", value: .object(["mode": .string("palette-classic")])),
            .init(
                key: "custom",
                value: .object([
                    "drawStyle": .string("line"), "lineWidth": .integer(1), "fillOpacity": .integer(isStacked ? 30 : 5),
                    "showPoints": .string("never"), "spanNulls": .bool(false),
                    "stacking": .object(["group": .string("A"), "mode": .string(isStacked ? "normal" : "none")]),
                ])),
        ]
        return .object(members)
    }

    private func target(_ query: Query, at index: Int) -> JSONValue {
        .object([
            "refId": .string(String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26)))),
            "datasource": GrafanaDashboard.datasource, "editorMode": .string("code"), "range": .bool(true),
            "expr": .string(query.expression), "legendFormat": .string(query.legend),
        ])
    }
}
