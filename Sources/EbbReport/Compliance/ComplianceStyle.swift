/// The look of the HTML report.
enum ComplianceStyle {
    /// Contrast of text is at least 4.5 : 1 in both schemes; no verdict is told by color alone.
    static let sheet = """
        :root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d2421;--soft:#59635e;\
        --line:#dcded8;--tide:#0f5f6b;--compliant:#2e7d4f;--non-compliant:#b3261e;--stale:#8f5f00;\
        --unreachable:#6a4fa3;--unknown:#5f6b70;--waived:#1f6fb2;--not-applicable:#8a918d;\
        --error:#7a1fa2;--on:#fff}
        @media (prefers-color-scheme:dark){:root{--paper:#121716;--card:#1a2120;--ink:#e6ebe8;\
        --soft:#a3aeaa;--line:#2e3735;--tide:#6cc5d0;--compliant:#6cc38f;--non-compliant:#ff8a80;\
        --stale:#e8b34b;--unreachable:#b9a3ea;--unknown:#a9b4b8;--waived:#7dbcf0;\
        --not-applicable:#7d8682;--error:#dba0f2;--on:#0d1211}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,\
        "Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
        header{padding-top:2.5rem}
        .brand{margin:0;font-weight:700;color:var(--tide);letter-spacing:.02em}
        .brand span{font-weight:400;color:var(--soft)}
        h1{font-size:clamp(1.6rem,4vw,2.3rem);line-height:1.15;margin:.35rem 0 .4rem;\
        letter-spacing:-.015em}
        h2{font-size:1.1rem;margin:2.4rem 0 .8rem}
        .when{color:var(--soft);margin:0}
        .counts{list-style:none;margin:0;padding:0;display:grid;gap:.6rem;\
        grid-template-columns:repeat(auto-fit,minmax(7.4rem,1fr))}
        .counts li{background:var(--card);border:1px solid var(--line);border-left:4px solid \
        var(--c);border-radius:6px;padding:.55rem .75rem}
        .counts b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
        .counts span{color:var(--soft);font-size:.82rem;white-space:nowrap}
        .counts .none{border-left-color:var(--line)} .counts .none b{color:var(--soft);\
        font-weight:400}
        .compliant{--c:var(--compliant)} .non-compliant{--c:var(--non-compliant)}
        .stale{--c:var(--stale)} .unreachable{--c:var(--unreachable)} .unknown{--c:var(--unknown)}
        .waived{--c:var(--waived)} .not-applicable{--c:var(--not-applicable)} \
        .error{--c:var(--error)}
        .charts{display:grid;gap:1rem;margin-top:1rem;align-items:start;\
        grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
        figure:first-child{grid-column:1/-1}
        figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:6px;\
        padding:1rem}
        figcaption{color:var(--soft);font-size:.86rem;margin-top:.6rem}
        svg{display:block;overflow:visible}
        svg rect{fill:var(--c)} svg text{fill:var(--ink);font-size:13px}
        svg .soft{fill:var(--soft)} svg .in{fill:var(--on);font-weight:600}
        svg line{stroke:var(--line)} svg polyline{fill:none;stroke-width:2;\
        vector-effect:non-scaling-stroke}
        svg polyline.unexplained{stroke:var(--stale)} \
        svg polyline.leaked{stroke:var(--non-compliant);stroke-dasharray:6 4}
        svg .key.unexplained{fill:var(--stale)} svg .key.leaked{fill:var(--non-compliant)}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);\
        border-radius:6px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.45rem .75rem;border-top:1px solid var(--line);\
        vertical-align:top;overflow-wrap:anywhere}
        thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.82rem;\
        white-space:nowrap}
        tbody th{font-weight:600;min-width:16rem;max-width:20rem} .stack tbody th{min-width:9rem}
        .n{text-align:right;white-space:nowrap} .stack .n{text-align:left}
        .path{min-width:18rem;max-width:26rem} .word{white-space:nowrap} code{font:13px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;\
        overflow-wrap:anywhere}
        .badge{display:inline-block;border:1px solid var(--c);color:var(--c);border-radius:99px;\
        padding:0 .55rem;font-size:.82rem;white-space:nowrap}
        .dots{white-space:nowrap} .dots i{display:inline-block;width:.62rem;height:.62rem;\
        border-radius:50%;background:var(--c);margin-right:.2rem}
        .dots i.not-applicable{background:none;border:1px solid var(--c)}
        .dots i.non-compliant,.dots i.error{border-radius:1px;transform:rotate(45deg) scale(.9)}
        a{color:var(--tide)} small,.empty{color:var(--soft)}
        footer{padding-bottom:3rem;color:var(--soft);font-size:.9rem} footer h2{color:var(--ink)}
        dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:0}
        dd{margin:0;overflow-wrap:anywhere} dt{color:var(--ink)}
        :focus-visible{outline:2px solid var(--tide);outline-offset:2px}
        @media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}\
        table{min-width:40rem}table.stack{min-width:0}.stack thead{display:none}\
        .stack tbody{display:block;border-top:1px solid var(--line);padding:.4rem 0}\
        .stack tr{display:block;padding:.3rem 0}\
        .stack th,.stack td{display:block;min-width:0;border:0;padding:.1rem .75rem;max-width:none}\
        .stack .n{color:var(--soft)}.stack td:empty{display:none}}
        @media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--soft:#444;\
        --line:#bbb;--on:#fff}body{font-size:10pt}.scroll{overflow:visible;border:0}\
        figure,.counts li,tr{break-inside:avoid}svg rect,.dots i{print-color-adjust:exact;\
        -webkit-print-color-adjust:exact}thead{display:table-header-group}\
        header,main,footer{max-width:none;padding:0}}
        """
}
