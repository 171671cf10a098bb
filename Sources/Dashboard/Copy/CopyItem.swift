import PoolModel

/// The things that `y` can copy of the selected host.
enum CopyItem: Int, CaseIterable, Sendable {
    case row, node, undici, go, java, dotnet, nginx, envoy

    /// After `:copy`.
    var command: String {
        switch self {
        case .row: "row"
        case .node: "node"
        case .undici: "undici"
        case .go: "go"
        case .java: "java"
        case .dotnet: "dotnet"
        case .nginx: "nginx"
        case .envoy: "envoy"
        }
    }

    var name: String {
        switch self {
        case .row: "the row"
        case .node: "Node http.Agent"
        case .undici: "undici"
        case .go: "Go"
        case .java: "Java"
        case .dotnet: ".NET"
        case .nginx: "nginx"
        case .envoy: "Envoy"
        }
    }

    func text(_ settings: PoolSettings) -> String? {
        switch self {
        case .row: nil
        case .node: settings.node
        case .undici: settings.undici
        case .go: settings.go
        case .java: settings.java
        case .dotnet: settings.dotnet
        case .nginx: settings.nginx
        case .envoy: settings.envoy
        }
    }
}

extension Model {
    var copyMenu: Menu {
        let host = picture.host(selection)
        let advised = picture.advisedSetting(for: host)
        let settings = host.map { PoolSettings($0, advised: advised) }
        let footer =
            advised.map { "With what is advised: \($0.name) \($0.value) (\($0.rule))." }
            ?? "The settings in force; no advice is a setting of ours."
        return Menu(
            title: "Copy for \(host?.name ?? "no host")", note: "enter copies   esc closes",
            rows: CopyItem.allCases.map { item in
                let text = settings.flatMap { item.text($0) } ?? "headings and figures, with tabs"
                let line = text.split(separator: "\n").map(String.init).first {
                    !$0.hasPrefix("//") && !$0.hasPrefix("#")
                }
                return Menu.Row(sign: "\(item.rawValue + 1)", text: item.name, value: line ?? "")
            },
            footer: [footer])
    }

    mutating func pressInCopyMenu(_ key: Key, _ selected: Int) -> [UIEffect] {
        if key == .character("y") {
            overlay = nil
            return []
        }
        guard let row = key == .enter ? selected : Self.row(of: key, count: CopyItem.allCases.count) else { return [] }
        overlay = nil
        return copy(CopyItem.allCases[row])
    }

    /// To the clipboard, by way of the terminal.
    mutating func copy(_ item: CopyItem) -> [UIEffect] {
        if let reason = configuration.clipboardOff {
            say("copy: not possible, \(reason)")
            return []
        }
        guard let host = picture.host(selection) else {
            say("no host is selected")
            return []
        }
        let settings = PoolSettings(host, advised: picture.advisedSetting(for: host))
        let text = item.text(settings) ?? rowText(host)
        say("copied \(item.name) for \(host.name), if the terminal allows it (OSC 52)")
        return [.copy(text)]
    }

    /// Two lines with tabs between the cells, as a spreadsheet takes them.
    private func rowText(_ host: ShownHost) -> String {
        let columns = HostColumn.allCases.filter { $0 != .bar }
        let cell = ColumnCell(host: host, picture: picture, glyphs: Glyphs(kind: .ascii), isWide: true)
        let cells = columns.map { $0.row.span(cell).text }
        return (["HOST"] + columns.map(\.row.title)).joined(separator: "\t") + "\n"
            + ([host.name] + cells).joined(separator: "\t") + "\n"
    }
}
