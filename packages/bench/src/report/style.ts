/**
 * How the report looks: colors for light and dark, and what marks of charts are drawn with.
 *
 * The colors are told apart by people who see fewer of them, and never stand alone: stripes,
 * dashes, markers and words say the same.
 */

const LIGHT = `--page:#f6f5f1;--panel:#fffefb;--ink:#1c2024;--muted:#5a626b;--grid:#e3e1da;
--c0:#8a9099;--c1:#1666b0;--c2:#c04f06;--c3:#0b7a5c;--c4:#7b3fb8;--edge:#d5d2c8`;
const DARK = `--page:#101317;--panel:#171b20;--ink:#e9ebee;--muted:#a3abb5;--grid:#2a3038;
--c0:#808994;--c1:#58a6f5;--c2:#ff9d57;--c3:#42c99b;--c4:#c49bff;--edge:#303740`;

/** Colors by the reader's preference. */
export const COLORS: string = `:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT};--page:#fff;--panel:#fff}}`;

/** Marks of charts; a picture that stands alone takes these and the colors. */
export const CHART_STYLE: string = `
svg text,.t{font:12px/1.2 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--ink)}
svg .m{fill:var(--muted)}svg .h{font-weight:650;font-size:13px}svg .v{font-weight:600}
svg .s{font-size:11px;fill:var(--muted)}svg .letter{font-size:11px}svg .faint{fill-opacity:.25}
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}
.grid{stroke:var(--grid);stroke-width:1}
.whisker{stroke:var(--ink);stroke-width:1.4;fill:none}`;

export const PAGE_STYLE: string = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:36px 20px 64px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;margin:0 0 8px;text-wrap:balance}
h2{font-size:20px;line-height:1.3;letter-spacing:-.01em;margin:0 0 4px;text-wrap:balance}
h3{font-size:15px;margin:20px 0 4px}
p{margin:6px 0;max-width:78ch}.lead{font-size:17px}.quiet{color:var(--muted);font-size:14px}
section{background:var(--panel);border:1px solid var(--edge);border-radius:12px;
padding:22px 24px 18px;margin:18px 0}
.clock{display:inline-block;font-size:12px;font-weight:600;color:var(--muted);
border:1px solid var(--edge);border-radius:999px;padding:1px 9px;margin:0 0 8px}
svg{display:block;max-width:100%;height:auto;overflow:visible}
figure{margin:14px 0 4px}figcaption{color:var(--muted);font-size:13px;margin-top:6px;max-width:80ch}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr));
gap:22px 28px;margin:16px 0 4px}.panels figure{margin:0}
.narrow{display:none}@media (max-width:720px){.wide{display:none}.narrow{display:block}
main{padding:22px 12px 40px}section{padding:16px 12px 12px;border-radius:10px}h1{font-size:24px}}
.table{overflow-x:auto;margin:14px 0 4px}.table:focus-visible{outline:2px solid var(--c1)}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:5px 14px 5px 0;text-align:right;white-space:nowrap;
border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{text-align:left}th{font-weight:600;color:var(--muted)}
tbody th{font-weight:400;color:var(--ink)}
.trust td,.trust th{white-space:normal;text-align:left;vertical-align:top}
.trust table{width:100%}.trust th{width:150px;padding-right:18px;
overflow-wrap:normal;color:var(--ink)}
.trust thead th+th{width:auto}.trust tr:last-child>*{border-bottom:0}
@media (max-width:720px){.trust th{width:92px;padding-right:10px}}
.hollow{fill:none;stroke:var(--c0);stroke-width:1}
.chip{paint-order:stroke;stroke:var(--panel);stroke-width:4px;font-weight:600}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round}
.line.wafer{stroke:var(--c1)}.line.custom{stroke:var(--c3)}
.line.nccl{stroke:var(--c2);stroke-dasharray:6 3}
.line.pipeline{stroke:var(--c4);stroke-dasharray:2 3}
.line.ideal{stroke:var(--c0);stroke-width:1;stroke-dasharray:1 3}
.point.wafer{fill:var(--c1)}.point.custom{fill:var(--c3)}.point.nccl{fill:var(--c2)}
.point.pipeline{fill:var(--c4)}.on-wafer{fill:var(--c1)}.on-custom{fill:var(--c3)}
.on-nccl{fill:var(--c2)}.on-pipeline{fill:var(--c4)}.on-ideal{fill:var(--muted)}
.cell{fill:var(--c1)}.contour{fill:none;stroke:var(--ink);stroke-width:2.6}
.contour.fifty{stroke-width:1.8;stroke-dasharray:4 3}
.tile{fill:var(--page);stroke:var(--edge);stroke-width:1}
.wire{stroke:var(--c3);fill:none;stroke-linecap:butt}.wire.kerf{stroke:var(--c2)}
.wire.thin{stroke-width:1;stroke-opacity:.55}.wire.thin.kerf{stroke-opacity:.9}
.pair{fill:var(--c3)}.pair.kerf{fill:var(--c2)}
.cut{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 4;fill:none}
.fabrics{display:flex;flex-wrap:wrap;gap:18px 40px;align-items:center}
.slider{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;margin-top:12px}
.slider input{flex:1 1 240px;max-width:560px;accent-color:var(--c1);min-height:28px}
.slider label{flex:0 0 150px}
.slider output{font-variant-numeric:tabular-nums;color:var(--muted)}
caption{text-align:left;color:var(--muted);font-size:13px;padding:0 0 4px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px;margin:14px 0 0}
a{color:var(--c1)}a:focus-visible{outline:2px solid var(--c1);outline-offset:2px}
@media print{@page{margin:14mm}body{font-size:11px}main{max-width:none;padding:0 8px}
section{border:0;padding:0;margin:0 0 16px;background:none}nav,.slider{display:none}
.clock{display:block;width:fit-content}
h1,h2,h3,.lead,.quiet,.clock,caption{break-after:avoid}figure,svg,tr,.table{break-inside:avoid}
.wide{display:block}.narrow{display:none}.table{overflow:visible}
table{font-size:8.5px;width:100%}th,td{padding:3px 6px 3px 0;white-space:normal}
.panels{grid-template-columns:1fr 1fr}*{print-color-adjust:exact}}`;

/** Of lines that wind: shares of answers, losses over steps. */
export const CURVE_STYLE: string = `
.curve{fill:none;stroke-width:2.2}.curve.k0{stroke:var(--c0)}.curve.k1{stroke:var(--c1)}
.curve.k2{stroke:var(--c2);stroke-dasharray:7 3}.curve.k3{stroke:var(--c3);stroke-dasharray:2 3}
.curve.k4{stroke:var(--c4);stroke-dasharray:9 3 2 3}`;
