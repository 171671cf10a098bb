import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Undo, advice and copies")
struct UndoTests {
    private func press(_ key: Key, _ model: inout Model) -> [String] {
        CommandTests.described(update(&model, .key(key)))
    }

    @Test("Undo takes back the last change, and then the one before")
    func undo() {
        var model = CommandTests.model()
        #expect(press(.character("u"), &model).isEmpty)
        #expect(model.notice?.text.contains("nothing was changed") == true)
        _ = press(.character("K"), &model)
        _ = CommandTests.type("set maxSockets 128 @search", to: &model)
        _ = press(.character("{"), &model)
        #expect(press(.character("u"), &model) == ["changeLoad(factor: 2.0)"])
        let back = press(.character("u"), &model)
        #expect(back.first?.contains("from: \"128\", to: \"8\", host: Optional(1)") == true)
        #expect(model.settings.value("maxSockets", host: 1) == "8")
        #expect(press(.character("u"), &model) == ["setKeepAlive(true, host: nil)"])
        #expect(press(.character("u"), &model).isEmpty, "what was taken back is no change to take back")
    }

    @Test("K takes away what single hosts have of their own, and u brings it back")
    func ownKeepAlive() throws {
        var model = CommandTests.model()
        var snapshot = try #require(model.live.source)
        snapshot.sequence += 1
        snapshot.hosts[3].keepAlive = false
        snapshot.hosts[3].keepAliveIsOwn = true
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(press(.character("K"), &model) == ["setKeepAlive(false, host: nil)"])
        #expect(
            press(.character("u"), &model) == [
                "setKeepAlive(true, host: nil)", "setKeepAlive(false, host: Optional(3))",
            ])
        _ = CommandTests.type("set keepAlive 100", to: &model)
        _ = press(.character("K"), &model)
        #expect(press(.character("u"), &model).first?.contains("from: \"off\", to: \"100\"") == true)
    }

    @Test("What cannot be taken back leaves nothing to undo")
    func final() {
        var model = CommandTests.model()
        _ = press(.character("D"), &model)
        _ = press(.character("x"), &model)
        _ = press(.character("y"), &model)
        _ = press(.character("m"), &model)
        #expect(model.undos.isEmpty)
        _ = press(.character("f"), &model)
        #expect(press(.character("3"), &model).count == 1)
        #expect(press(.character("u"), &model) == ["inject(PoolModel.DownstreamFault.heal, host: 0)"])
    }

    @Test("Advice is applied where it is a setting of ours, and can be taken back")
    func apply() throws {
        var model = CommandTests.model()
        _ = update(&model, .key(.end))
        #expect(press(.character("a"), &model).isEmpty)
        #expect(model.notice?.text.contains("no advice is a setting of ours") == true)
        var snapshot = try #require(model.live.source)
        snapshot.sequence += 1
        snapshot.hosts[6].keepAlive = false
        snapshot.uptimeSeconds += 1
        snapshot.hosts[6].metrics.requests.started += 500
        snapshot.hosts[6].metrics.requests.succeeded += 500
        snapshot.hosts[6].metrics.requests.onNewConnection += 5000
        snapshot.hosts[6].metrics.connections.opened += 5000
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        let advised = try #require(model.live.advisedSetting(for: model.live.host(6)))
        #expect(advised == AdvisedSetting(name: "keepAlive", value: "on", host: 6, rule: "keep alive off"))
        _ = press(.character("2"), &model)
        #expect(render(model, width: 120, height: 36).plainText().contains("a sets keepAlive on   i all hosts"))
        _ = press(.character("i"), &model)
        let applied = press(.character("a"), &model)
        #expect(model.overlay == nil)
        #expect(applied.first?.contains("name: \"keepAlive\", from: \"off\", to: \"on\", host: Optional(6)") == true)
    }

    @Test("Copies have the row or the settings in force, for every client")
    func copies() throws {
        var model = CommandTests.model()
        _ = update(&model, .key(.down))
        _ = update(&model, .key(.down))
        _ = update(&model, .key(.character("y")))
        #expect(render(model, width: 100, height: 30).plainText().contains("new https.Agent({ keepAlive: true"))
        let row = press(.enter, &model)
        #expect(
            row.first?.hasPrefix("copy(\"HOST\\tKA\\tACT") == true && row.first?.contains("payments\\ton\\t2") == true)
        let go = CommandTests.type("copy go", to: &model)
        guard case .copy(let text) = try #require(go.first) else { return #expect(Bool(false)) }
        #expect(
            text
                == "// payments: as in force\n&http.Transport{MaxConnsPerHost: 64, MaxIdleConnsPerHost: 32, IdleConnTimeout: 60 * time.Second}"
        )
    }

    @Test("Without a clipboard y says why it copies nothing")
    func clipboardOff() {
        var configuration = Configuration()
        configuration.clipboardOff = "--no-clipboard"
        var (model, _) = Story.played(until: 3, configure: { $0 = configuration })
        #expect(press(.character("y"), &model).isEmpty)
        #expect(model.notice?.text == "y: not possible, --no-clipboard")
        _ = CommandTests.type("copy go", to: &model)
        #expect(model.notice?.text.contains("--no-clipboard") == true)
    }

    @Test("Each client's settings are written in its own language")
    func clients() {
        var settings = PoolSettings(
            keepAlive: true, maxSockets: 16, maxFreeSockets: 4, idleSeconds: 1.5, isTLS: true,
            authority: "api.example:443", about: "api: maxSockets 16 (pool too small)")
        #expect(
            settings.node.hasSuffix(
                "new https.Agent({ keepAlive: true, maxSockets: 16, maxFreeSockets: 4, timeout: 1500 })"))
        #expect(
            settings.undici.hasSuffix(
                "new Agent({ connections: 16, keepAliveTimeout: 1500, keepAliveMaxTimeout: 1500 })"))
        #expect(
            settings.dotnet.contains(
                "MaxConnectionsPerServer = 16, PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(1500)"))
        #expect(
            settings.java.contains(".setMaxConnPerRoute(16)")
                && settings.java.contains("-Djdk.httpclient.connectionPoolSize=4"))
        #expect(
            settings.nginx.contains(
                "server api.example:443 max_conns=16;\n    keepalive 4;\n    keepalive_timeout 1500ms;"))
        #expect(settings.envoy.contains("max_connections: 16") && settings.envoy.contains("idle_timeout: 1.500s"))
        settings.keepAlive = false
        #expect(settings.node.hasSuffix("({ keepAlive: false, maxSockets: 16 })"))
        #expect(settings.undici.contains("pipelining: 0") && settings.go.contains("DisableKeepAlives: true"))
        #expect(settings.dotnet.contains("PooledConnectionLifetime = TimeSpan.Zero"))
        #expect(
            settings.nginx.contains("Connection close;") && settings.envoy.contains("max_requests_per_connection: 1"))
        for item in CopyItem.allCases where item != .row {
            #expect(item.text(PoolSettings())?.contains("nil") == false)
        }
    }
}
