/// The style of the page: light or dark as the reader prefers, and arms that are distinguishable without red and green.
enum PageStyle {
    static let css = """
        :root{color-scheme:light dark;--ink:#1c1f23;--quiet:#626a73;--rule:#d9dde2;--ground:#fff;--panel:#f6f7f9;\
        --a:#b8520a;--b:#1f6fb5;--dns:#7b4bb3;--turn:#1f6fb514}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--quiet:#9aa3ad;--rule:#343a41;--ground:#15181c;\
        --panel:#1d2126;--a:#f0954f;--b:#6cb2f0;--dns:#bb98ea;--turn:#6cb2f01c}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:940px;margin:0 auto;padding:28px 20px 48px}
        h1{font-size:26px;margin:0 0 12px}h2{font-size:17px;margin:32px 0 6px}
        p{margin:4px 0}code{font:13px ui-monospace,monospace}
        .quiet,figcaption{color:var(--quiet);font-size:13px}
        .alarm{border-left:4px solid var(--a);padding:6px 12px;background:var(--panel);font-weight:600}
        .findings{list-style:none;display:flex;flex-wrap:wrap;gap:8px;padding:0;margin:18px 0 8px}
        .findings li{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:8px 14px;font-weight:600}
        figure{margin:0}svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}
        .legend{margin:0 0 4px;font-size:13px}.key{margin-right:18px}
        .key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:6px;vertical-align:middle;\
        background:currentColor}
        .key.http{color:var(--ink)}.key.tcp{color:var(--a)}.key.dns{color:var(--dns)}
        text{fill:var(--ink)}text.tick{fill:var(--quiet)}
        b.arm.a,text.arm.a{color:var(--a);fill:var(--a)}b.arm.b,text.arm.b{color:var(--b);fill:var(--b)}
        .grid{stroke:var(--rule)}.axis{stroke:var(--quiet)}.turn{fill:var(--turn)}.equal{fill:var(--rule)}
        .line{fill:none;stroke-width:1.6}.http.line{stroke:var(--ink)}.tcp.line{stroke:var(--a)}.dns.line{stroke:var(--dns)}
        .tcp-fill{fill:var(--a);opacity:.25;stroke:none}.cell{fill:var(--a)}
        .window.a,.bar.a{fill:var(--a)}.window.b,.bar.b{fill:var(--b)}
        .exact{stroke-width:2.4}.exact.a{stroke:var(--a)}.exact.b{stroke:var(--b)}
        .spread{stroke:var(--quiet);stroke-width:3}.dot{fill:var(--quiet)}
        .spread.lower,.spread.higher{stroke:var(--b)}.dot.lower,.dot.higher{fill:var(--b)}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px;margin-top:6px}
        td,th{padding:4px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;\
        font-variant-numeric:tabular-nums}
        th{color:var(--quiet);font-weight:500}td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}
        footer{margin-top:36px}
        @page{margin:14mm}
        @media print{:root{color-scheme:light;--ink:#000;--quiet:#444;--rule:#bbb;--ground:#fff;--panel:#f2f3f5;--a:#b8520a;\
        --b:#1f6fb5;--dns:#7b4bb3;--turn:#1f6fb514}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        main{max-width:none;padding:0}h1,h2{break-after:avoid}figure,tr,.findings li,.alarm{break-inside:avoid}
        .wide{overflow:visible}table{font-size:11px}thead{display:table-header-group}
        td,th{padding:3px 6px;white-space:normal}td:not(:first-child):not(:last-child){white-space:nowrap}}
        """
}
