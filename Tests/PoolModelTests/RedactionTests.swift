import Testing

@testable import PoolModel

@Suite struct RedactionTests {
    @Test(
        "Redacted URLs show where a request goes",
        arguments: [
            ("http://a:80/x", "http://a:80/x"), ("https://a/?", "https://a/?"), ("/x", "/x"), ("", ""),
            ("http://a/?access_token=S&page=2", "http://a/?access_token=***&page=***"),
            ("http://a/?a=&b", "http://a/?a=&***"), ("http://a/?S", "http://a/?***"),
            ("http://a?a=S;b=S", "http://a?a=***;b=***"),
            ("http://a/?u=http://b/?c=S", "http://a/?u=***"), ("http://a/?a=S#S", "http://a/?a=***#***"),
            ("http://u:S@a/x", "http://***@a/x"), ("http://S@a:1/", "http://***@a:1/"), ("u:S@a", "***@a"),
            ("http://u:S/S@a/?b=S", "http://***@a/?b=***"), ("http://u:S@S@a", "http://***@a"),
            ("http://a:80/@x", "http://a:80/@x"), ("http://[::1]:80/@x", "http://[::1]:80/@x"),
            ("http://a/b;sid=S/c;S", "http://a/b;sid=***/c;***"), ("catalog=http://u:S@a", "catalog=http://***@a"),
            ("http://a/#S", "http://a/#***"), ("HTTP://A/?%61=S", "HTTP://A/?%61=***"),
        ])
    func urls(url: String, shown: String) {
        #expect(Redaction.url(url) == shown)
        #expect(Redaction.url(shown) == shown, "once more changes nothing")
    }

    @Test(
        "Redacted sentences keep their words",
        arguments: [
            ("catalog cannot be reached: refused", "catalog cannot be reached: refused"),
            ("'5s:keepAlive=off@catalog' is not TIME", "'5s:keepAlive=off@catalog' is not TIME"),
            ("did you mean 'run'?", "did you mean 'run'?"), ("rate? 5 = 6", "rate? 5 = 6"),
            ("'http://u:S@a/?t=S' is not a URL", "'http://***@a/?t=***' is not a URL"),
            ("cannot read /x?t=S, so there", "cannot read /x?t=***, so there"),
            ("Authorization: Bearer S", "Authorization: Bearer ***"), ("basic S\nx", "basic ***\nx"),
            ("use 'Authorization: Basic …' instead", "use 'Authorization: Basic …' instead"),
        ])
    func sentences(text: String, shown: String) {
        #expect(Redaction.text(text) == shown)
        #expect(Redaction.text(shown) == shown, "once more changes nothing")
    }

    @Test("Fields are hidden unless they are on the list, in any spelling")
    func fields() {
        for name in ["Authorization", "cookie", "X-API-KEY", "Referer", "Location", "Set-Cookie", "ETag", ""] {
            #expect(Redaction.fieldValue(name, "S") == Redaction.hidden)
        }
        #expect(Redaction.fieldValue("ACCEPT", "a/b") == "a/b")
        #expect(Redaction.fieldValue("User-Agent", "x (+http://a/?b=S)") == "x (+http://a/?b=***)")
        #expect(Redaction.fieldLine("Accept:a/b") == "Accept: a/b" && Redaction.fieldLine("S") == Redaction.hidden)
        #expect(HeadSnapshot.names.allSatisfy(Redaction.shownFields.contains))
    }

    @Test(
        "Redacted command lines show what runs",
        arguments: [
            ("node app.js --port=8080", "node app.js --port=8080"), ("", ""), ("[kthreadd]", "[kthreadd]"),
            ("app --password=S -v", "app --password=*** -v"), ("app --db-password S -v", "app --db-password *** -v"),
            ("API_TOKEN=S node a.js", "API_TOKEN=*** node a.js"),
            ("java -Dx.keyStorePassword=S -jar a.jar", "java -Dx.keyStorePassword=*** -jar a.jar"),
            ("psql postgres://u:S@db/x?sslkey=S", "psql postgres://***@db/x?sslkey=***"),
            ("app --db=postgres://u:S@db/x", "app --db=postgres://***@db/x"),
            ("curl -u ann:S http://a/", "curl -u *** http://a/"),
            ("curl -H Authorization: Bearer S http://a/?t=S", "curl -H Authorization: Bearer *** http://a/?t=***"),
            ("x {\"a\":1,\"token\":\"S\"}", "x {\"a\":1,\"token\":***"), ("a=1,secret=S;b=2", "a=1,secret=***;b=2"),
            ("worker 3f2a9bc0d1e2f3a4b5c6d7e8", "worker ***"), ("app --id=3f2a9bc0d1e2f3a4b5c6d7e8", "app --id=***"),
            ("app --auth --verbose", "app --auth --verbose"),
            ("node /srv/my-service-2026-11-28/index.js", "node /srv/my-service-2026-11-28/index.js"),
        ])
    func commands(line: String, shown: String) {
        #expect(Redaction.command(line) == shown)
        #expect(Redaction.command(shown) == shown, "once more changes nothing")
    }
}
