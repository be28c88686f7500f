// Built from app/ by `npm run dashboard`; not written by hand.
export const SOURCE_HASH: string = '53c7d8a6c07f7ffa';
export const PAGE_POLICY: string =
  'default-src \'none\'; script-src \'sha256-mLmrHgcyFUdRt2NjBMh70M9ydVCArOGHrec+fOR2y+I=\'; style-src \'sha256-3xbCg7YN9e9JQ1+LX3ohkJPH0WPi5v7ytmgpjE+dHZ8=\'; connect-src \'self\'; img-src data:; base-uri \'none\'; form-action \'none\'; frame-ancestors \'none\'';
export const PAGE_HTML: string =
  '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">\n<meta name="viewport" content="wid' +
  'th=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<link rel="ic' +
  'on" href="data:,"><title>Wafer</title>\n<style>:root {\n  color-scheme: light dark;\n  --page: #f6f' +
  '5f1;\n  --panel: #fffefb;\n  --ink: #1c2024;\n  --muted: #5a626b;\n  --grid: #e3e1da;\n  --edge: #d5d' +
  '2c8;\n  --control: #878d94;\n  --c0: #8a9099;\n  --c1: #1666b0;\n  --c2: #b34a05;\n  --c3: #0b7a5c;\n ' +
  ' --c4: #7b3fb8;\n  --danger: #b3261e;\n  --on: #fff;\n}\n@media (prefers-color-scheme: dark) {\n  :ro' +
  'ot {\n    --page: #101317;\n    --panel: #171b20;\n    --ink: #e9ebee;\n    --muted: #a3abb5;\n    --' +
  'grid: #2a3038;\n    --edge: #303740;\n    --control: #7d8791;\n    --c0: #808994;\n    --c1: #58a6f5' +
  ';\n    --c2: #ff9d57;\n    --c3: #42c99b;\n    --c4: #c49bff;\n    --danger: #ff8a80;\n    --on: #101' +
  '317;\n  }\n}\n* {\n  box-sizing: border-box;\n}\nbody {\n  margin: 0;\n  background: var(--page);\n  colo' +
  'r: var(--ink);\n  font:\n    15px/1.5 system-ui,\n    -apple-system,\n    \'Segoe UI\',\n    Roboto,\n  ' +
  '  sans-serif;\n  overflow-wrap: anywhere;\n}\nheader {\n  display: flex;\n  flex-wrap: wrap;\n  gap: 1' +
  '0px 20px;\n  align-items: center;\n  padding: 14px 20px;\n  border-bottom: 1px solid var(--edge);\n ' +
  ' background: var(--panel);\n}\nh1 {\n  font-size: 18px;\n  margin: 0;\n  letter-spacing: -0.01em;\n}\nh' +
  '2 {\n  font-size: 16px;\n  margin: 0 0 10px;\n}\nh3 {\n  font-size: 14px;\n  margin: 14px 0 6px;\n}\np {' +
  '\n  margin: 6px 0;\n  max-width: 78ch;\n}\n.quiet {\n  color: var(--muted);\n  font-size: 13px;\n}\n.pus' +
  'h {\n  margin-left: auto;\n}\nmain {\n  max-width: 1240px;\n  margin: 0 auto;\n  padding: 18px 20px 48' +
  'px;\n}\n.view {\n  display: grid;\n  gap: 16px;\n  grid-template-columns: repeat(2, minmax(0, 1fr));\n' +
  '}\n.view > .wide {\n  grid-column: 1 / -1;\n}\nsection {\n  background: var(--panel);\n  border: 1px s' +
  'olid var(--edge);\n  border-radius: 12px;\n  padding: 16px 18px;\n  min-width: 0;\n}\n@media (max-wid' +
  'th: 860px) {\n  main {\n    padding: 12px 10px 36px;\n  }\n  .view {\n    grid-template-columns: minm' +
  'ax(0, 1fr);\n  }\n  header {\n    padding: 12px;\n  }\n}\n:focus-visible {\n  outline: 2px solid var(--' +
  'c1);\n  outline-offset: 2px;\n}\n.skip {\n  position: absolute;\n  left: -999px;\n}\n.skip:focus {\n  le' +
  'ft: 10px;\n  top: 10px;\n  background: var(--panel);\n  padding: 6px 10px;\n  z-index: 2;\n  color: v' +
  'ar(--c1);\n}\n[role=\'tablist\'] {\n  display: flex;\n  gap: 4px;\n}\nbutton,\ninput,\nselect,\ntextarea {\n' +
  '  font: inherit;\n  color: inherit;\n}\nbutton {\n  border: 1px solid var(--control);\n  border-radiu' +
  's: 8px;\n  background: var(--panel);\n  padding: 5px 12px;\n  min-height: 34px;\n  cursor: pointer;\n' +
  '}\nbutton:hover {\n  border-color: var(--ink);\n}\nbutton:disabled {\n  opacity: 0.6;\n  cursor: defau' +
  'lt;\n}\nbutton[aria-selected=\'true\'],\nbutton.main {\n  background: var(--c1);\n  border-color: var(-' +
  '-c1);\n  color: var(--on);\n}\ninput,\nselect,\ntextarea {\n  width: 100%;\n  border: 1px solid var(--c' +
  'ontrol);\n  border-radius: 8px;\n  background: var(--page);\n  padding: 6px 9px;\n  color: var(--ink' +
  ');\n  min-height: 34px;\n}\ninput[type=\'checkbox\'] {\n  width: 18px;\n  min-height: 18px;\n  accent-co' +
  'lor: var(--c1);\n}\ntextarea {\n  min-height: 74px;\n  resize: vertical;\n}\n.code {\n  font:\n    13px/' +
  '1.45 ui-monospace,\n    \'SF Mono\',\n    Menlo,\n    Consolas,\n    monospace;\n}\nlabel,\n.key label {\n' +
  '  display: block;\n  font-size: 13px;\n  color: var(--muted);\n}\nlabel.check {\n  display: flex;\n  g' +
  'ap: 8px;\n  align-items: center;\n}\n.fields {\n  display: grid;\n  grid-template-columns: repeat(aut' +
  'o-fill, minmax(118px, 1fr));\n  gap: 10px;\n}\n.row {\n  display: flex;\n  flex-wrap: wrap;\n  gap: 10' +
  'px;\n  align-items: center;\n  margin: 10px 0;\n}\n.key {\n  display: flex;\n  gap: 8px;\n  align-items' +
  ': center;\n}\n.key input {\n  width: 190px;\n}\n.error {\n  color: var(--danger);\n  font-weight: 600;\n' +
  '}\n.figures {\n  display: grid;\n  grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));\n  ' +
  'gap: 12px;\n  margin: 0;\n}\n.figures dt {\n  color: var(--muted);\n  font-size: 13px;\n}\n.figures dd ' +
  '{\n  margin: 0;\n  font-size: 22px;\n  font-weight: 650;\n  font-variant-numeric: tabular-nums;\n}\nsv' +
  'g {\n  display: block;\n  max-width: 100%;\n  height: auto;\n  overflow: visible;\n}\nsvg text {\n  fon' +
  't:\n    12px system-ui,\n    -apple-system,\n    \'Segoe UI\',\n    Roboto,\n    sans-serif;\n  fill: va' +
  'r(--ink);\n}\nsvg .m {\n  fill: var(--muted);\n}\n.tile {\n  fill: var(--page);\n  stroke: var(--edge);' +
  '\n}\n.compute {\n  fill: var(--c3);\n  background: var(--c3);\n}\n.send {\n  fill: var(--c4);\n  backgro' +
  'und: var(--c4);\n}\n.wait {\n  fill: var(--c2);\n  background: var(--c2);\n}\n.idle {\n  fill: var(--gr' +
  'id);\n  background: var(--grid);\n}\n.prefill {\n  fill: var(--c1);\n  background: var(--c1);\n}\n.cut ' +
  '{\n  stroke: var(--ink);\n  stroke-width: 2;\n  stroke-dasharray: 5 4;\n}\n.legend {\n  display: flex;' +
  '\n  flex-wrap: wrap;\n  gap: 4px 16px;\n  list-style: none;\n  padding: 0;\n  margin: 10px 0 0;\n  fon' +
  't-size: 13px;\n  color: var(--muted);\n}\n.legend i {\n  display: inline-block;\n  width: 12px;\n  hei' +
  'ght: 12px;\n  border-radius: 3px;\n  margin-right: 6px;\n  vertical-align: -1px;\n  border: 1px soli' +
  'd var(--control);\n}\n.scroll {\n  overflow-x: auto;\n}\ntable {\n  border-collapse: collapse;\n  font-' +
  'size: 13px;\n  font-variant-numeric: tabular-nums;\n  width: 100%;\n}\nth,\ntd {\n  padding: 5px 12px ' +
  '5px 0;\n  text-align: right;\n  white-space: nowrap;\n  border-bottom: 1px solid var(--grid);\n}\nth:' +
  'first-child,\ntd:first-child {\n  text-align: left;\n}\nth {\n  color: var(--muted);\n  font-weight: 6' +
  '00;\n}\ntd svg {\n  min-width: 160px;\n  width: 100%;\n  height: 14px;\n}\n.chart {\n  min-height: 170px' +
  ';\n}\n.uplot,\n.u-legend {\n  color: var(--ink);\n  font-family: inherit;\n}\n.u-legend {\n  font-size: ' +
  '12px;\n  text-align: left;\n}\n.u-legend .u-series > * {\n  padding: 2px 6px 2px 0;\n}\n.talk {\n  disp' +
  'lay: grid;\n  gap: 10px;\n  margin: 0;\n  padding: 0;\n  list-style: none;\n}\n.talk li {\n  border: 1p' +
  'x solid var(--edge);\n  border-radius: 10px;\n  padding: 8px 12px;\n}\n.talk .who {\n  font-size: 12p' +
  'x;\n  color: var(--muted);\n  font-weight: 600;\n}\n.talk .what {\n  white-space: pre-wrap;\n  margin:' +
  ' 2px 0 0;\n}\n.tokens {\n  border: 1px solid var(--edge);\n  border-radius: 8px;\n  padding: 8px;\n  w' +
  'hite-space: pre-wrap;\n  line-height: 2;\n  max-height: 260px;\n  overflow: auto;\n}\n.tokens span {\n' +
  '  border-bottom: 3px solid transparent;\n  cursor: default;\n}\n.p0 {\n  border-bottom-color: var(--' +
  'c3) !important;\n}\n.p1 {\n  border-bottom-color: var(--c1) !important;\n}\n.p2 {\n  border-bottom-col' +
  'or: var(--c2) !important;\n  border-bottom-style: dashed !important;\n}\n.tokens span[aria-selected' +
  '=\'true\'] {\n  background: var(--grid);\n  outline: 2px solid var(--c1);\n}\ndetails {\n  margin: 10px' +
  ' 0;\n}\nsummary {\n  cursor: pointer;\n  font-weight: 600;\n  font-size: 14px;\n}\n\n::placeholder {\n  c' +
  'olor: var(--muted);\n  opacity: 1;\n}\nform {\n  margin: 12px 0;\n}\nheader form {\n  margin: 0;\n}\n.upl' +
  'ot, .uplot *, .uplot *::before, .uplot *::after {box-sizing: border-box;}.uplot {font-family: sy' +
  'stem-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "A' +
  'pple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji";line-height: 1.5;widt' +
  'h: min-content;}.u-title {text-align: center;font-size: 18px;font-weight: bold;}.u-wrap {positio' +
  'n: relative;user-select: none;}.u-over, .u-under {position: absolute;}.u-under {overflow: hidden' +
  ';}.uplot canvas {display: block;position: relative;width: 100%;height: 100%;}.u-axis {position: ' +
  'absolute;}.u-legend {font-size: 14px;margin: auto;text-align: center;}.u-inline {display: block;' +
  '}.u-inline * {display: inline-block;}.u-inline tr {margin-right: 16px;}.u-legend th {font-weight' +
  ': 600;}.u-legend th > * {vertical-align: middle;display: inline-block;}.u-legend .u-marker {widt' +
  'h: 1em;height: 1em;margin-right: 4px;background-clip: padding-box !important;}.u-inline.u-live t' +
  'h::after {content: ":";vertical-align: middle;}.u-inline:not(.u-live) .u-value {display: none;}.' +
  'u-series > * {padding: 4px;}.u-series th {cursor: pointer;}.u-legend .u-off > * {opacity: 0.3;}.' +
  'u-select {background: rgba(0,0,0,0.07);position: absolute;pointer-events: none;}.u-cursor-x, .u-' +
  'cursor-y {position: absolute;left: 0;top: 0;pointer-events: none;will-change: transform;}.u-hz .' +
  'u-cursor-x, .u-vt .u-cursor-y {height: 100%;border-right: 1px dashed #607D8B;}.u-hz .u-cursor-y,' +
  ' .u-vt .u-cursor-x {width: 100%;border-bottom: 1px dashed #607D8B;}.u-cursor-pt {position: absol' +
  'ute;top: 0;left: 0;border-radius: 50%;border: 0 solid;pointer-events: none;will-change: transfor' +
  'm;/*this has to be !important since we set inline "background" shorthand */background-clip: padd' +
  'ing-box !important;}.u-axis.u-off, .u-select.u-off, .u-cursor-x.u-off, .u-cursor-y.u-off, .u-cur' +
  'sor-pt.u-off {display: none;}</style></head>\n<body><div id="app"><noscript>This page needs JavaS' +
  'cript.</noscript></div>\n<script type="module">// node_modules/.pnpm/preact@11.2.0/node_modules/p' +
  'react/dist/preact.mjs\nvar e, t, n, r, i, a, o, s, c, l, u = Symbol.for("pv"), d = {}, f = [], p ' +
  '= /^m(i|n|o|s|text|space)$/, m = Array.isArray, h = f.slice, g = Object.assign;\nfunction _(e) {\n' +
  '\te && e.parentNode && e.remove();\n}\nfunction v(n, r, i, a, o) {\n\tvar s = {\n\t\ttype: n,\n\t\tprops: r' +
  ',\n\t\tkey: i,\n\t\tref: a,\n\t\t__k: null,\n\t\t__: null,\n\t\t__b: 0,\n\t\t__e: null,\n\t\t__c: null,\n\t\tconstructor' +
  ': u,\n\t\t__v: o || ++t,\n\t\t__i: -1,\n\t\t__u: 0\n\t};\n\treturn !o && e.vnode && e.vnode(s), s;\n}\nfunction' +
  ' y(e) {\n\treturn e.children;\n}\nfunction b(e, t) {\n\tthis.props = e, this.context = t, this.__g = 0' +
  ';\n}\nfunction x(e, t) {\n\tif (t == null) return e.__ && x(e.__, e.__i + 1);\n\tfor (var n; t < e.__k' +
  '.length; t++) if ((n = e.__k[t]) && n.__e) return n.__e;\n\treturn typeof e.type != "function" || ' +
  'e.props.__P ? null : x(e);\n}\nfunction S(t) {\n\tvar n, r = t.__v, i = r.__e, a = [], o = [], s = t' +
  '.__P;\n\ts && ((n = g({ constructor: u }, r)).__v = r.__v + 1, e.vnode && e.vnode(n), ee(s, n, r, ' +
  't.__n, s.namespaceURI, 32 & r.__u ? [i] : null, a, i || x(r), 32 & r.__u, o), n.__v = r.__v, n._' +
  '_.__k[n.__i] = n, re(a, n, o), r.__ = r.__e = null, n.__e != i && C(n));\n}\nfunction C(e) {\n\tif (' +
  '(e = e.__) && e.__c && !e.props.__P) return e.__e = null, e.__k.some(function(t) {\n\t\treturn t &&' +
  ' (e.__e = t.__e);\n\t}), C(e);\n}\nfunction w(t) {\n\t(8 & t.__g || (t.__g |= 8, n.push(t), i++)) && r' +
  ' == e.debounceRendering || ((r = e.debounceRendering) || queueMicrotask)(T);\n}\nfunction T() {\n\tt' +
  'ry {\n\t\tfor (var e, t = 1; n.length;) n.length > t && n.sort(a), e = n.shift(), t = n.length, 8 &' +
  ' e.__g && S(e);\n\t} finally {\n\t\t(i = n.length) && (r || queueMicrotask)(T);\n\t}\n}\nfunction E(e, t,' +
  ' n, r, i, a, o, s, c, l, u) {\n\tvar p, m, h, g, _, v, y = r.__k || f, b = t.length;\n\tfor (c = D(n' +
  ', t, y, c, b), p = 0; p < b; p++) (h = n.__k[p]) != null && (m = ~h.__i && y[h.__i] || d, h.__i ' +
  '= p, v = ee(e, h, m, i, a, o, s, c, l, u), g = h.__e, (m.ref != h.ref || 8 & m.__u) && (m.ref &&' +
  ' N(m.ref, null, h, m), h.ref && u.push(h.ref, h.__c || g, h)), _ ||= g, 4 & h.__u ? (c = O(h, c,' +
  ' e, !m.__v), m.__e && (m.__e = null)) : typeof h.type == "function" && v !== void 0 ? c = v : g ' +
  '&& (c = g.nextSibling), h.__u &= -21);\n\treturn n.__e = _, c;\n}\nfunction D(e, t, n, r, i) {\n\tvar ' +
  'a, o, s, c, l, d, f, p, h, g = n.length, _ = g, b = 0, S = 0, C = e.__k = Array(i);\n\tfor (a = 0;' +
  ' a < i; a++) (o = t[a]) != null && typeof o != "boolean" && typeof o != "function" ? (typeof o !' +
  '= "object" || o.constructor === String ? o = C[a] = v(null, o) : m(o) ? o = C[a] = v(y, { childr' +
  'en: o }) : o.constructor === u && o.__b ? o = C[a] = v(o.type, o.props, o.key, o.ref, o.__v) : C' +
  '[a] = o, c = a + b, o.__ = e, o.__b = e.__b + 1, s = null, ~(l = o.__i = k(o, n, c, _)) && (_--,' +
  ' (s = n[l]) && (s.__u |= 2)), s && s.__v ? (o.__u |= 16, l == c - 1 ? b-- : l == c + 1 ? b++ : l' +
  ' != c && (l > c ? b-- : b++, S = 1)) : (~l || (i > g ? b-- : i < g && b++), typeof o.type != "fu' +
  'nction" && (o.__u |= 4))) : C[a] = null;\n\tif (S) {\n\t\tfor (d = [], f = [], a = 0; a < i; a++) if ' +
  '((o = C[a]) && 16 & o.__u) {\n\t\t\tfor (b = 0, p = d.length; b < p;) d[h = b + p >> 1] < o.__i ? b ' +
  '= h + 1 : p = h;\n\t\t\td[b] = o.__i, f[a] = b + 1;\n\t\t}\n\t\tfor (b = d.length; a--;) f[a] && (f[a] == ' +
  'b ? b-- : C[a].__u |= 4);\n\t}\n\tif (_) for (a = 0; a < g; a++) !(s = n[a]) || 2 & s.__u || (s.__e ' +
  '== r && (r = x(s)), P(s, s));\n\treturn r;\n}\nfunction O(e, t, n, r) {\n\tvar i, a, o, s;\n\tif (typeof' +
  ' e.type == "function") {\n\t\tif (e.props.__P) return t;\n\t\tif (i = e.__k) for (a = 0; a < i.length;' +
  ' a++) i[a] && (i[a].__ = e, t = O(i[a], t, n, !1));\n\t\treturn t;\n\t}\n\tfor (t && !t.parentNode && (' +
  't = x(e)) && !t.parentNode && (t = null), o = e.__e, s = t; s && s.nodeType == 8;) s = s.nextSib' +
  'ling;\n\tfor (o != s && (!r && n.moveBefore && o.parentNode ? n.moveBefore(o, t) : n.insertBefore(' +
  'o, t || null)), t = o; (t &&= t.nextSibling) && t.nodeType == 8 && !t.data.startsWith("$s"););\n\t' +
  'return t;\n}\nfunction k(e, t, n, r) {\n\tvar i, a = e.key, o = e.type, s = t[n], c = s && !(2 & s._' +
  '_u);\n\tif (s === null && a == null || c && a == s.key && o == s.type) return n;\n\tif (r > +!!c) {\n' +
  '\t\tfor (i = n - 1; i >= 0; i--) if ((s = t[i]) && !(2 & s.__u) && a == s.key && o == s.type) retu' +
  'rn i;\n\t\tfor (i = n + 1; i < t.length; i++) if ((s = t[i]) && !(2 & s.__u) && a == s.key && o == ' +
  's.type) return i;\n\t}\n\treturn -1;\n}\nfunction A(e, t, n) {\n\tn ??= "", t[0] == "-" ? e.setProperty(' +
  't, n) : e[t] = n;\n}\nfunction j(e, t, n, r, i) {\n\tvar a, o;\n\tif (t == "style") {\n\t\tif (typeof n =' +
  '= "string") e.style.cssText = n;\n\t\telse {\n\t\t\tif (typeof r == "string" && (e.style.cssText = r = ' +
  '""), r) for (t in r) n && t in n || A(e.style, t);\n\t\t\tif (n) for (t in n) r && n[t] == r[t] || A' +
  '(e.style, t, n[t]);\n\t\t}\n\t} else if (t[0] == "o" && t[1] == "n") typeof n != "function" && (n = n' +
  'ull), typeof r != "function" && (r = null), (e.__e ||= {})[t] = n, n && r || (o = l[t] || (l[t] ' +
  '= M(t)), (e.__a ||= {})[t] = c, a = t != (t = t.replace(s, "$1")), (t = t.slice(2))[0] < "a" && ' +
  '(t = t.toLowerCase()), n ? e.addEventListener(t, o, a) : e.removeEventListener(t, o, a));\n\telse ' +
  '{\n\t\tif (i == "http://www.w3.org/2000/svg") t = t.replace(/xlink(H|:h)/, "h").replace(/sName$/, "' +
  's");\n\t\telse if (t != "width" && t != "height" && t != "href" && t != "list" && t != "form" && t ' +
  '!= "tabIndex" && t != "download" && t != "rowSpan" && t != "colSpan" && t != "role" && t != "pop' +
  'over" && t in e) try {\n\t\t\te[t] = n ?? "";\n\t\t\treturn;\n\t\t} catch {}\n\t\tif (typeof n == "function") ' +
  'return;\n\t\tn == null || !1 === n && t[4] != "-" ? e.removeAttribute(t) : e.setAttribute(t, t == "' +
  'popover" && n == 1 ? "" : n);\n\t}\n}\nfunction M(t) {\n\treturn function(n) {\n\t\tvar r = this.__e;\n\t\ti' +
  'f (r) {\n\t\t\tif (r = r[t], n[o] == null) n[o] = c++;\n\t\t\telse if (n[o] < this.__a[t]) return;\n\t\t\tre' +
  'turn r(e.event ? e.event(n) : n);\n\t\t}\n\t};\n}\nfunction ee(t, n, r, i, a, o, s, c, l, d) {\n\tvar p, ' +
  'h, v, S, C, w, T, D, O, k, A, j, M, ee, re, N, I, L, R = n.type;\n\tif (n.constructor !== u) retur' +
  'n null;\n\t128 & r.__u && (l = 32 & r.__u, p = r.__c.__z) && (n.__u |= l, h = o = [], p.nodeType =' +
  '= 8 ? c = te(p, o) : o.push(p), c = o[0] || c), (p = e.__b) && p(n);\n\tn: if (typeof R == "functi' +
  'on") {\n\t\tv = s.length;\n\t\ttry {\n\t\t\tif (D = n.props, O = (p = R.prototype) && p.render, k = (p = R' +
  '.contextType) && i[p.__c], A = p ? k ? k.props.value : p.__ : i, (S = r.__c) ? (n.__c = S, 2 & S' +
  '.__g && (S.__g |= 1)) : (O ? n.__c = S = new R(D, A) : (n.__c = S = new b(D, A), S.constructor =' +
  ' R, S.render = F), k && k.sub(S), S.state || (S.state = {}), S.__n = i, S.__g |= 8, S.__h = [], ' +
  'S.__k = []), O && (S.__s || (S.__s = S.state), R.getDerivedStateFromProps && (S.__s == S.state &' +
  '& (S.__s = g({}, S.__s)), g(S.__s, R.getDerivedStateFromProps(D, S.__s)))), C = S.props, w = S.s' +
  'tate, S.__v = n, r.__c) {\n\t\t\t\tif (D !== C && O && !R.getDerivedStateFromProps && S.componentWill' +
  'ReceiveProps && S.componentWillReceiveProps(D, A), n.__v == r.__v && !(8 & S.__g) || !(4 & S.__g' +
  ') && S.shouldComponentUpdate && !1 === S.shouldComponentUpdate(D, S.__s, A)) {\n\t\t\t\t\tn.__v != r._' +
  '_v && (S.props = D, S.state = S.__s, S.__g &= -9), n.__e = r.__e, n.__k = r.__k, n.__k.some(func' +
  'tion(e) {\n\t\t\t\t\t\te && (e.__ = n);\n\t\t\t\t\t}), f.push.apply(S.__h, S.__k), S.__k = [], S.__h.length &' +
  '& s.push(S), c = x(r);\n\t\t\t\t\tbreak n;\n\t\t\t\t}\n\t\t\t\tS.componentWillUpdate && S.componentWillUpdate(D,' +
  ' S.__s, A), O && S.componentDidUpdate && S.__h.push(function() {\n\t\t\t\t\tS.componentDidUpdate(C, w,' +
  ' T);\n\t\t\t\t});\n\t\t\t} else O && !R.getDerivedStateFromProps && S.componentWillMount && S.componentWi' +
  'llMount(), O && S.componentDidMount && S.__h.push(S.componentDidMount);\n\t\t\tS.context = A, S.prop' +
  's = D, S.__P = t, S.__g &= -5, j = e.__r, M = O ? 25 : 0;\n\t\t\tdo\n\t\t\t\tS.__g &= -9, j && j(n), p = ' +
  'S.render(S.props, S.state = S.__s, S.context);\n\t\t\twhile (8 & S.__g && ++M < 25);\n\t\t\tO && (f.push' +
  '.apply(S.__h, S.__k), S.__k = []), S.state = S.__s, S.getChildContext && (i = g({}, i, S.getChil' +
  'dContext())), O && r.__c && S.getSnapshotBeforeUpdate && (T = S.getSnapshotBeforeUpdate(C, w)), ' +
  'ee = p && p.type === y && p.key == null ? p.props.children : p, D.__P && (p = c, a = (t = D.__P)' +
  '.namespaceURI, l = o = null, r.props && r.props.__P != t && (r.__k.some(function(e) {\n\t\t\t\te && P' +
  '(e, e);\n\t\t\t}), r.__k = null), c = r.__k ? x(r, 0) : null), c = E(t, m(ee) ? ee : [ee], n, r, i, ' +
  'a, o, s, c, l, d), D.__P && (n.__e = null, c = p), n.__u &= -161, h && h.some(_), S.__h.length &' +
  '& s.push(S), 1 & S.__g && (S.__g &= -4);\n\t\t} catch (t) {\n\t\t\tif (s.length = v, n.__v = null, l ||' +
  ' o) {\n\t\t\t\tif (t && t.then) {\n\t\t\t\t\tif (n.__u |= 128 | l, o) {\n\t\t\t\t\t\tfor (~(I = o.indexOf(c || voi' +
  'd 0)) || (I = o.length); (L = o[I - 1]) && L.nodeType == 8;) I--;\n\t\t\t\t\t\tfor (; I < o.length; I++' +
  ') if (L = o[I]) {\n\t\t\t\t\t\t\tif (o[I] = null, re) {\n\t\t\t\t\t\t\t\tif (L == N) break;\n\t\t\t\t\t\t\t} else {\n\t\t\t\t\t' +
  '\t\t\tif (L.nodeType != 8) break;\n\t\t\t\t\t\t\t\tL.data.startsWith("$s") && (N = te(re = L));\n\t\t\t\t\t\t\t}\n\t\t\t' +
  '\t\t\t}\n\t\t\t\t\t}\n\t\t\t\t\tif (!re) {\n\t\t\t\t\t\tfor (; c && c.nodeType == 8 && c.nextSibling;) c = c.nextSibli' +
  'ng;\n\t\t\t\t\t\tre = c;\n\t\t\t\t\t}\n\t\t\t\t\t(p = te(re = n.__c.__z || (n.__c.__z = re))) ? (n.__e = re, c = p)' +
  ' : n.__e = c, c &&= c.nextSibling;\n\t\t\t\t} else o && o.some(_);\n\t\t\t} else n.__e = r.__e;\n\t\t\tn.__k ' +
  '||= r.__k || [], t && t.then || ne(n), e.__e(t, n, r);\n\t\t}\n\t} else c = n.__e = ie(r.__e, n, r, i' +
  ', a, o, s, l, d, t);\n\treturn (p = e.diffed) && p(n), c;\n}\nfunction te(e, t) {\n\tif (e && e.nodeTy' +
  'pe == 8 && e.data.startsWith("$s")) for (var n = 1; e = e.nextSibling;) {\n\t\tif (e.nodeType == 8)' +
  ' {\n\t\t\tif (e.data.startsWith("$s")) n++;\n\t\t\telse if (e.data.startsWith("/$s") && !--n) return e;\n' +
  '\t\t}\n\t\tt && t.push(e);\n\t}\n}\nfunction ne(e) {\n\te && (e.__c && (e.__c.__g |= 4), e.__k && e.__k.som' +
  'e(ne));\n}\nfunction re(t, n, r) {\n\tfor (var i = 0; i < r.length;) N(r[i++], r[i++], r[i++]);\n\te._' +
  '_c && e.__c(n, t), t.some(function(n) {\n\t\ttry {\n\t\t\tt = n.__h, n.__h = [], t.some(function(e) {\n\t' +
  '\t\t\te.call(n);\n\t\t\t});\n\t\t} catch (t) {\n\t\t\te.__e(t, n.__v);\n\t\t}\n\t});\n}\nfunction ie(t, n, r, i, a, o' +
  ', s, c, l, u) {\n\tvar f, g, v, y, b, S, C, w, T = r.props || d, D = n.props, O = n.type;\n\tif (O =' +
  '= "svg" ? a = "http://www.w3.org/2000/svg" : O == "math" ? a = "http://www.w3.org/1998/Math/Math' +
  'ML" : a ||= "http://www.w3.org/1999/xhtml", o) {\n\t\tfor (f = 0; f < o.length; f++) if ((b = o[f])' +
  ' && (O ? b.localName == O : b.nodeType == 3)) {\n\t\t\tt = b, o[f] = null;\n\t\t\tbreak;\n\t\t}\n\t}\n\tif (!t)' +
  ' {\n\t\tif (w = u.ownerDocument || document, !O) return w.createTextNode(D);\n\t\tt = w.createElementN' +
  'S(a, O, D.is ? D : u), c &&= (e.__m && e.__m(n, o), !1), o = null;\n\t}\n\tif (O) {\n\t\tif (u = O == "' +
  'template" && t.content || t, o = O == "textarea" && D.defaultValue != null ? null : o && h.call(' +
  'u.childNodes), !c && o) for (T = {}, f = 0; f < t.attributes.length; f++) T[(b = t.attributes[f]' +
  ').name] = b.value;\n\t\tfor (f in T) b = T[f], f == "dangerouslySetInnerHTML" ? v = b : f == "child' +
  'ren" || f in D || f == "value" && "defaultValue" in D || f == "checked" && "defaultChecked" in D' +
  ' || j(t, f, null, b, a);\n\t\tfor (f in D) b = D[f], f == "children" ? y = b : f == "dangerouslySet' +
  'InnerHTML" ? g = b : f == "value" ? S = b : f == "checked" ? C = b : c && typeof b != "function"' +
  ' || T[f] === b || j(t, f, b, T[f], a);\n\t\tg ? (c || v && (g.__html == v.__html || g.__html == t.i' +
  'nnerHTML) || (t.innerHTML = g.__html), n.__k = []) : (v && (t.textContent = ""), (O == "foreignO' +
  'bject" || a == "http://www.w3.org/1998/Math/MathML" && p.test(O)) && (a = "http://www.w3.org/199' +
  '9/xhtml"), E(u, m(y) ? y : [y], n, r, i, a, o, s, o ? o[0] : r.__k && x(r, 0), c, l), o && o.som' +
  'e(_)), c && O != "textarea" || (f = "value", O == "progress" && S == null ? t.removeAttribute(f)' +
  ' : S == null || S === t[f] && (O != "progress" || S) || j(t, f, S, T[f], a), f = "checked", C !=' +
  ' null && C != t[f] && j(t, f, C, T[f], a));\n\t} else T === D || c && t.data == D || (t.data = D);' +
  '\n\treturn t;\n}\nfunction N(t, n, r, i) {\n\ttry {\n\t\ttypeof t == "function" ? n ? n.__x = t(n) || 1 :' +
  ' (i &&= i.__c || i.__e) && (n = i.__x) && (i.__x = null, typeof n == "function" ? n() : t(null))' +
  ' : t.current = n;\n\t} catch (t) {\n\t\te.__e(t, r);\n\t}\n}\nfunction P(t, n, r) {\n\tvar i, a, o, s;\n\tif ' +
  '(e.unmount && e.unmount(t), !(i = t.ref) || i.current && i.current != t.__e || N(i, null, n, t),' +
  ' i = t.__c) {\n\t\tif (i.componentWillUnmount) try {\n\t\t\ti.componentWillUnmount();\n\t\t} catch (t) {\n\t' +
  '\t\te.__e(t, n);\n\t\t}\n\t\ti.__P = i.__n = null;\n\t}\n\tif (i = t.__k) for (s = 0; s < i.length; s++) i[s' +
  '] && P(i[s], n, typeof t.type != "function" || r && !t.props.__P);\n\t!r && (i = t.__c) && (i = i.' +
  '__z) && (a = te(i, o = [])) && (i == t.__e && o.some(_), _(a), _(i)), r || _(t.__e), t.__e = t._' +
  '_c = t.__ = null;\n}\nfunction F(e, t, n) {\n\treturn this.constructor(e, n);\n}\nfunction I(t, n) {\n\t' +
  'var r, i, a, o;\n\te.__ && e.__(t, n), n.nodeType == 9 && (n = n.documentElement), i = (r = t && 3' +
  '2 & t.__u) ? null : n.__k, n.__k = v(y, { children: [t] }), a = [], o = [], ee(n, n.__k, i || d,' +
  ' d, n.namespaceURI, i ? null : n.firstChild ? h.call(n.childNodes) : null, a, i ? i.__e : n.firs' +
  'tChild, r, o), re(a, n.__k, o), n.__k.props.children = null;\n}\ne = { __e: function(e, t, n, r) {' +
  '\n\tfor (var a, o, s; t = t.__;) if ((a = t.__c) && !(1 & a.__g)) {\n\t\ta.__g |= 4;\n\t\ttry {\n\t\t\tif ((' +
  's = (o = a.constructor) && o.getDerivedStateFromError) && a.setState(o.getDerivedStateFromError(' +
  'e)), a.componentDidCatch && (a.componentDidCatch(e, r || {}), s = 1), s && 8 & a.__g) return voi' +
  'd (a.__g |= 2);\n\t\t} catch (t) {\n\t\t\te = t;\n\t\t}\n\t}\n\tthrow i = 0, e;\n} }, t = 0, b.prototype.setSta' +
  'te = function(e, t) {\n\tvar n = this.__s;\n\tn && n != this.state || (n = this.__s = g({}, this.sta' +
  'te)), typeof e == "function" && (e = e(g({}, n), this.props)), e && (g(n, e), this.__v && (t && ' +
  'this.__k.push(t), w(this)));\n}, b.prototype.forceUpdate = function(e) {\n\tthis.__v && (this.__g |' +
  '= 4, e && this.__h.push(e), w(this));\n}, b.prototype.render = y, n = [], i = 0, a = function(e, ' +
  't) {\n\treturn e.__v.__b - t.__v.__b;\n}, o = Symbol(), s = /(PointerCapture)$|Capture$/i, c = 0, l' +
  ' = {};\n// node_modules/.pnpm/preact@11.2.0/node_modules/preact/hooks/dist/hooks.mjs\nvar L, R, ae' +
  ', oe, se = Object.is, ce = 0, le = [], ue = [], z = e, de = z.__b, fe = z.__r, pe = z.diffed, me' +
  ' = z.__c, he = z.unmount, ge = z.__;\nfunction _e(e, t) {\n\tz.__h && z.__h(R, e, ce || t), ce = 0;' +
  '\n\tvar n = R.__H || (R.__H = {\n\t\t__: [],\n\t\t__h: []\n\t});\n\treturn e >= n.__.length && n.__.push({})' +
  ', n.__[e];\n}\nfunction ve(e) {\n\treturn ce = 1, ye(Oe, e);\n}\nfunction ye(e, t, n) {\n\tvar r = _e(L+' +
  '+, 2);\n\tif (r.t = e, !r.__c && (r.__ = [n ? n(t) : Oe(void 0, t), function(e) {\n\t\tvar t = (r.__N' +
  ' || r.__)[0], n = r.t(t, e);\n\t\tse(t, n) || (r.__N = [n, r.__[1]], r.__c.setState({}));\n\t}], r.__' +
  'c = R, !R.__f)) {\n\t\tR.__f = !0;\n\t\tvar i = R.shouldComponentUpdate;\n\t\tR.shouldComponentUpdate = f' +
  'unction(e, t, n) {\n\t\t\tvar r = this.__H;\n\t\t\tif (!r) return !0;\n\t\t\tvar a = !1, o = this.props != e' +
  ';\n\t\t\tif (r.__.some(function(e) {\n\t\t\t\te.__N && (a = !0, se(e.__[0], e.__N[0]) || (o = !0));\n\t\t\t})' +
  ', i) {\n\t\t\t\tvar s = i.call(this, e, t, n);\n\t\t\t\treturn a ? s || o : s;\n\t\t\t}\n\t\t\treturn !a || o;\n\t\t}' +
  ';\n\t}\n\treturn r.__;\n}\nfunction B(e, t) {\n\tvar n = _e(L++, 3);\n\t!z.__s && De(n.__H, t) && (n.__P =' +
  ' !0, n.__ = e, n.u = t, R.__H.__h.push(n));\n}\nfunction V(e) {\n\treturn ce = 5, be(function() {\n\t\t' +
  'return { current: e };\n\t}, []);\n}\nfunction be(e, t) {\n\tvar n = _e(L++, 7);\n\treturn De(n.__H, t) ' +
  '&& (n.__ = e(), n.__H = t), n.__;\n}\nfunction xe() {\n\tvar e;\n\tdo {\n\t\tfor (; e = ue.shift();) try ' +
  '{\n\t\t\tTe(e);\n\t\t} catch (t) {\n\t\t\tz.__e(t, { __: (e = e.__P) && e.__v });\n\t\t}\n\t\tfor (; e = le.shift' +
  '();) {\n\t\t\tvar t = e.__H;\n\t\t\tif (e.__P && t) try {\n\t\t\t\tt.__h.some(Te), t.__h.some(Ee), t.__h = []' +
  ';\n\t\t\t} catch (n) {\n\t\t\t\tt.__h = [], z.__e(n, e.__v);\n\t\t\t}\n\t\t}\n\t} while (ue.length);\n}\nz.__b = fun' +
  'ction(e) {\n\tR = null, de && de(e);\n}, z.__ = function(e, t) {\n\te && t.__k && t.__k.__m && (e.__m' +
  ' = t.__k.__m), ge && ge(e, t);\n}, z.__r = function(e) {\n\tfe && fe(e), L = 0;\n\tvar t = (R = e.__c' +
  ').__H;\n\tt && (ae == R ? R.__h = [] : (t.__h.some(Te), t.__h.some(Ee), L = 0), t.__h = [], t.__.s' +
  'ome(function(e) {\n\t\te.__N && (e.__ = e.__N), e.u = e.__N = void 0;\n\t})), ae = R;\n}, z.diffed = f' +
  'unction(e) {\n\tpe && pe(e);\n\tvar t = e.__c;\n\tt && t.__H && (t.__H.__h.length && we(le.push(t)), t' +
  '.__H.__.some(function(e) {\n\t\te.u && (e.__H = e.u);\n\t})), ae = R = null;\n}, z.__c = function(e, t' +
  ') {\n\tt.some(function(e) {\n\t\ttry {\n\t\t\te.__h.some(Te), e.__h = e.__h.filter(function(e) {\n\t\t\t\tretu' +
  'rn !e.__ || Ee(e);\n\t\t\t});\n\t\t} catch (t) {\n\t\t\te.__h = [function() {\n\t\t\t\tthrow t;\n\t\t\t}];\n\t\t}\n\t}), ' +
  'me && me(e, t);\n}, z.unmount = function(e) {\n\the && he(e);\n\tvar t, n, r = e.__c;\n\tr && r.__H && ' +
  '(r.__H.__.some(function(r) {\n\t\ttry {\n\t\t\tif (r.__P && r.__c) {\n\t\t\t\tif (n === void 0) {\n\t\t\t\t\tfor (' +
  'n = e.__; n && (!n.__c || !n.__c.__P);) n = n.__;\n\t\t\t\t\tn &&= n.__c;\n\t\t\t\t}\n\t\t\t\tr.__P = n, we(ue.p' +
  'ush(r));\n\t\t\t} else Te(r);\n\t\t} catch (e) {\n\t\t\tt = e;\n\t\t}\n\t}), r.__H = void 0, t && z.__e(t, r.__v' +
  '));\n};\nvar Se = typeof requestAnimationFrame == "function";\nfunction Ce(e) {\n\tvar t, n = functio' +
  'n() {\n\t\tclearTimeout(r), Se && cancelAnimationFrame(t), setTimeout(e);\n\t}, r = setTimeout(n, 35)' +
  ';\n\tSe && (t = requestAnimationFrame(n));\n}\nfunction we(e) {\n\te != 1 && oe == z.requestAnimationF' +
  'rame || ((oe = z.requestAnimationFrame) || Ce)(xe);\n}\nfunction Te(e) {\n\tvar t = R, n = e.__c;\n\tt' +
  'ypeof n == "function" && (e.__c = void 0, n()), R = t;\n}\nfunction Ee(e) {\n\tvar t = R;\n\te.__c = e' +
  '.__(), R = t;\n}\nfunction De(e, t) {\n\treturn !e || e.length != t.length || t.some(function(t, n) ' +
  '{\n\t\treturn !se(t, e[n]);\n\t});\n}\nfunction Oe(e, t) {\n\treturn typeof t == "function" ? t(e) : t;\n}' +
  '\n// packages/dashboard/app/server.ts\nvar ke = "wafer-key";\nfunction Ae() {\n\treturn sessionStorag' +
  'e.getItem(ke) ?? "";\n}\nfunction je(e) {\n\te === "" ? sessionStorage.removeItem(ke) : sessionStora' +
  'ge.setItem(ke, e);\n}\nvar Me = class extends Error {\n\tstatus;\n\tconstructor(e, t) {\n\t\tsuper(t), th' +
  'is.status = e;\n\t}\n};\nasync function Ne(e, { body: t, signal: n } = {}) {\n\tlet r = Ae(), i = {};\n' +
  '\tr !== "" && (i.authorization = `Bearer ${r}`), t !== void 0 && (i["content-type"] = "applicatio' +
  'n/json");\n\tlet a = await fetch(e, {\n\t\tmethod: t === void 0 ? "GET" : "POST",\n\t\theaders: i,\n\t\t...' +
  't === void 0 ? {} : { body: JSON.stringify(t) },\n\t\t...n === void 0 ? {} : { signal: n }\n\t});\n\tif' +
  ' (a.ok) return a;\n\tlet o = await a.text(), s = o;\n\ttry {\n\t\ts = JSON.parse(o).error.message;\n\t} c' +
  'atch {}\n\tthrow new Me(a.status, s || `status ${a.status}`);\n}\nasync function* Pe(e) {\n\tlet t = e' +
  '.body.pipeThrough(new TextDecoderStream()).getReader(), n = "";\n\ttry {\n\t\tfor (;;) {\n\t\t\tlet { don' +
  'e: e, value: r } = await t.read();\n\t\t\tif (e) return;\n\t\t\tlet i = (n + r).split("\\n\\n");\n\t\t\tn = i.' +
  'pop();\n\t\t\tfor (let e of i) {\n\t\t\t\tlet t = e.split("\\n").find((e) => e.startsWith("data: "))?.slic' +
  'e(6);\n\t\t\t\tif (t === void 0 || t === "[DONE]") continue;\n\t\t\t\tlet n = JSON.parse(t);\n\t\t\t\tif (n.err' +
  'or) throw new Me(200, n.error.message);\n\t\t\t\tyield n;\n\t\t\t}\n\t\t}\n\t} finally {\n\t\tawait t.cancel().ca' +
  'tch(() => void 0);\n\t}\n}\n// packages/dashboard/app/live-state.ts\nvar Fe = {\n\tnow: void 0,\n\tbefore' +
  ': void 0,\n\thistory: [],\n\terror: void 0,\n\tneedsKey: !1\n}, Ie = 1500;\nfunction Le(e) {\n\tlet [t, n]' +
  ' = ve(Fe);\n\treturn B(() => {\n\t\tlet e = new AbortController();\n\t\treturn n(Fe), Re(e.signal, n), (' +
  ') => e.abort();\n\t}, [e]), t;\n}\nasync function Re(e, t) {\n\tfor (; !e.aborted;) {\n\t\ttry {\n\t\t\tlet n' +
  ' = await Ne("/v1/admin/live", { signal: e });\n\t\t\tfor await (let e of Pe(n)) t((t) => ze(t, e));\n' +
  '\t\t} catch (n) {\n\t\t\tif (e.aborted) return;\n\t\t\tlet r = n instanceof Me ? n.status : 0, i = r === 4' +
  '01 || r === 403;\n\t\t\tif (t((e) => ({\n\t\t\t\t...e,\n\t\t\t\tneedsKey: i,\n\t\t\t\terror: n.message\n\t\t\t})), i) r' +
  'eturn;\n\t\t}\n\t\tawait new Promise((e) => setTimeout(e, Ie));\n\t}\n}\nfunction ze(e, t) {\n\tlet n = e.no' +
  'w, r = n === void 0 ? 0 : (t.atMs - n.atMs) / 1e3;\n\tif (r <= 0) return {\n\t\t...e,\n\t\tnow: t,\n\t\terr' +
  'or: void 0\n\t};\n\tlet i = Object.fromEntries(t.tenants.map(({ tenant: e, generatedTokens: t }) => ' +
  '[e, (t - (n?.tenants.find((t) => t.tenant === e)?.generatedTokens ?? 0)) / r])), a = t.models.fl' +
  'atMap(({ wafer: e }) => e ? [e] : []), o = {\n\t\tatSeconds: t.atMs / 1e3,\n\t\trunningCount: Be(a.map' +
  '(({ runningCount: e }) => e)),\n\t\twaitingCount: Be(a.map(({ waitingCount: e }) => e)),\n\t\ttokensPe' +
  'rSecond: i\n\t};\n\treturn {\n\t\tnow: t,\n\t\tbefore: n,\n\t\thistory: [...e.history, o].slice(-240),\n\t\terro' +
  'r: void 0,\n\t\tneedsKey: !1\n\t};\n}\nfunction Be(e) {\n\treturn e.reduce((e, t) => e + t, 0);\n}\nfunctio' +
  'n Ve(e) {\n\treturn e >= 1e9 ? `${(e / 1e9).toPrecision(3)}G` : e >= 1e6 ? `${(e / 1e6).toPrecisio' +
  'n(3)}M` : e >= 1e4 ? `${(e / 1e3).toPrecision(3)}k` : String(Math.round(e));\n}\nfunction He(e) {\n' +
  '\treturn e >= 1e6 ? `${(e / 1e6).toPrecision(3)} MB/s` : e >= 1e3 ? `${(e / 1e3).toPrecision(3)} ' +
  'kB/s` : `${Math.round(e)} B/s`;\n}\n// node_modules/.pnpm/uplot@1.6.32/node_modules/uplot/dist/uPl' +
  'ot.esm.js\nvar Ue = !0, We = "uplot", Ge = "u-hz", Ke = "u-vt", qe = "u-title", Je = "u-wrap", Ye' +
  ' = "u-under", Xe = "u-over", Ze = "u-axis", Qe = "u-off", $e = "u-select", et = "u-cursor-x", tt' +
  ' = "u-cursor-y", nt = "u-cursor-pt", rt = "u-legend", it = "u-live", at = "u-inline", ot = "u-se' +
  'ries", st = "u-marker", ct = "u-label", lt = "u-value", ut = "width", dt = "height", ft = "top",' +
  ' pt = "bottom", mt = "left", ht = "right", gt = "#000", _t = "#0000", vt = "mousemove", yt = "mo' +
  'usedown", bt = "mouseup", xt = "mouseenter", St = "mouseleave", Ct = "dblclick", wt = "resize", ' +
  'Tt = "scroll", Et = "change", Dt = "dppxchange", Ot = "--", kt = typeof window < "u", At = kt ? ' +
  'document : null, jt = kt ? window : null, Mt = kt ? navigator : null, H, Nt;\nfunction Pt() {\n\tle' +
  't e = devicePixelRatio;\n\tH != e && (H = e, Nt && Jt(Et, Nt, Pt), Nt = matchMedia(`(min-resolutio' +
  'n: ${H - .001}dppx) and (max-resolution: ${H + .001}dppx)`), qt(Et, Nt, Pt), jt.dispatchEvent(ne' +
  'w CustomEvent(Dt)));\n}\nfunction Ft(e, t) {\n\tif (t != null) {\n\t\tlet n = e.classList;\n\t\t!n.contain' +
  's(t) && n.add(t);\n\t}\n}\nfunction It(e, t) {\n\tlet n = e.classList;\n\tn.contains(t) && n.remove(t);\n' +
  '}\nfunction U(e, t, n) {\n\te.style[t] = n + "px";\n}\nfunction Lt(e, t, n, r) {\n\tlet i = At.createEl' +
  'ement(e);\n\treturn t != null && Ft(i, t), n?.insertBefore(i, r), i;\n}\nfunction Rt(e, t) {\n\treturn' +
  ' Lt("div", e, t);\n}\nvar zt = /* @__PURE__ */ new WeakMap();\nfunction Bt(e, t, n, r, i) {\n\tlet a ' +
  '= "translate(" + t + "px," + n + "px)";\n\ta != zt.get(e) && (e.style.transform = a, zt.set(e, a),' +
  ' t < 0 || n < 0 || t > r || n > i ? Ft(e, Qe) : It(e, Qe));\n}\nvar Vt = /* @__PURE__ */ new WeakM' +
  'ap();\nfunction Ht(e, t, n) {\n\tlet r = t + n;\n\tr != Vt.get(e) && (Vt.set(e, r), e.style.backgroun' +
  'd = t, e.style.borderColor = n);\n}\nvar Ut = /* @__PURE__ */ new WeakMap();\nfunction Wt(e, t, n, ' +
  'r) {\n\tlet i = t + "" + n;\n\ti != Ut.get(e) && (Ut.set(e, i), e.style.height = n + "px", e.style.w' +
  'idth = t + "px", e.style.marginLeft = r ? -t / 2 + "px" : 0, e.style.marginTop = r ? -n / 2 + "p' +
  'x" : 0);\n}\nvar Gt = { passive: !0 }, Kt = {\n\t...Gt,\n\tcapture: !0\n};\nfunction qt(e, t, n, r) {\n\tt' +
  '.addEventListener(e, n, r ? Kt : Gt);\n}\nfunction Jt(e, t, n, r) {\n\tt.removeEventListener(e, n, G' +
  't);\n}\nkt && Pt();\nfunction Yt(e, t, n, r) {\n\tlet i;\n\tn ||= 0, r ||= t.length - 1;\n\tlet a = r <= ' +
  '2147483647;\n\tfor (; r - n > 1;) i = a ? n + r >> 1 : gn((n + r) / 2), t[i] < e ? n = i : r = i;\n' +
  '\treturn e - t[n] <= t[r] - e ? n : r;\n}\nfunction Xt(e) {\n\treturn (t, n, r) => {\n\t\tlet i = -1, a ' +
  '= -1;\n\t\tfor (let a = n; a <= r; a++) if (e(t[a])) {\n\t\t\ti = a;\n\t\t\tbreak;\n\t\t}\n\t\tfor (let i = r; i ' +
  '>= n; i--) if (e(t[i])) {\n\t\t\ta = i;\n\t\t\tbreak;\n\t\t}\n\t\treturn [i, a];\n\t};\n}\nvar Zt = (e) => e != nu' +
  'll, Qt = (e) => e != null && e > 0, W = Xt(Zt), $t = Xt(Qt);\nfunction en(e, t, n, r = 0, i = !1)' +
  ' {\n\tlet a = i ? $t : W, o = i ? Qt : Zt;\n\t[t, n] = a(e, t, n);\n\tlet s = e[t], c = e[t];\n\tif (t >' +
  ' -1) {\n\t\tif (r == 1) s = e[t], c = e[n];\n\t\telse if (r == -1) s = e[n], c = e[t];\n\t\telse for (let' +
  ' r = t; r <= n; r++) {\n\t\t\tlet t = e[r];\n\t\t\to(t) && (t < s ? s = t : t > c && (c = t));\n\t\t}\n\t}\n\tr' +
  'eturn [s ?? K, c ?? -K];\n}\nfunction tn(e, t, n, r) {\n\tlet i = Sn(e), a = Sn(t);\n\te == t && (i ==' +
  ' -1 ? (e *= n, t /= n) : (e /= n, t *= n));\n\tlet o = n == 10 ? Cn : wn, s = i == 1 ? gn : vn, c ' +
  '= a == 1 ? vn : gn, l = s(o(hn(e))), u = c(o(hn(t))), d = xn(n, l), f = xn(n, u);\n\treturn n == 1' +
  '0 && (l < 0 && (d = J(d, -l)), u < 0 && (f = J(f, -u))), r || n == 2 ? (e = d * i, t = f * a) : ' +
  '(e = Bn(e, d), t = zn(t, f)), [e, t];\n}\nfunction nn(e, t, n, r) {\n\tlet i = tn(e, t, n, r);\n\tretu' +
  'rn e == 0 && (i[0] = 0), t == 0 && (i[1] = 0), i;\n}\nvar rn = .1, an = {\n\tmode: 3,\n\tpad: rn\n}, on' +
  ' = {\n\tpad: 0,\n\tsoft: null,\n\tmode: 0\n}, sn = {\n\tmin: on,\n\tmax: on\n};\nfunction cn(e, t, n, r) {\n\tr' +
  'eturn Zn(n) ? un(e, t, n) : (on.pad = n, on.soft = r ? 0 : null, on.mode = r ? 3 : 0, un(e, t, s' +
  'n));\n}\nfunction G(e, t) {\n\treturn e ?? t;\n}\nfunction ln(e, t, n) {\n\tfor (t = G(t, 0), n = G(n, e' +
  '.length - 1); t <= n;) {\n\t\tif (e[t] != null) return !0;\n\t\tt++;\n\t}\n\treturn !1;\n}\nfunction un(e, t' +
  ', n) {\n\tlet r = n.min, i = n.max, a = G(r.pad, 0), o = G(i.pad, 0), s = G(r.hard, -K), c = G(i.h' +
  'ard, K), l = G(r.soft, K), u = G(i.soft, -K), d = G(r.mode, 0), f = G(i.mode, 0), p = t - e, m =' +
  ' Cn(p), h = bn(hn(e), hn(t)), g = hn(Cn(h) - m);\n\t(p < 1e-24 || g > 10) && (p = 0, (e == 0 || t ' +
  '== 0) && (p = 1e-24, d == 2 && l != K && (a = 0), f == 2 && u != -K && (o = 0)));\n\tlet _ = p || ' +
  'h || 1e3, v = xn(10, gn(Cn(_))), y = J(Bn(e - _ * (p == 0 ? e == 0 ? .1 : 1 : a), v / 10), 24), ' +
  'b = e >= l && (d == 1 || d == 3 && y <= l || d == 2 && y >= l) ? l : K, x = bn(s, y < b && e >= ' +
  'b ? b : yn(b, y)), S = J(zn(t + _ * (p == 0 ? t == 0 ? .1 : 1 : o), v / 10), 24), C = t <= u && ' +
  '(f == 1 || f == 3 && S >= u || f == 2 && S <= u) ? u : -K, w = yn(c, S > C && t <= C ? C : bn(C,' +
  ' S));\n\treturn x == w && x == 0 && (w = 100), [x, w];\n}\nvar dn = new Intl.NumberFormat(kt ? Mt.la' +
  'nguage : "en-US"), fn = (e) => dn.format(e), pn = Math, mn = pn.PI, hn = pn.abs, gn = pn.floor, ' +
  '_n = pn.round, vn = pn.ceil, yn = pn.min, bn = pn.max, xn = pn.pow, Sn = pn.sign, Cn = pn.log10,' +
  ' wn = pn.log2, Tn = (e, t = 1) => pn.sinh(e) * t, En = (e, t = 1) => pn.asinh(e / t), K = Infini' +
  'ty;\nfunction Dn(e) {\n\treturn (Cn((e ^ e >> 31) - (e >> 31)) | 0) + 1;\n}\nfunction On(e, t, n) {\n\t' +
  'return yn(bn(e, t), n);\n}\nfunction kn(e) {\n\treturn typeof e == "function";\n}\nfunction q(e) {\n\tre' +
  'turn kn(e) ? e : () => e;\n}\nvar An = () => {}, jn = (e) => e, Mn = (e, t) => t, Nn = (e) => null' +
  ', Pn = (e) => !0, Fn = (e, t) => e == t, In = /\\.\\d*?(?=9{6,}|0{6,})/gm, Ln = (e) => {\n\tif (Jn(e' +
  ') || Vn.has(e)) return e;\n\tlet t = `${e}`, n = t.match(In);\n\tif (n == null) return e;\n\tlet r = n' +
  '[0].length - 1;\n\tif (t.indexOf("e-") != -1) {\n\t\tlet [e, n] = t.split("e");\n\t\treturn +`${Ln(e)}e$' +
  '{n}`;\n\t}\n\treturn J(e, r);\n};\nfunction Rn(e, t) {\n\treturn Ln(J(Ln(e / t)) * t);\n}\nfunction zn(e, ' +
  't) {\n\treturn Ln(vn(Ln(e / t)) * t);\n}\nfunction Bn(e, t) {\n\treturn Ln(gn(Ln(e / t)) * t);\n}\nfunct' +
  'ion J(e, t = 0) {\n\tif (Jn(e)) return e;\n\tlet n = 10 ** t;\n\treturn _n(e * n * (1 + 2 ** -52)) / n' +
  ';\n}\nvar Vn = /* @__PURE__ */ new Map();\nfunction Hn(e) {\n\treturn (("" + e).split(".")[1] || "").' +
  'length;\n}\nfunction Un(e, t, n, r) {\n\tlet i = [], a = r.map(Hn);\n\tfor (let o = t; o < n; o++) {\n\t' +
  '\tlet t = hn(o), n = J(xn(e, o), t);\n\t\tfor (let s = 0; s < r.length; s++) {\n\t\t\tlet c = e == 10 ? ' +
  '+`${r[s]}e${o}` : r[s] * n, l = (o >= 0 ? 0 : t) + (o >= a[s] ? 0 : a[s]), u = e == 10 ? c : J(c' +
  ', l);\n\t\t\ti.push(u), Vn.set(u, l);\n\t\t}\n\t}\n\treturn i;\n}\nvar Wn = {}, Gn = [], Kn = [null, null], q' +
  'n = Array.isArray, Jn = Number.isInteger, Yn = (e) => e === void 0;\nfunction Xn(e) {\n\treturn typ' +
  'eof e == "string";\n}\nfunction Zn(e) {\n\tlet t = !1;\n\tif (e != null) {\n\t\tlet n = e.constructor;\n\t\t' +
  't = n == null || n == Object;\n\t}\n\treturn t;\n}\nfunction Qn(e) {\n\treturn typeof e == "object" && !' +
  '!e;\n}\nvar $n = Object.getPrototypeOf(Uint8Array), er = "__proto__";\nfunction tr(e, t = Zn) {\n\tle' +
  't n;\n\tif (qn(e)) {\n\t\tlet r = e.find((e) => e != null);\n\t\tif (qn(r) || t(r)) {\n\t\t\tn = Array(e.len' +
  'gth);\n\t\t\tfor (let r = 0; r < e.length; r++) n[r] = tr(e[r], t);\n\t\t} else n = e.slice();\n\t} else ' +
  'if (e instanceof $n) n = e.slice();\n\telse if (t(e)) {\n\t\tn = {};\n\t\tfor (let r in e) r != er && (n' +
  '[r] = tr(e[r], t));\n\t} else n = e;\n\treturn n;\n}\nfunction nr(e) {\n\tlet t = arguments;\n\tfor (let n' +
  ' = 1; n < t.length; n++) {\n\t\tlet r = t[n];\n\t\tfor (let t in r) t != er && (Zn(e[t]) ? nr(e[t], tr' +
  '(r[t])) : e[t] = tr(r[t]));\n\t}\n\treturn e;\n}\nvar rr = 0, ir = 1, ar = 2;\nfunction or(e, t, n) {\n\t' +
  'for (let r = 0, i, a = -1; r < t.length; r++) {\n\t\tlet o = t[r];\n\t\tif (o > a) {\n\t\t\tfor (i = o - 1' +
  '; i >= 0 && e[i] == null;) e[i--] = null;\n\t\t\tfor (i = o + 1; i < n && e[i] == null;) e[a = i++] ' +
  '= null;\n\t\t}\n\t}\n}\nfunction sr(e, t) {\n\tif (ur(e)) {\n\t\tlet t = e[0].slice();\n\t\tfor (let n = 1; n <' +
  ' e.length; n++) t.push(...e[n].slice(1));\n\t\treturn dr(t[0]) || (t = lr(t)), t;\n\t}\n\tlet n = /* @_' +
  '_PURE__ */ new Set();\n\tfor (let t = 0; t < e.length; t++) {\n\t\tlet r = e[t][0], i = r.length;\n\t\tf' +
  'or (let e = 0; e < i; e++) n.add(r[e]);\n\t}\n\tlet r = [Array.from(n).sort((e, t) => e - t)], i = r' +
  '[0].length, a = /* @__PURE__ */ new Map();\n\tfor (let e = 0; e < i; e++) a.set(r[0][e], e);\n\tfor ' +
  '(let n = 0; n < e.length; n++) {\n\t\tlet o = e[n], s = o[0];\n\t\tfor (let e = 1; e < o.length; e++) ' +
  '{\n\t\t\tlet c = o[e], l = Array(i).fill(void 0), u = t ? t[n][e] : ir, d = [];\n\t\t\tfor (let e = 0; e' +
  ' < c.length; e++) {\n\t\t\t\tlet t = c[e], n = a.get(s[e]);\n\t\t\t\tt === null ? u != rr && (l[n] = t, u ' +
  '== ar && d.push(n)) : l[n] = t;\n\t\t\t}\n\t\t\tor(l, d, i), r.push(l);\n\t\t}\n\t}\n\treturn r;\n}\nvar cr = typ' +
  'eof queueMicrotask > "u" ? (e) => Promise.resolve().then(e) : queueMicrotask;\nfunction lr(e) {\n\t' +
  'let t = e[0], n = t.length, r = Array(n);\n\tfor (let e = 0; e < r.length; e++) r[e] = e;\n\tr.sort(' +
  '(e, n) => t[e] - t[n]);\n\tlet i = [];\n\tfor (let t = 0; t < e.length; t++) {\n\t\tlet a = e[t], o = A' +
  'rray(n);\n\t\tfor (let e = 0; e < n; e++) o[e] = a[r[e]];\n\t\ti.push(o);\n\t}\n\treturn i;\n}\nfunction ur(' +
  'e) {\n\tlet t = e[0][0], n = t.length;\n\tfor (let r = 1; r < e.length; r++) {\n\t\tlet i = e[r][0];\n\t\t' +
  'if (i.length != n) return !1;\n\t\tif (i != t) {\n\t\t\tfor (let e = 0; e < n; e++) if (i[e] != t[e]) r' +
  'eturn !1;\n\t\t}\n\t}\n\treturn !0;\n}\nfunction dr(e, t = 100) {\n\tlet n = e.length;\n\tif (n <= 1) return ' +
  '!0;\n\tlet r = 0, i = n - 1;\n\tfor (; r <= i && e[r] == null;) r++;\n\tfor (; i >= r && e[i] == null;' +
  ') i--;\n\tif (i <= r) return !0;\n\tlet a = bn(1, gn((i - r + 1) / t));\n\tfor (let t = e[r], n = r + ' +
  'a; n <= i; n += a) {\n\t\tlet r = e[n];\n\t\tif (r != null) {\n\t\t\tif (r <= t) return !1;\n\t\t\tt = r;\n\t\t}\n' +
  '\t}\n\treturn !0;\n}\nvar fr = [\n\t"January",\n\t"February",\n\t"March",\n\t"April",\n\t"May",\n\t"June",\n\t"July' +
  '",\n\t"August",\n\t"September",\n\t"October",\n\t"November",\n\t"December"\n], pr = [\n\t"Sunday",\n\t"Monday",' +
  '\n\t"Tuesday",\n\t"Wednesday",\n\t"Thursday",\n\t"Friday",\n\t"Saturday"\n];\nfunction mr(e) {\n\treturn e.sli' +
  'ce(0, 3);\n}\nvar hr = pr.map(mr), gr = {\n\tMMMM: fr,\n\tMMM: fr.map(mr),\n\tWWWW: pr,\n\tWWW: hr\n};\nfunc' +
  'tion _r(e) {\n\treturn (e < 10 ? "0" : "") + e;\n}\nfunction vr(e) {\n\treturn (e < 10 ? "00" : e < 10' +
  '0 ? "0" : "") + e;\n}\nvar yr = {\n\tYYYY: (e) => e.getFullYear(),\n\tYY: (e) => (e.getFullYear() + ""' +
  ').slice(2),\n\tMMMM: (e, t) => t.MMMM[e.getMonth()],\n\tMMM: (e, t) => t.MMM[e.getMonth()],\n\tMM: (e)' +
  ' => _r(e.getMonth() + 1),\n\tM: (e) => e.getMonth() + 1,\n\tDD: (e) => _r(e.getDate()),\n\tD: (e) => e' +
  '.getDate(),\n\tWWWW: (e, t) => t.WWWW[e.getDay()],\n\tWWW: (e, t) => t.WWW[e.getDay()],\n\tHH: (e) => ' +
  '_r(e.getHours()),\n\tH: (e) => e.getHours(),\n\th: (e) => {\n\t\tlet t = e.getHours();\n\t\treturn t == 0 ' +
  '? 12 : t > 12 ? t - 12 : t;\n\t},\n\tAA: (e) => e.getHours() >= 12 ? "PM" : "AM",\n\taa: (e) => e.getH' +
  'ours() >= 12 ? "pm" : "am",\n\ta: (e) => e.getHours() >= 12 ? "p" : "a",\n\tmm: (e) => _r(e.getMinut' +
  'es()),\n\tm: (e) => e.getMinutes(),\n\tss: (e) => _r(e.getSeconds()),\n\ts: (e) => e.getSeconds(),\n\tff' +
  'f: (e) => vr(e.getMilliseconds())\n};\nfunction br(e, t) {\n\tt ||= gr;\n\tlet n = [], r = /\\{([a-z]+)' +
  '\\}|[^{]+/gi, i;\n\tfor (; i = r.exec(e);) n.push(i[0][0] == "{" ? yr[i[1]] : i[0]);\n\treturn (e) =>' +
  ' {\n\t\tlet r = "";\n\t\tfor (let i = 0; i < n.length; i++) r += typeof n[i] == "string" ? n[i] : n[i]' +
  '(e, t);\n\t\treturn r;\n\t};\n}\nvar xr = new Intl.DateTimeFormat().resolvedOptions().timeZone;\nfunctio' +
  'n Sr(e, t) {\n\tlet n;\n\treturn t == "UTC" || t == "Etc/UTC" ? n = /* @__PURE__ */ new Date(+e + e.' +
  'getTimezoneOffset() * 6e4) : t == xr ? n = e : (n = new Date(e.toLocaleString("en-US", { timeZon' +
  'e: t })), n.setMilliseconds(e.getMilliseconds())), n;\n}\nvar Cr = (e) => e % 1 == 0, wr = [\n\t1,\n\t' +
  '2,\n\t2.5,\n\t5\n], Tr = Un(10, -32, 0, wr), Er = Un(10, 0, 32, wr), Dr = Er.filter(Cr), Or = Tr.conc' +
  'at(Er), kr = "\\n", Ar = "{YYYY}", jr = kr + Ar, Mr = "{M}/{D}", Nr = kr + Mr, Pr = Nr + "/{YY}",' +
  ' Fr = "{aa}", Ir = "{h}:{mm}" + Fr, Lr = kr + Ir, Rr = ":{ss}", Y = null;\nfunction X(e) {\n\tlet t' +
  ' = e * 1e3, n = t * 60, r = n * 60, i = r * 24, a = i * 30, o = i * 365, s = (e == 1 ? Un(10, 0,' +
  ' 3, wr).filter(Cr) : Un(10, -3, 0, wr)).concat([\n\t\tt,\n\t\tt * 5,\n\t\tt * 10,\n\t\tt * 15,\n\t\tt * 30,\n\t\tn' +
  ',\n\t\tn * 5,\n\t\tn * 10,\n\t\tn * 15,\n\t\tn * 30,\n\t\tr,\n\t\tr * 2,\n\t\tr * 3,\n\t\tr * 4,\n\t\tr * 6,\n\t\tr * 8,\n\t\tr *' +
  ' 12,\n\t\ti,\n\t\ti * 2,\n\t\ti * 3,\n\t\ti * 4,\n\t\ti * 5,\n\t\ti * 6,\n\t\ti * 7,\n\t\ti * 8,\n\t\ti * 9,\n\t\ti * 10,\n\t\ti ' +
  '* 15,\n\t\ta,\n\t\ta * 2,\n\t\ta * 3,\n\t\ta * 4,\n\t\ta * 6,\n\t\to,\n\t\to * 2,\n\t\to * 5,\n\t\to * 10,\n\t\to * 25,\n\t\to * ' +
  '50,\n\t\to * 100\n\t]), c = [\n\t\t[\n\t\t\to,\n\t\t\tAr,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\ti' +
  ' * 28,\n\t\t\t"{MMM}",\n\t\t\tjr,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\ti,\n\t\t\tMr,\n\t\t\tjr,\n\t\t\tY,\n' +
  '\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\tr,\n\t\t\t"{h}" + Fr,\n\t\t\tPr,\n\t\t\tY,\n\t\t\tNr,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,' +
  '\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\tn,\n\t\t\tIr,\n\t\t\tPr,\n\t\t\tY,\n\t\t\tNr,\n\t\t\tY,\n\t\t\tY,\n\t\t\tY,\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\tt,\n\t\t\tRr,\n\t\t\t' +
  'Pr + " " + Ir,\n\t\t\tY,\n\t\t\tNr + " " + Ir,\n\t\t\tY,\n\t\t\tLr,\n\t\t\tY,\n\t\t\t1\n\t\t],\n\t\t[\n\t\t\te,\n\t\t\tRr + ".{fff}",\n' +
  '\t\t\tPr + " " + Ir,\n\t\t\tY,\n\t\t\tNr + " " + Ir,\n\t\t\tY,\n\t\t\tLr,\n\t\t\tY,\n\t\t\t1\n\t\t]\n\t];\n\tfunction l(t) {\n\t\tret' +
  'urn (s, c, l, u, d, f) => {\n\t\t\tlet p = [], m = d >= o, h = d >= a && d < o, g = t(l), _ = J(g * ' +
  'e, 3), v = Jr(g.getFullYear(), m ? 0 : g.getMonth(), h || m ? 1 : g.getDate()), y = J(v * e, 3);' +
  '\n\t\t\tif (h || m) {\n\t\t\t\tlet n = h ? d / a : 0, r = m ? d / o : 0, i = _ == y ? _ : J(Jr(v.getFullY' +
  'ear() + r, v.getMonth() + n, 1) * e, 3), s = new Date(_n(i / e)), c = s.getFullYear(), l = s.get' +
  'Month();\n\t\t\t\tfor (let a = 0; i <= u; a++) {\n\t\t\t\t\tlet o = Jr(c + r * a, l + n * a, 1), s = o - t(' +
  'J(o * e, 3));\n\t\t\t\t\ti = J((+o + s) * e, 3), i <= u && p.push(i);\n\t\t\t\t}\n\t\t\t} else {\n\t\t\t\tlet a = d ' +
  '>= i ? i : d, o = y + (gn(l) - gn(_)) + zn(_ - y, a);\n\t\t\t\tp.push(o);\n\t\t\t\tlet m = t(o), h = m.get' +
  'Hours() + m.getMinutes() / n + m.getSeconds() / r, g = d / r, v = f / s.axes[c]._space;\n\t\t\t\tfor ' +
  '(; o = J(o + d, e == 1 ? 0 : 3), !(o > u);) if (g > 1) {\n\t\t\t\t\tlet e = gn(J(h + g, 6)) % 24, n = ' +
  't(o).getHours() - e;\n\t\t\t\t\tn > 1 && (n = -1), o -= n * r, h = (h + g) % 24;\n\t\t\t\t\tlet i = p[p.leng' +
  'th - 1];\n\t\t\t\t\tJ((o - i) / d, 3) * v >= .7 && p.push(o);\n\t\t\t\t} else p.push(o);\n\t\t\t}\n\t\t\treturn p;\n' +
  '\t\t};\n\t}\n\treturn [\n\t\ts,\n\t\tc,\n\t\tl\n\t];\n}\nvar [zr, Br, Vr] = X(1), [Hr, Ur, Wr] = X(.001);\nUn(2, -53' +
  ', 53, [1]);\nfunction Gr(e, t) {\n\treturn e.map((e) => e.map((n, r) => r == 0 || r == 8 || n == nu' +
  'll ? n : t(r == 1 || e[8] == 0 ? n : e[1] + n)));\n}\nfunction Kr(e, t) {\n\treturn (n, r, i, a, o) ' +
  '=> {\n\t\tlet s = t.find((e) => o >= e[0]) || t[t.length - 1], c, l, u, d, f, p;\n\t\treturn r.map((t)' +
  ' => {\n\t\t\tlet n = e(t), r = n.getFullYear(), i = n.getMonth(), a = n.getDate(), o = n.getHours(),' +
  ' m = n.getMinutes(), h = n.getSeconds(), g = r != c && s[2] || i != l && s[3] || a != u && s[4] ' +
  '|| o != d && s[5] || m != f && s[6] || h != p && s[7] || s[1];\n\t\t\treturn c = r, l = i, u = a, d ' +
  '= o, f = m, p = h, g(n);\n\t\t});\n\t};\n}\nfunction qr(e, t) {\n\tlet n = br(t);\n\treturn (t, r, i, a, o)' +
  ' => r.map((t) => n(e(t)));\n}\nfunction Jr(e, t, n) {\n\treturn new Date(e, t, n);\n}\nfunction Yr(e, ' +
  't) {\n\treturn t(e);\n}\nvar Xr = "{YYYY}-{MM}-{DD} {h}:{mm}{aa}";\nfunction Zr(e, t) {\n\treturn (n, r' +
  ', i, a) => a == null ? Ot : t(e(r));\n}\nfunction Qr(e, t) {\n\tlet n = e.series[t];\n\treturn n.width' +
  ' ? n.stroke(e, t) : n.points.width ? n.points.stroke(e, t) : null;\n}\nfunction $r(e, t) {\n\treturn' +
  ' e.series[t].fill(e, t);\n}\nvar ei = {\n\tshow: !0,\n\tlive: !0,\n\tisolate: !1,\n\tmount: An,\n\tmarkers: ' +
  '{\n\t\tshow: !0,\n\t\twidth: 2,\n\t\tstroke: Qr,\n\t\tfill: $r,\n\t\tdash: "solid"\n\t},\n\tidx: null,\n\tidxs: null,' +
  '\n\tvalues: []\n};\nfunction ti(e, t) {\n\tlet n = e.cursor.points, r = Rt(), i = n.size(e, t);\n\tU(r, ' +
  'ut, i), U(r, dt, i);\n\tlet a = i / -2;\n\tU(r, "marginLeft", a), U(r, "marginTop", a);\n\tlet o = n.w' +
  'idth(e, t, i);\n\treturn o && U(r, "borderWidth", o), r;\n}\nfunction Z(e, t) {\n\tlet n = e.series[t]' +
  '.points;\n\treturn n._fill || n._stroke;\n}\nfunction ni(e, t) {\n\tlet n = e.series[t].points;\n\tretur' +
  'n n._stroke || n._fill;\n}\nfunction ri(e, t) {\n\treturn e.series[t].points.size;\n}\nvar ii = [0, 0]' +
  ';\nfunction ai(e, t, n) {\n\treturn ii[0] = t, ii[1] = n, ii;\n}\nfunction oi(e, t, n, r = !0) {\n\tret' +
  'urn (e) => {\n\t\te.button != 0 || r && e.target != t || n(e);\n\t};\n}\nfunction si(e, t, n, r = !0) {' +
  '\n\treturn (e) => {\n\t\tr && e.target != t || n(e);\n\t};\n}\nvar ci = {\n\tshow: !0,\n\tx: !0,\n\ty: !0,\n\tloc' +
  'k: !1,\n\tmove: ai,\n\tpoints: {\n\t\tone: !1,\n\t\tshow: ti,\n\t\tsize: ri,\n\t\twidth: 0,\n\t\tstroke: ni,\n\t\tfill' +
  ': Z\n\t},\n\tbind: {\n\t\tmousedown: oi,\n\t\tmouseup: oi,\n\t\tclick: oi,\n\t\tdblclick: oi,\n\t\tmousemove: si,\n\t' +
  '\tmouseleave: si,\n\t\tmouseenter: si\n\t},\n\tdrag: {\n\t\tsetScale: !0,\n\t\tx: !0,\n\t\ty: !1,\n\t\tdist: 0,\n\t\tun' +
  'i: null,\n\t\tclick: (e, t) => {\n\t\t\tt.stopPropagation(), t.stopImmediatePropagation();\n\t\t},\n\t\t_x: !' +
  '1,\n\t\t_y: !1\n\t},\n\tfocus: {\n\t\tdist: (e, t, n, r, i) => r - i,\n\t\tprox: -1,\n\t\tbias: 0\n\t},\n\thover: {\n' +
  '\t\tskip: [void 0],\n\t\tprox: null,\n\t\tbias: 0\n\t},\n\tleft: -10,\n\ttop: -10,\n\tidx: null,\n\tdataIdx: null,' +
  '\n\tidxs: null,\n\tevent: null\n}, li = {\n\tshow: !0,\n\tstroke: "rgba(0,0,0,0.07)",\n\twidth: 2\n}, ui = n' +
  'r({}, li, { filter: Mn }), di = nr({}, ui, { size: 10 }), fi = nr({}, li, { show: !1 }), pi = "1' +
  '2px system-ui, -apple-system, \\"Segoe UI\\", Roboto, \\"Helvetica Neue\\", Arial, \\"Noto Sans\\", sa' +
  'ns-serif, \\"Apple Color Emoji\\", \\"Segoe UI Emoji\\", \\"Segoe UI Symbol\\", \\"Noto Color Emoji\\"",' +
  ' mi = "bold " + pi, hi = 1.5, gi = {\n\tshow: !0,\n\tscale: "x",\n\tstroke: gt,\n\tspace: 50,\n\tgap: 5,\n\t' +
  'alignTo: 1,\n\tsize: 50,\n\tlabelGap: 0,\n\tlabelSize: 30,\n\tlabelFont: mi,\n\tside: 2,\n\tgrid: ui,\n\tticks' +
  ': di,\n\tborder: fi,\n\tfont: pi,\n\tlineGap: hi,\n\trotate: 0\n}, _i = "Value", vi = "Time", yi = {\n\tsho' +
  'w: !0,\n\tscale: "x",\n\tauto: !1,\n\tsorted: 1,\n\tmin: K,\n\tmax: -Infinity,\n\tidxs: []\n};\nfunction bi(e,' +
  ' t, n, r, i) {\n\treturn t.map((e) => e == null ? "" : fn(e));\n}\nfunction xi(e, t, n, r, i, a, o) ' +
  '{\n\tlet s = [], c = Vn.get(i) || 0;\n\tn = o ? n : J(zn(n, i), c);\n\tfor (let e = n; e <= r; e = J(e' +
  ' + i, c)) s.push(Object.is(e, -0) ? 0 : e);\n\treturn s;\n}\nfunction Si(e, t, n, r, i, a, o) {\n\tlet' +
  ' s = [], c = e.scales[e.axes[t].scale].log;\n\ti = xn(c, gn((c == 10 ? Cn : wn)(n))), c == 10 && (' +
  'i = Or[Yt(i, Or)]);\n\tlet l = n, u = i * c;\n\tc == 10 && (u = Or[Yt(u, Or)]);\n\tdo\n\t\ts.push(l), l +' +
  '= i, c == 10 && !Vn.has(l) && (l = J(l, Vn.get(i))), l >= u && (i = l, u = i * c, c == 10 && (u ' +
  '= Or[Yt(u, Or)]));\n\twhile (l <= r);\n\treturn s;\n}\nfunction Ci(e, t, n, r, i, a, o) {\n\tlet s = e.s' +
  'cales[e.axes[t].scale].asinh, c = r > s ? Si(e, t, bn(s, n), r, i) : [s], l = r >= 0 && n <= 0 ?' +
  ' [0] : [];\n\treturn (n < -s ? Si(e, t, bn(s, -r), -n, i) : [s]).reverse().map((e) => -e).concat(l' +
  ', c);\n}\nvar wi = /./, Ti = /[12357]/, Ei = /[125]/, Di = /1/, Oi = (e, t, n, r) => e.map((e, i) ' +
  '=> t == 4 && e == 0 || i % r == 0 && n.test(e.toExponential()[+(e < 0)]) ? e : null);\nfunction k' +
  'i(e, t, n, r, i) {\n\tlet a = e.axes[n], o = a.scale, s = e.scales[o], c = e.valToPos, l = a._spac' +
  'e, u = c(10, o), d = c(9, o) - u >= l ? wi : c(7, o) - u >= l ? Ti : c(5, o) - u >= l ? Ei : Di;' +
  '\n\tif (d == Di) {\n\t\tlet e = hn(c(1, o) - u);\n\t\tif (e < l) return Oi(t.slice().reverse(), s.distr,' +
  ' d, vn(l / e)).reverse();\n\t}\n\treturn Oi(t, s.distr, d, 1);\n}\nfunction Ai(e, t, n, r, i) {\n\tlet a' +
  ' = e.axes[n], o = a.scale, s = a._space, c = e.valToPos, l = hn(c(1, o) - c(2, o));\n\treturn l < ' +
  's ? Oi(t.slice().reverse(), 3, wi, vn(s / l)).reverse() : t;\n}\nfunction ji(e, t, n, r) {\n\treturn' +
  ' r == null ? Ot : t == null ? "" : fn(t);\n}\nvar Mi = {\n\tshow: !0,\n\tscale: "y",\n\tstroke: gt,\n\tspa' +
  'ce: 30,\n\tgap: 5,\n\talignTo: 1,\n\tsize: 50,\n\tlabelGap: 0,\n\tlabelSize: 30,\n\tlabelFont: mi,\n\tside: 3,' +
  '\n\tgrid: ui,\n\tticks: di,\n\tborder: fi,\n\tfont: pi,\n\tlineGap: hi,\n\trotate: 0\n};\nfunction Ni(e, t) {\n' +
  '\treturn J((3 + (e || 1) * 2) * t, 3);\n}\nfunction Pi(e, t) {\n\tlet { scale: n, idxs: r } = e.serie' +
  's[0], i = e._data[0], a = e.valToPos(i[r[0]], n, !0), o = hn(e.valToPos(i[r[1]], n, !0) - a) / (' +
  'e.series[t].points.space * H);\n\treturn r[1] - r[0] <= o;\n}\nvar Fi = {\n\tscale: null,\n\tauto: !0,\n\t' +
  'sorted: 0,\n\tmin: K,\n\tmax: -Infinity\n}, Ii = (e, t, n, r, i) => i, Li = {\n\tshow: !0,\n\tauto: !0,\n\t' +
  'sorted: 0,\n\tgaps: Ii,\n\talpha: 1,\n\tfacets: [nr({}, Fi, { scale: "x" }), nr({}, Fi, { scale: "y" }' +
  ')]\n}, Ri = {\n\tscale: "y",\n\tauto: !0,\n\tsorted: 0,\n\tshow: !0,\n\tspanGaps: !1,\n\tgaps: Ii,\n\talpha: 1,' +
  '\n\tpoints: {\n\t\tshow: Pi,\n\t\tfilter: null\n\t},\n\tvalues: null,\n\tmin: K,\n\tmax: -Infinity,\n\tidxs: [],\n\t' +
  'path: null,\n\tclip: null\n};\nfunction zi(e, t, n, r, i) {\n\treturn n / 10;\n}\nvar Bi = {\n\ttime: Ue,\n' +
  '\tauto: !0,\n\tdistr: 1,\n\tlog: 10,\n\tasinh: 1,\n\tmin: null,\n\tmax: null,\n\tdir: 1,\n\tori: 0\n}, Vi = nr({' +
  '}, Bi, {\n\ttime: !1,\n\tori: 1\n}), Hi = {};\nfunction Ui(e, t) {\n\tlet n = Hi[e];\n\treturn n || (n = {' +
  '\n\t\tkey: e,\n\t\tplots: [],\n\t\tsub(e) {\n\t\t\tn.plots.push(e);\n\t\t},\n\t\tunsub(e) {\n\t\t\tn.plots = n.plots.fi' +
  'lter((t) => t != e);\n\t\t},\n\t\tpub(e, t, r, i, a, o, s) {\n\t\t\tfor (let c = 0; c < n.plots.length; c+' +
  '+) n.plots[c] != t && n.plots[c].pub(e, t, r, i, a, o, s);\n\t\t}\n\t}, e != null && (Hi[e] = n)), n;' +
  '\n}\nvar Wi = 1, Gi = 2;\nfunction Ki(e, t, n) {\n\tlet r = e.mode, i = e.series[t], a = r == 2 ? e._' +
  'data[t] : e._data, o = e.scales, s = e.bbox, c = a[0], l = r == 2 ? a[1] : a[t], u = r == 2 ? o[' +
  'i.facets[0].scale] : o[e.series[0].scale], d = r == 2 ? o[i.facets[1].scale] : o[i.scale], f = s' +
  '.left, p = s.top, m = s.width, h = s.height, g = e.valToPosH, _ = e.valToPosV;\n\treturn u.ori == ' +
  '0 ? n(i, c, l, u, d, g, _, f, p, m, h, ta, ra, aa, sa, la) : n(i, c, l, u, d, _, g, p, f, h, m, ' +
  'na, ia, oa, ca, ua);\n}\nfunction qi(e, t) {\n\tlet n = 0, r = 0, i = G(e.bands, Gn);\n\tfor (let e = ' +
  '0; e < i.length; e++) {\n\t\tlet a = i[e];\n\t\ta.series[0] == t ? n = a.dir : a.series[1] == t && (a.' +
  'dir == 1 ? r |= 1 : r |= 2);\n\t}\n\treturn [n, r == 1 ? -1 : r == 2 ? 1 : r == 3 ? 2 : 0];\n}\nfuncti' +
  'on Ji(e, t, n, r, i) {\n\tlet a = e.mode, o = e.series[t], s = a == 2 ? o.facets[1].scale : o.scal' +
  'e, c = e.scales[s];\n\treturn i == -1 ? c.min : i == 1 ? c.max : c.distr == 3 ? c.dir == 1 ? c.min' +
  ' : c.max : 0;\n}\nfunction Yi(e, t, n, r, i, a) {\n\treturn Ki(e, t, (e, t, o, s, c, l, u, d, f, p, ' +
  'm) => {\n\t\tlet h = e.pxRound, g = s.dir * (s.ori == 0 ? 1 : -1), _ = s.ori == 0 ? ra : ia, v, y;\n' +
  '\t\tg == 1 ? (v = n, y = r) : (v = r, y = n);\n\t\tlet b = h(l(t[v], s, p, d)), x = h(u(o[v], c, m, f' +
  ')), S = h(l(t[y], s, p, d)), C = h(u(a == 1 ? c.max : c.min, c, m, f)), w = new Path2D(i);\n\t\tret' +
  'urn _(w, S, C), _(w, b, C), _(w, b, x), w;\n\t});\n}\nfunction Xi(e, t, n, r, i, a) {\n\tlet o = null;' +
  '\n\tif (e.length > 0) {\n\t\to = new Path2D();\n\t\tlet s = t == 0 ? aa : oa, c = n;\n\t\tfor (let t = 0; t' +
  ' < e.length; t++) {\n\t\t\tlet n = e[t];\n\t\t\tif (n[1] > n[0]) {\n\t\t\t\tlet e = n[0] - c;\n\t\t\t\te > 0 && s(' +
  'o, c, r, e, r + a), c = n[1];\n\t\t\t}\n\t\t}\n\t\tlet l = n + i - c;\n\t\tl > 0 && s(o, c, r - 5, l, r + a +' +
  ' 10);\n\t}\n\treturn o;\n}\nfunction Zi(e, t, n) {\n\tlet r = e[e.length - 1];\n\tr && r[0] == t ? r[1] = ' +
  'n : e.push([t, n]);\n}\nfunction Qi(e, t, n, r, i, a, o) {\n\tlet s = [], c = e.length;\n\tfor (let l ' +
  '= i == 1 ? n : r; l >= n && l <= r; l += i) if (t[l] === null) {\n\t\tlet u = l, d = l;\n\t\tif (i == ' +
  '1) for (; ++l <= r && t[l] === null;) d = l;\n\t\telse for (; --l >= n && t[l] === null;) d = l;\n\t\t' +
  'let f = a(e[u]), p = d == u ? f : a(e[d]), m = u - i;\n\t\tf = o <= 0 && m >= 0 && m < c ? a(e[m]) ' +
  ': f;\n\t\tlet h = d + i;\n\t\tp = o >= 0 && h >= 0 && h < c ? a(e[h]) : p, p >= f && s.push([f, p]);\n\t' +
  '}\n\treturn s;\n}\nfunction $i(e) {\n\treturn e == 0 ? jn : e == 1 ? _n : (t) => Rn(t, e);\n}\nfunction ' +
  'ea(e) {\n\tlet t = e == 0 ? ta : na, n = e == 0 ? (e, t, n, r, i, a) => {\n\t\te.arcTo(t, n, r, i, a)' +
  ';\n\t} : (e, t, n, r, i, a) => {\n\t\te.arcTo(n, t, i, r, a);\n\t}, r = e == 0 ? (e, t, n, r, i) => {\n\t' +
  '\te.rect(t, n, r, i);\n\t} : (e, t, n, r, i) => {\n\t\te.rect(n, t, i, r);\n\t};\n\treturn (e, i, a, o, s,' +
  ' c = 0, l = 0) => {\n\t\tc == 0 && l == 0 ? r(e, i, a, o, s) : (c = yn(c, o / 2, s / 2), l = yn(l, ' +
  'o / 2, s / 2), t(e, i + c, a), n(e, i + o, a, i + o, a + s, c), n(e, i + o, a + s, i, a + s, l),' +
  ' n(e, i, a + s, i, a, l), n(e, i, a, i + o, a, c), e.closePath());\n\t};\n}\nvar ta = (e, t, n) => {' +
  '\n\te.moveTo(t, n);\n}, na = (e, t, n) => {\n\te.moveTo(n, t);\n}, ra = (e, t, n) => {\n\te.lineTo(t, n)' +
  ';\n}, ia = (e, t, n) => {\n\te.lineTo(n, t);\n}, aa = ea(0), oa = ea(1), sa = (e, t, n, r, i, a) => ' +
  '{\n\te.arc(t, n, r, i, a);\n}, ca = (e, t, n, r, i, a) => {\n\te.arc(n, t, r, i, a);\n}, la = (e, t, n' +
  ', r, i, a, o) => {\n\te.bezierCurveTo(t, n, r, i, a, o);\n}, ua = (e, t, n, r, i, a, o) => {\n\te.bez' +
  'ierCurveTo(n, t, i, r, o, a);\n};\nfunction da(e) {\n\treturn (e, t, n, r, i) => Ki(e, t, (t, a, o, ' +
  's, c, l, u, d, f, p, m) => {\n\t\tlet { pxRound: h, points: g } = t, _, v;\n\t\ts.ori == 0 ? (_ = ta, ' +
  'v = sa) : (_ = na, v = ca);\n\t\tlet y = J(g.width * H, 3), b = (g.size - g.width) / 2 * H, x = J(b' +
  ' * 2, 3), S = new Path2D(), C = new Path2D(), { left: w, top: T, width: E, height: D } = e.bbox;' +
  '\n\t\taa(C, w - x, T - x, E + x * 2, D + x * 2);\n\t\tlet O = (e) => {\n\t\t\tif (o[e] != null) {\n\t\t\t\tlet ' +
  't = h(l(a[e], s, p, d)), n = h(u(o[e], c, m, f));\n\t\t\t\t_(S, t + b, n), v(S, t, n, b, 0, mn * 2);\n' +
  '\t\t\t}\n\t\t};\n\t\tif (i) i.forEach(O);\n\t\telse for (let e = n; e <= r; e++) O(e);\n\t\treturn {\n\t\t\tstroke:' +
  ' y > 0 ? S : null,\n\t\t\tfill: S,\n\t\t\tclip: C,\n\t\t\tflags: 3\n\t\t};\n\t});\n}\nfunction fa(e) {\n\treturn (t, ' +
  'n, r, i, a, o) => {\n\t\tr != i && (a != r && o != r && e(t, n, r), a != i && o != i && e(t, n, i),' +
  ' e(t, n, o));\n\t};\n}\nvar pa = fa(ra), ma = fa(ia);\nfunction Q(e) {\n\tlet t = G(e?.alignGaps, 0);\n\t' +
  'return (e, n, r, i) => Ki(e, n, (a, o, s, c, l, u, d, f, p, m, h) => {\n\t\t[r, i] = W(s, r, i);\n\t\t' +
  'let g = a.pxRound, _ = (e) => g(u(e, c, m, f)), v = (e) => g(d(e, l, h, p)), y, b;\n\t\tc.ori == 0 ' +
  '? (y = ra, b = pa) : (y = ia, b = ma);\n\t\tlet x = c.dir * (c.ori == 0 ? 1 : -1), S = {\n\t\t\tstroke:' +
  ' new Path2D(),\n\t\t\tfill: null,\n\t\t\tclip: null,\n\t\t\tband: null,\n\t\t\tgaps: null,\n\t\t\tflags: Wi\n\t\t}, C =' +
  ' S.stroke, w = !1;\n\t\tif (i - r >= m * 4) {\n\t\t\tlet t = (t) => e.posToVal(t, c.key, !0), n = null,' +
  ' a = null, l, u, d, f = _(o[x == 1 ? r : i]), p = _(o[r]), m = _(o[i]), h = t(x == 1 ? p + 1 : m' +
  ' - 1);\n\t\t\tfor (let e = x == 1 ? r : i; e >= r && e <= i; e += x) {\n\t\t\t\tlet r = o[e], i = (x == 1' +
  ' ? r < h : r > h) ? f : _(r), c = s[e];\n\t\t\t\ti == f ? c == null ? c === null && (w = !0) : (u = c' +
  ', n == null ? (y(C, i, v(u)), l = n = a = u) : u < n ? n = u : u > a && (a = u)) : (n != null &&' +
  ' b(C, f, v(n), v(a), v(l), v(u)), c == null ? (n = a = null, c === null && (w = !0)) : (u = c, y' +
  '(C, i, v(u)), n = a = l = u), f = i, h = t(f + x));\n\t\t\t}\n\t\t\tn != null && n != a && d != f && b(C' +
  ', f, v(n), v(a), v(l), v(u));\n\t\t} else for (let e = x == 1 ? r : i; e >= r && e <= i; e += x) {\n' +
  '\t\t\tlet t = s[e];\n\t\t\tt === null ? w = !0 : t != null && y(C, _(o[e]), v(t));\n\t\t}\n\t\tlet [T, E] = q' +
  'i(e, n);\n\t\tif (a.fill != null || T != 0) {\n\t\t\tlet t = S.fill = new Path2D(C), s = v(a.fillTo(e, ' +
  'n, a.min, a.max, T)), c = _(o[r]), l = _(o[i]);\n\t\t\tx == -1 && ([l, c] = [c, l]), y(t, l, s), y(t' +
  ', c, s);\n\t\t}\n\t\tif (!a.spanGaps) {\n\t\t\tlet l = [];\n\t\t\tw && l.push(...Qi(o, s, r, i, x, _, t)), S.g' +
  'aps = l = a.gaps(e, n, r, i, l), S.clip = Xi(l, c.ori, f, p, m, h);\n\t\t}\n\t\treturn E != 0 && (S.ba' +
  'nd = E == 2 ? [Yi(e, n, r, i, C, -1), Yi(e, n, r, i, C, 1)] : Yi(e, n, r, i, C, E)), S;\n\t});\n}\nf' +
  'unction ha(e) {\n\tlet t = G(e.align, 1), n = G(e.ascDesc, !1), r = G(e.alignGaps, 0), i = G(e.ext' +
  'end, !1);\n\treturn (e, a, o, s) => Ki(e, a, (c, l, u, d, f, p, m, h, g, _, v) => {\n\t\t[o, s] = W(u' +
  ', o, s);\n\t\tlet y = c.pxRound, { left: b, width: x } = e.bbox, S = (e) => y(p(e, d, _, h)), C = (' +
  'e) => y(m(e, f, v, g)), w = d.ori == 0 ? ra : ia, T = {\n\t\t\tstroke: new Path2D(),\n\t\t\tfill: null,\n' +
  '\t\t\tclip: null,\n\t\t\tband: null,\n\t\t\tgaps: null,\n\t\t\tflags: Wi\n\t\t}, E = T.stroke, D = d.dir * (d.ori ' +
  '== 0 ? 1 : -1), O = C(u[D == 1 ? o : s]), k = S(l[D == 1 ? o : s]), A = k, j = k;\n\t\ti && t == -1' +
  ' && (j = b, w(E, j, O)), w(E, k, O);\n\t\tfor (let e = D == 1 ? o : s; e >= o && e <= s; e += D) {\n' +
  '\t\t\tlet n = u[e];\n\t\t\tif (n == null) continue;\n\t\t\tlet r = S(l[e]), i = C(n);\n\t\t\tt == 1 ? w(E, r, O' +
  ') : w(E, A, i), w(E, r, i), O = i, A = r;\n\t\t}\n\t\tlet M = A;\n\t\ti && t == 1 && (M = b + x, w(E, M, ' +
  'O));\n\t\tlet [ee, te] = qi(e, a);\n\t\tif (c.fill != null || ee != 0) {\n\t\t\tlet t = T.fill = new Path2' +
  'D(E), n = C(c.fillTo(e, a, c.min, c.max, ee));\n\t\t\tw(t, M, n), w(t, j, n);\n\t\t}\n\t\tif (!c.spanGaps)' +
  ' {\n\t\t\tlet i = [];\n\t\t\ti.push(...Qi(l, u, o, s, D, S, r));\n\t\t\tlet f = c.width * H / 2, p = n || t ' +
  '== 1 ? f : -f, m = n || t == -1 ? -f : f;\n\t\t\ti.forEach((e) => {\n\t\t\t\te[0] += p, e[1] += m;\n\t\t\t}),' +
  ' T.gaps = i = c.gaps(e, a, o, s, i), T.clip = Xi(i, d.ori, h, g, _, v);\n\t\t}\n\t\treturn te != 0 && ' +
  '(T.band = te == 2 ? [Yi(e, a, o, s, E, -1), Yi(e, a, o, s, E, 1)] : Yi(e, a, o, s, E, te)), T;\n\t' +
  '});\n}\nfunction ga(e, t, n, r, i, a, o = K) {\n\tif (e.length > 1) {\n\t\tlet s = null;\n\t\tfor (let c =' +
  ' 0, l = Infinity; c < e.length; c++) if (t[c] !== void 0) {\n\t\t\tif (s != null) {\n\t\t\t\tlet t = hn(e' +
  '[c] - e[s]);\n\t\t\t\tt < l && (l = t, o = hn(n(e[c], r, i, a) - n(e[s], r, i, a)));\n\t\t\t}\n\t\t\ts = c;\n\t' +
  '\t}\n\t}\n\treturn o;\n}\nfunction _a(e) {\n\te ||= Wn;\n\tlet t = G(e.size, [\n\t\t.6,\n\t\tK,\n\t\t1\n\t]), n = e.al' +
  'ign || 0, r = e.gap || 0, i = e.radius;\n\ti = i == null ? [0, 0] : typeof i == "number" ? [i, 0] ' +
  ': i;\n\tlet a = q(i), o = 1 - t[0], s = G(t[1], K), c = G(t[2], 1), l = G(e.disp, Wn), u = G(e.eac' +
  'h, (e) => {}), { fill: d, stroke: f } = l;\n\treturn (e, t, i, p) => Ki(e, t, (m, h, g, _, v, y, b' +
  ', x, S, C, w) => {\n\t\tlet T = m.pxRound, E = n, D = r * H, O = s * H, k = c * H, A, j;\n\t\t_.ori ==' +
  ' 0 ? [A, j] = a(e, t) : [j, A] = a(e, t);\n\t\tlet M = _.dir * (_.ori == 0 ? 1 : -1), ee = _.ori ==' +
  ' 0 ? aa : oa, te = _.ori == 0 ? u : (e, t, n, r, i, a, o) => {\n\t\t\tu(e, t, n, i, r, o, a);\n\t\t}, n' +
  'e = G(e.bands, Gn).find((e) => e.series[0] == t), re = ne == null ? 0 : ne.dir, ie = m.fillTo(e,' +
  ' t, m.min, m.max, re), N = T(b(ie, v, w, S)), P, F, I, L = C, R = T(m.width * H), ae = !1, oe = ' +
  'null, se = null, ce = null, le = null;\n\t\td != null && (R == 0 || f != null) && (ae = !0, oe = d.' +
  'values(e, t, i, p), se = /* @__PURE__ */ new Map(), new Set(oe).forEach((e) => {\n\t\t\te != null &&' +
  ' se.set(e, new Path2D());\n\t\t}), R > 0 && (ce = f.values(e, t, i, p), le = /* @__PURE__ */ new Ma' +
  'p(), new Set(ce).forEach((e) => {\n\t\t\te != null && le.set(e, new Path2D());\n\t\t})));\n\t\tlet { x0: u' +
  'e, size: z } = l;\n\t\tif (ue != null && z != null) {\n\t\t\tE = 1, h = ue.values(e, t, i, p), ue.unit ' +
  '== 2 && (h = h.map((t) => e.posToVal(x + t * C, _.key, !0)));\n\t\t\tlet n = z.values(e, t, i, p);\n\t' +
  '\t\tF = z.unit == 2 ? n[0] * C : y(n[0], _, C, x) - y(0, _, C, x), L = ga(h, g, y, _, C, x, L), I ' +
  '= L - F + D;\n\t\t} else L = ga(h, g, y, _, C, x, L), I = L * o + D, F = L - I;\n\t\tI < 1 && (I = 0),' +
  ' R >= F / 2 && (R = 0), I < 5 && (T = jn);\n\t\tlet de = I > 0, fe = L - I - (de ? R : 0);\n\t\tF = T(' +
  'On(fe, k, O)), P = (E == 0 ? F / 2 : E == M ? 0 : F) - E * M * ((E == 0 ? D / 2 : 0) + (de ? R /' +
  ' 2 : 0));\n\t\tlet pe = {\n\t\t\tstroke: null,\n\t\t\tfill: null,\n\t\t\tclip: null,\n\t\t\tband: null,\n\t\t\tgaps: nu' +
  'll,\n\t\t\tflags: 0\n\t\t}, me = ae ? null : new Path2D(), he = null;\n\t\tif (ne != null) he = e.data[ne.' +
  'series[1]];\n\t\telse {\n\t\t\tlet { y0: n, y1: r } = l;\n\t\t\tn != null && r != null && (g = r.values(e, ' +
  't, i, p), he = n.values(e, t, i, p));\n\t\t}\n\t\tlet ge = A * F, _e = j * F;\n\t\tfor (let n = M == 1 ? ' +
  'i : p; n >= i && n <= p; n += M) {\n\t\t\tlet r = g[n];\n\t\t\tif (r == null) continue;\n\t\t\tif (he != nul' +
  'l) {\n\t\t\t\tlet e = he[n] ?? 0;\n\t\t\t\tif (r - e == 0) continue;\n\t\t\t\tN = b(e, v, w, S);\n\t\t\t}\n\t\t\tlet i ' +
  '= y(_.distr != 2 || l != null ? h[n] : n, _, C, x), a = b(G(r, ie), v, w, S), o = T(i - P), s = ' +
  'T(bn(a, N)), c = T(yn(a, N)), u = s - c;\n\t\t\tif (r != null) {\n\t\t\t\tlet i = r < 0 ? _e : ge, a = r ' +
  '< 0 ? ge : _e;\n\t\t\t\tae ? (R > 0 && ce[n] != null && ee(le.get(ce[n]), o, c + gn(R / 2), F, bn(0, ' +
  'u - R), i, a), oe[n] != null && ee(se.get(oe[n]), o, c + gn(R / 2), F, bn(0, u - R), i, a)) : ee' +
  '(me, o, c + gn(R / 2), F, bn(0, u - R), i, a), te(e, t, n, o - R / 2, c, F + R, u);\n\t\t\t}\n\t\t}\n\t\tr' +
  'eturn R > 0 ? pe.stroke = ae ? le : me : ae || (pe._fill = m.width == 0 ? m._fill : m._stroke ??' +
  ' m._fill, pe.width = 0), pe.fill = ae ? se : me, pe;\n\t});\n}\nfunction va(e, t) {\n\tlet n = G(t?.al' +
  'ignGaps, 0);\n\treturn (t, r, i, a) => Ki(t, r, (o, s, c, l, u, d, f, p, m, h, g) => {\n\t\t[i, a] = ' +
  'W(c, i, a);\n\t\tlet _ = o.pxRound, v = (e) => _(d(e, l, h, p)), y = (e) => _(f(e, u, g, m)), b, x,' +
  ' S;\n\t\tl.ori == 0 ? (b = ta, S = ra, x = la) : (b = na, S = ia, x = ua);\n\t\tlet C = l.dir * (l.ori' +
  ' == 0 ? 1 : -1), w = v(s[C == 1 ? i : a]), T = w, E = [], D = [];\n\t\tfor (let e = C == 1 ? i : a;' +
  ' e >= i && e <= a; e += C) if (c[e] != null) {\n\t\t\tlet t = s[e], n = v(t);\n\t\t\tE.push(T = n), D.pu' +
  'sh(y(c[e]));\n\t\t}\n\t\tlet O = {\n\t\t\tstroke: e(E, D, b, S, x, _),\n\t\t\tfill: null,\n\t\t\tclip: null,\n\t\t\tba' +
  'nd: null,\n\t\t\tgaps: null,\n\t\t\tflags: Wi\n\t\t}, k = O.stroke, [A, j] = qi(t, r);\n\t\tif (o.fill != null' +
  ' || A != 0) {\n\t\t\tlet e = O.fill = new Path2D(k), n = y(o.fillTo(t, r, o.min, o.max, A));\n\t\t\tS(e,' +
  ' T, n), S(e, w, n);\n\t\t}\n\t\tif (!o.spanGaps) {\n\t\t\tlet e = [];\n\t\t\te.push(...Qi(s, c, i, a, C, v, n)' +
  '), O.gaps = e = o.gaps(t, r, i, a, e), O.clip = Xi(e, l.ori, p, m, h, g);\n\t\t}\n\t\treturn j != 0 &&' +
  ' (O.band = j == 2 ? [Yi(t, r, i, a, k, -1), Yi(t, r, i, a, k, 1)] : Yi(t, r, i, a, k, j)), O;\n\t}' +
  ');\n}\nfunction ya(e) {\n\treturn va(ba, e);\n}\nfunction ba(e, t, n, r, i, a) {\n\tlet o = e.length;\n\ti' +
  'f (o < 2) return null;\n\tlet s = new Path2D();\n\tif (n(s, e[0], t[0]), o == 2) r(s, e[1], t[1]);\n\t' +
  'else {\n\t\tlet n = Array(o), r = Array(o - 1), a = Array(o - 1), c = Array(o - 1);\n\t\tfor (let n = ' +
  '0; n < o - 1; n++) a[n] = t[n + 1] - t[n], c[n] = e[n + 1] - e[n], r[n] = a[n] / c[n];\n\t\tn[0] = ' +
  'r[0];\n\t\tfor (let e = 1; e < o - 1; e++) r[e] === 0 || r[e - 1] === 0 || r[e - 1] > 0 != r[e] > 0' +
  ' ? n[e] = 0 : (n[e] = 3 * (c[e - 1] + c[e]) / ((2 * c[e] + c[e - 1]) / r[e - 1] + (c[e] + 2 * c[' +
  'e - 1]) / r[e]), isFinite(n[e]) || (n[e] = 0));\n\t\tn[o - 1] = r[o - 2];\n\t\tfor (let r = 0; r < o -' +
  ' 1; r++) i(s, e[r] + c[r] / 3, t[r] + n[r] * c[r] / 3, e[r + 1] - c[r] / 3, t[r + 1] - n[r + 1] ' +
  '* c[r] / 3, e[r + 1], t[r + 1]);\n\t}\n\treturn s;\n}\nvar xa = /* @__PURE__ */ new Set();\nfunction Sa' +
  '() {\n\tfor (let e of xa) e.syncRect(!0);\n}\nkt && (qt(wt, jt, Sa), qt(Tt, jt, Sa, !0), qt(Dt, jt, ' +
  '() => {\n\tRa.pxRatio = H;\n}));\nvar Ca = Q(), wa = da();\nfunction Ta(e, t, n, r) {\n\treturn (r ? [e' +
  '[0], e[1]].concat(e.slice(2)) : [e[0]].concat(e.slice(1))).map((e, r) => Da(e, r, t, n));\n}\nfunc' +
  'tion Ea(e, t) {\n\treturn e.map((e, n) => n == 0 ? {} : nr({}, t, e));\n}\nfunction Da(e, t, n, r) {' +
  '\n\treturn nr({}, t == 0 ? n : r, e);\n}\nfunction Oa(e, t, n) {\n\treturn t == null ? Kn : [t, n];\n}\n' +
  'var ka = Oa;\nfunction Aa(e, t, n) {\n\treturn t == null ? Kn : cn(t, n, rn, !0);\n}\nfunction ja(e, ' +
  't, n, r) {\n\treturn t == null ? Kn : tn(t, n, e.scales[r].log, !1);\n}\nvar Ma = ja;\nfunction Na(e,' +
  ' t, n, r) {\n\treturn t == null ? Kn : nn(t, n, e.scales[r].log, !1);\n}\nvar Pa = Na;\nfunction Fa(e' +
  ', t, n, r, i) {\n\tlet a = bn(Dn(e), Dn(t)), o = t - e, s = Yt(i / r * o, n);\n\tdo {\n\t\tlet e = n[s]' +
  ', t = r * e / o;\n\t\tif (t >= i && a + (e < 5 ? Vn.get(e) : 0) <= 17) return [e, t];\n\t} while (++s' +
  ' < n.length);\n\treturn [0, 0];\n}\nfunction Ia(e) {\n\tlet t, n;\n\treturn e = e.replace(/(\\d+)px/, (e,' +
  ' r) => (t = _n((n = +r) * H)) + "px"), [\n\t\te,\n\t\tt,\n\t\tn\n\t];\n}\nfunction La(e) {\n\te.show && [e.font' +
  ', e.labelFont].forEach((e) => {\n\t\tlet t = J(e[2] * H, 1);\n\t\te[0] = e[0].replace(/[0-9.]+px/, t +' +
  ' "px"), e[1] = t;\n\t});\n}\nfunction Ra(e, t, n) {\n\tlet r = { mode: G(e.mode, 1) }, i = r.mode;\n\tfu' +
  'nction a(e, t, n, r) {\n\t\tlet i = t.valToPct(e);\n\t\treturn r + n * (t.dir == -1 ? 1 - i : i);\n\t}\n\t' +
  'function o(e, t, n, r) {\n\t\tlet i = t.valToPct(e);\n\t\treturn r + n * (t.dir == -1 ? i : 1 - i);\n\t}' +
  '\n\tfunction s(e, t, n, r) {\n\t\treturn t.ori == 0 ? a(e, t, n, r) : o(e, t, n, r);\n\t}\n\tr.valToPosH ' +
  '= a, r.valToPosV = o;\n\tlet c = !1;\n\tr.status = 0;\n\tlet l = r.root = Rt(We);\n\tif (e.id != null &&' +
  ' (l.id = e.id), Ft(l, e.class), e.title) {\n\t\tlet t = Rt(qe, l);\n\t\tt.textContent = e.title;\n\t}\n\tl' +
  'et u = Lt("canvas"), d = r.ctx = u.getContext("2d"), f = Rt(Je, l);\n\tqt("click", f, (e) => {\n\t\te' +
  '.target === m && (Y != Fr || X != Ir) && Qr.click(r, e);\n\t}, !0);\n\tlet p = r.under = Rt(Ye, f);\n' +
  '\tf.appendChild(u);\n\tlet m = r.over = Rt(Xe, f);\n\te = tr(e);\n\tlet h = +G(e.pxAlign, 1), g = $i(h)' +
  ';\n\t(e.plugins || []).forEach((t) => {\n\t\tt.opts && (e = t.opts(r, e) || e);\n\t});\n\tlet _ = e.ms ||' +
  ' .001, v = r.series = i == 1 ? Ta(e.series || [], yi, Ri, !1) : Ea(e.series || [null], Li), y = ' +
  'r.axes = Ta(e.axes || [], gi, Mi, !0), b = r.scales = {}, x = r.bands = e.bands || [];\n\tx.forEac' +
  'h((e) => {\n\t\te.fill = q(e.fill || null), e.dir = G(e.dir, -1);\n\t});\n\tlet S = i == 2 ? v[1].facet' +
  's[0].scale : v[0].scale, C = {\n\t\taxes: gr,\n\t\tseries: ir\n\t}, w = (e.drawOrder || ["axes", "series' +
  '"]).map((e) => C[e]);\n\tfunction T(e) {\n\t\tlet t = e.distr == 3 ? (t) => Cn(t > 0 ? t : e.clamp(r,' +
  ' t, e.min, e.max, e.key)) : e.distr == 4 ? (t) => En(t, e.asinh) : e.distr == 100 ? (t) => e.fwd' +
  '(t) : (e) => e;\n\t\treturn (n) => {\n\t\t\tlet r = t(n), { _min: i, _max: a } = e, o = a - i;\n\t\t\tretur' +
  'n (r - i) / o;\n\t\t};\n\t}\n\tfunction E(t) {\n\t\tlet n = b[t];\n\t\tif (n == null) {\n\t\t\tlet r = (e.scales ' +
  '|| Wn)[t] || Wn;\n\t\t\tif (r.from != null) {\n\t\t\t\tE(r.from);\n\t\t\t\tlet e = nr({}, b[r.from], r, { key:' +
  ' t });\n\t\t\t\te.valToPct = T(e), b[t] = e;\n\t\t\t} else {\n\t\t\t\tn = b[t] = nr({}, t == S ? Bi : Vi, r), ' +
  'n.key = t;\n\t\t\t\tlet e = n.time, a = n.range, o = qn(a);\n\t\t\t\tif ((t != S || i == 2 && !e) && (o &&' +
  ' (a[0] == null || a[1] == null) && (a = {\n\t\t\t\t\tmin: a[0] == null ? an : {\n\t\t\t\t\t\tmode: 1,\n\t\t\t\t\t\th' +
  'ard: a[0],\n\t\t\t\t\t\tsoft: a[0]\n\t\t\t\t\t},\n\t\t\t\t\tmax: a[1] == null ? an : {\n\t\t\t\t\t\tmode: 1,\n\t\t\t\t\t\thard: a' +
  '[1],\n\t\t\t\t\t\tsoft: a[1]\n\t\t\t\t\t}\n\t\t\t\t}, o = !1), !o && Zn(a))) {\n\t\t\t\t\tlet e = a;\n\t\t\t\t\ta = (t, n, r) ' +
  '=> n == null ? Kn : cn(n, r, e);\n\t\t\t\t}\n\t\t\t\tn.range = q(a || (e ? ka : t == S ? n.distr == 3 ? Ma' +
  ' : n.distr == 4 ? Pa : Oa : n.distr == 3 ? ja : n.distr == 4 ? Na : Aa)), n.auto = q(!o && n.aut' +
  'o), n.clamp = q(n.clamp || zi), n._min = n._max = null, n.valToPct = T(n);\n\t\t\t}\n\t\t}\n\t}\n\tE("x"), ' +
  'E("y"), i == 1 && v.forEach((e) => {\n\t\tE(e.scale);\n\t}), y.forEach((e) => {\n\t\tE(e.scale);\n\t});\n\tf' +
  'or (let t in e.scales) E(t);\n\tlet D = b[S], O = D.distr, k, A;\n\tD.ori == 0 ? (Ft(l, Ge), k = a, ' +
  'A = o) : (Ft(l, Ke), k = o, A = a);\n\tlet j = {};\n\tfor (let e in b) {\n\t\tlet t = b[e];\n\t\t(t.min !=' +
  ' null || t.max != null) && (j[e] = {\n\t\t\tmin: t.min,\n\t\t\tmax: t.max\n\t\t}, t.min = t.max = null);\n\t}' +
  '\n\tlet M = e.tzDate || ((e) => new Date(_n(e / _))), ee = e.fmtDate || br, te = _ == 1 ? Vr(M) : ' +
  'Wr(M), ne = Kr(M, Gr(_ == 1 ? Br : Ur, ee)), re = Zr(M, Yr(Xr, ee)), ie = [], N = r.legend = nr(' +
  '{}, ei, e.legend), P = r.cursor = nr({}, ci, { drag: { y: i == 2 } }, e.cursor), F = N.show, I =' +
  ' P.show, L = N.markers;\n\tN.idxs = ie, L.width = q(L.width), L.dash = q(L.dash), L.stroke = q(L.s' +
  'troke), L.fill = q(L.fill);\n\tlet R, ae, oe, se = [], ce = [], le, ue = !1, z = {};\n\tif (N.live) ' +
  '{\n\t\tlet e = v[1] ? v[1].values : null;\n\t\tue = e != null, le = ue ? e(r, 1, 0) : { _: 0 };\n\t\tfor ' +
  '(let e in le) z[e] = Ot;\n\t}\n\tif (F) {\n\t\tif (R = Lt("table", rt, l), oe = Lt("tbody", null, R), N' +
  '.mount(r, R), ue) {\n\t\t\tae = Lt("thead", null, R, oe);\n\t\t\tlet e = Lt("tr", null, ae);\n\t\t\tfor (var' +
  ' de in Lt("th", null, e), le) Lt("th", ct, e).textContent = de;\n\t\t} else Ft(R, at), N.live && Ft' +
  '(R, it);\n\t}\n\tlet fe = { show: !0 }, pe = { show: !1 };\n\tfunction me(e, t) {\n\t\tif (t == 0 && (ue ' +
  '|| !N.live || i == 2)) return Kn;\n\t\tlet n = [], a = Lt("tr", ot, oe, oe.childNodes[t]);\n\t\tFt(a, ' +
  'e.class), e.show || Ft(a, Qe);\n\t\tlet o = Lt("th", null, a);\n\t\tif (L.show) {\n\t\t\tlet e = Rt(st, o)' +
  ';\n\t\t\tif (t > 0) {\n\t\t\t\tlet n = L.width(r, t);\n\t\t\t\tn && (e.style.border = n + "px " + L.dash(r, t)' +
  ' + " " + L.stroke(r, t)), e.style.background = L.fill(r, t);\n\t\t\t}\n\t\t}\n\t\tlet s = Rt(ct, o);\n\t\tfor' +
  ' (var c in e.label instanceof HTMLElement ? s.appendChild(e.label) : s.textContent = e.label, t ' +
  '> 0 && (L.show || (s.style.color = e.width > 0 ? L.stroke(r, t) : L.fill(r, t)), ge("click", o, ' +
  '(t) => {\n\t\t\tif (P._lock) return;\n\t\t\tHe(t);\n\t\t\tlet n = v.indexOf(e);\n\t\t\tif ((t.ctrlKey || t.metaK' +
  'ey) != N.isolate) {\n\t\t\t\tlet e = v.some((e, t) => t > 0 && t != n && e.show);\n\t\t\t\tv.forEach((t, r' +
  ') => {\n\t\t\t\t\tr > 0 && oi(r, e ? r == n ? fe : pe : fe, !0, Q.setSeries);\n\t\t\t\t});\n\t\t\t} else oi(n, ' +
  '{ show: !e.show }, !0, Q.setSeries);\n\t\t}, !1), wt && ge(xt, o, (t) => {\n\t\t\tP._lock || (He(t), oi' +
  '(v.indexOf(e), hi, !0, Q.setSeries));\n\t\t}, !1)), le) {\n\t\t\tlet e = Lt("td", lt, a);\n\t\t\te.textCont' +
  'ent = "--", n.push(e);\n\t\t}\n\t\treturn [a, n];\n\t}\n\tlet he = /* @__PURE__ */ new Map();\n\tfunction ge' +
  '(e, t, n, i = !0) {\n\t\tlet a = he.get(t) || {}, o = P.bind[e](r, t, n, i);\n\t\to && (qt(e, t, a[e] ' +
  '= o), he.set(t, a));\n\t}\n\tfunction _e(e, t, n) {\n\t\tlet r = he.get(t) || {};\n\t\tfor (let n in r) (e' +
  ' == null || n == e) && (Jt(n, t, r[n]), delete r[n]);\n\t\te ?? he.delete(t);\n\t}\n\tlet ve = 0, ye = ' +
  '0, B = 0, V = 0, be = 0, xe = 0, Se = be, Ce = xe, we = B, Te = V, Ee = 0, De = 0, Oe = 0, ke = ' +
  '0;\n\tr.bbox = {};\n\tlet Ae = !1, je = !1, Me = !1, Ne = !1, Pe = !1, Fe = !1;\n\tfunction Ie(e, t, n' +
  ') {\n\t\t(n || e != r.width || t != r.height) && Le(e, t), _r(!1), Me = !0, je = !0, Cr();\n\t}\n\tfunc' +
  'tion Le(e, t) {\n\t\tr.width = ve = B = e, r.height = ye = V = t, be = xe = 0, Be(), Ve();\n\t\tlet n ' +
  '= r.bbox;\n\t\tEe = n.left = Rn(be * H, .5), De = n.top = Rn(xe * H, .5), Oe = n.width = Rn(B * H, ' +
  '.5), ke = n.height = Rn(V * H, .5);\n\t}\n\tfunction Re() {\n\t\tlet e = !1, t = 0;\n\t\tfor (; !e;) {\n\t\t\t' +
  't++;\n\t\t\tlet n = mr(t), i = hr(t);\n\t\t\te = t == 3 || n && i, e || (Le(r.width, r.height), je = !0)' +
  ';\n\t\t}\n\t}\n\tfunction ze({ width: e, height: t }) {\n\t\tIe(e, t);\n\t}\n\tr.setSize = ze;\n\tfunction Be() ' +
  '{\n\t\tlet e = !1, t = !1, n = !1, r = !1;\n\t\ty.forEach((i, a) => {\n\t\t\tif (i.show && i._show) {\n\t\t\t\t' +
  'let { side: a, _size: o } = i, s = a % 2, c = o + (i.label == null ? 0 : i.labelSize);\n\t\t\t\tc > 0' +
  ' && (s ? (B -= c, a == 3 ? (be += c, r = !0) : n = !0) : (V -= c, a == 0 ? (xe += c, e = !0) : t' +
  ' = !0));\n\t\t\t}\n\t\t}), Ut[0] = e, Ut[1] = n, Ut[2] = t, Ut[3] = r, B -= Zt[1] + Zt[3], be += Zt[3],' +
  ' V -= Zt[2] + Zt[0], xe += Zt[0];\n\t}\n\tfunction Ve() {\n\t\tlet e = be + B, t = xe + V, n = be, r = ' +
  'xe;\n\t\tfunction i(i, a) {\n\t\t\tswitch (i) {\n\t\t\t\tcase 1: return e += a, e - a;\n\t\t\t\tcase 2: return t ' +
  '+= a, t - a;\n\t\t\t\tcase 3: return n -= a, n + a;\n\t\t\t\tcase 0: return r -= a, r + a;\n\t\t\t}\n\t\t}\n\t\ty.fo' +
  'rEach((e, t) => {\n\t\t\tif (e.show && e._show) {\n\t\t\t\tlet t = e.side;\n\t\t\t\te._pos = i(t, e._size), e.' +
  'label != null && (e._lpos = i(t, e.labelSize));\n\t\t\t}\n\t\t});\n\t}\n\tif (P.dataIdx == null) {\n\t\tlet e ' +
  '= P.hover, n = e.skip = new Set(e.skip ?? []);\n\t\tn.add(void 0);\n\t\tlet r = e.prox = q(e.prox), i ' +
  '= e.bias ??= 0;\n\t\tP.dataIdx = (e, a, o, s) => {\n\t\t\tif (a == 0) return o;\n\t\t\tlet c = o, l = r(e, ' +
  'a, o, s) ?? K, u = l >= 0 && l < K, d = D.ori == 0 ? B : V, f = P.left, p = t[0], m = t[a];\n\t\t\ti' +
  'f (n.has(m[o])) {\n\t\t\t\tc = null;\n\t\t\t\tlet e = null, t = null, r;\n\t\t\t\tif (i == 0 || i == -1) for (r' +
  ' = o; e == null && r-- > 0;) n.has(m[r]) || (e = r);\n\t\t\t\tif (i == 0 || i == 1) for (r = o; t == ' +
  'null && r++ < m.length;) n.has(m[r]) || (t = r);\n\t\t\t\tif (e != null || t != null) {\n\t\t\t\t\tif (u) {' +
  '\n\t\t\t\t\t\tlet n = e == null ? -Infinity : k(p[e], D, d, 0), r = t == null ? Infinity : k(p[t], D, d' +
  ', 0), i = f - n, a = r - f;\n\t\t\t\t\t\ti <= a ? i <= l && (c = e) : a <= l && (c = t);\n\t\t\t\t\t} else c ' +
  '= t == null ? e : e == null ? t : o - e <= t - o ? e : t;\n\t\t\t\t}\n\t\t\t} else u && hn(f - k(p[o], D,' +
  ' d, 0)) > l && (c = null);\n\t\t\treturn c;\n\t\t};\n\t}\n\tlet He = (e) => {\n\t\tP.event = e;\n\t};\n\tP.idxs = ' +
  'ie, P._lock = !1;\n\tlet Ue = P.points;\n\tUe.show = q(Ue.show), Ue.size = q(Ue.size), Ue.stroke = q' +
  '(Ue.stroke), Ue.width = q(Ue.width), Ue.fill = q(Ue.fill);\n\tlet gt = r.focus = nr({}, e.focus ||' +
  ' { alpha: .3 }, P.focus), wt = gt.prox >= 0, Tt = wt && Ue.one, Et = [], kt = [], Mt = [];\n\tfunc' +
  'tion Nt(e, t) {\n\t\tlet n = Ue.show(r, t);\n\t\tif (n instanceof HTMLElement) return Ft(n, nt), Ft(n,' +
  ' e.class), Bt(n, -10, -10, B, V), m.insertBefore(n, Et[t]), n;\n\t}\n\tfunction Pt(e, t) {\n\t\tif (i =' +
  '= 1 || t > 0) {\n\t\t\tlet t = i == 1 && b[e.scale].time, n = e.value;\n\t\t\te.value = t ? Xn(n) ? Zr(M' +
  ', Yr(n, ee)) : n || re : n || ji, e.label = e.label || (t ? vi : _i);\n\t\t}\n\t\tif (Tt || t > 0) {\n\t' +
  '\t\te.width = e.width == null ? 1 : e.width, e.paths = e.paths || Ca || Nn, e.fillTo = q(e.fillTo ' +
  '|| Ji), e.pxAlign = +G(e.pxAlign, h), e.pxRound = $i(e.pxAlign), e.stroke = q(e.stroke || null),' +
  ' e.fill = q(e.fill || null), e._stroke = e._fill = e._paths = e._focus = null;\n\t\t\tlet t = Ni(bn(' +
  '1, e.width), 1), n = e.points = nr({}, {\n\t\t\t\tsize: t,\n\t\t\t\twidth: bn(1, t * .2),\n\t\t\t\tstroke: e.st' +
  'roke,\n\t\t\t\tspace: t * 2,\n\t\t\t\tpaths: wa,\n\t\t\t\t_stroke: null,\n\t\t\t\t_fill: null\n\t\t\t}, e.points);\n\t\t\tn.' +
  'show = q(n.show), n.filter = q(n.filter), n.fill = q(n.fill), n.stroke = q(n.stroke), n.paths = ' +
  'q(n.paths), n.pxAlign = e.pxAlign;\n\t\t}\n\t\tif (F) {\n\t\t\tlet n = me(e, t);\n\t\t\tse.splice(t, 0, n[0]),' +
  ' ce.splice(t, 0, n[1]), N.values.push(null);\n\t\t}\n\t\tif (I) {\n\t\t\tie.splice(t, 0, null);\n\t\t\tlet n =' +
  ' null;\n\t\t\tTt ? t == 0 && (n = Nt(e, t)) : t > 0 && (n = Nt(e, t)), Et.splice(t, 0, n), kt.splice' +
  '(t, 0, 0), Mt.splice(t, 0, 0);\n\t\t}\n\t\tpa("addSeries", t);\n\t}\n\tfunction zt(e, t) {\n\t\tt ??= v.lengt' +
  'h, e = i == 1 ? Da(e, t, yi, Ri) : Da(e, t, {}, Li), v.splice(t, 0, e), Pt(v[t], t);\n\t}\n\tr.addSe' +
  'ries = zt;\n\tfunction Vt(e) {\n\t\tif (v.splice(e, 1), F) {\n\t\t\tN.values.splice(e, 1), ce.splice(e, 1' +
  ');\n\t\t\tlet t = se.splice(e, 1)[0];\n\t\t\t_e(null, t.firstChild), t.remove();\n\t\t}\n\t\tI && (ie.splice(e' +
  ', 1), Et.splice(e, 1)[0].remove(), kt.splice(e, 1), Mt.splice(e, 1)), pa("delSeries", e);\n\t}\n\tr.' +
  'delSeries = Vt;\n\tlet Ut = [\n\t\t!1,\n\t\t!1,\n\t\t!1,\n\t\t!1\n\t];\n\tfunction Gt(e, t) {\n\t\tif (e._show = e.sh' +
  'ow, e.show) {\n\t\t\tlet n = e.side % 2, i = b[e.scale];\n\t\t\ti ??= (e.scale = n ? v[1].scale : S, b[e' +
  '.scale]);\n\t\t\tlet a = i.time;\n\t\t\te.size = q(e.size), e.space = q(e.space), e.rotate = q(e.rotate)' +
  ', qn(e.incrs) && e.incrs.forEach((e) => {\n\t\t\t\t!Vn.has(e) && Vn.set(e, Hn(e));\n\t\t\t}), e.incrs = q' +
  '(e.incrs || (i.distr == 2 ? Dr : a ? _ == 1 ? zr : Hr : Or)), e.splits = q(e.splits || (a && i.d' +
  'istr == 1 ? te : i.distr == 3 ? Si : i.distr == 4 ? Ci : xi)), e.stroke = q(e.stroke), e.grid.st' +
  'roke = q(e.grid.stroke), e.ticks.stroke = q(e.ticks.stroke), e.border.stroke = q(e.border.stroke' +
  ');\n\t\t\tlet o = e.values;\n\t\t\te.values = qn(o) && !qn(o[0]) ? q(o) : a ? qn(o) ? Kr(M, Gr(o, ee)) :' +
  ' Xn(o) ? qr(M, o) : o || ne : o || bi, e.filter = q(e.filter || (i.distr >= 3 && i.log == 10 ? k' +
  'i : i.distr == 3 && i.log == 2 ? Ai : Mn)), e.font = Ia(e.font), e.labelFont = Ia(e.labelFont), ' +
  'e._size = e.size(r, null, t, 0), e._space = e._rotate = e._incrs = e._found = e._splits = e._val' +
  'ues = null, e._size > 0 && (Ut[t] = !0, e._el = Rt(Ze, f));\n\t\t}\n\t}\n\tfunction Kt(e, t, n, r) {\n\t\t' +
  'let [i, a, o, s] = n, c = t % 2, l = 0;\n\t\treturn c == 0 && (s || a) && (l = t == 0 && !i || t ==' +
  ' 2 && !o ? _n(gi.size / 3) : 0), c == 1 && (i || o) && (l = t == 1 && !a || t == 3 && !s ? _n(Mi' +
  '.size / 2) : 0), l;\n\t}\n\tlet Xt = r.padding = (e.padding || [\n\t\tKt,\n\t\tKt,\n\t\tKt,\n\t\tKt\n\t]).map((e) ' +
  '=> q(G(e, Kt))), Zt = r._padding = Xt.map((e, t) => e(r, t, Ut, 0)), Qt, W = null, $t = null, on' +
  ' = i == 1 ? v[0].idxs : null, sn = null, un = !1;\n\tfunction dn(e, n) {\n\t\tif (t = e ?? [], r.data' +
  ' = r._data = t, i == 2) {\n\t\t\tQt = 0;\n\t\t\tfor (let e = 1; e < v.length; e++) Qt += t[e][0].length;' +
  '\n\t\t} else {\n\t\t\tt.length == 0 && (r.data = r._data = t = [[]]), sn = t[0], Qt = sn.length;\n\t\t\tlet' +
  ' e = t;\n\t\t\tif (O == 2) {\n\t\t\t\te = t.slice();\n\t\t\t\tlet n = e[0] = Array(Qt);\n\t\t\t\tfor (let e = 0; e ' +
  '< Qt; e++) n[e] = e;\n\t\t\t}\n\t\t\tr._data = t = e;\n\t\t}\n\t\tif (_r(!0), pa("setData"), O == 2 && (Me = !' +
  '0), n !== !1) {\n\t\t\tlet e = D;\n\t\t\te.auto(r, un) ? fn() : ai(S, e.min, e.max), Ne ||= P.left >= 0,' +
  ' Fe = !0, Cr();\n\t\t}\n\t}\n\tr.setData = dn;\n\tfunction fn() {\n\t\tun = !0;\n\t\tlet e, n;\n\t\ti == 1 && (Qt ' +
  '> 0 ? (W = on[0] = 0, $t = on[1] = Qt - 1, e = t[0][W], n = t[0][$t], O == 2 ? (e = W, n = $t) :' +
  ' e == n && (O == 3 ? [e, n] = tn(e, e, D.log, !1) : O == 4 ? [e, n] = nn(e, e, D.log, !1) : D.ti' +
  'me ? n = e + _n(86400 / _) : [e, n] = cn(e, n, rn, !0))) : (W = on[0] = e = null, $t = on[1] = n' +
  ' = null)), ai(S, e, n);\n\t}\n\tlet pn, gn, Sn, wn, Dn, An, jn, In, Ln, zn;\n\tfunction Bn(e, t, n, r,' +
  ' i, a) {\n\t\te ??= _t, n ??= Gn, r ??= "butt", i ??= _t, a ??= "round", e != pn && (d.strokeStyle ' +
  '= pn = e), i != gn && (d.fillStyle = gn = i), t != Sn && (d.lineWidth = Sn = t), a != Dn && (d.l' +
  'ineJoin = Dn = a), r != An && (d.lineCap = An = r), n != wn && d.setLineDash(wn = n);\n\t}\n\tfuncti' +
  'on Un(e, t, n, r) {\n\t\tt != gn && (d.fillStyle = gn = t), e != jn && (d.font = jn = e), n != In &' +
  '& (d.textAlign = In = n), r != Ln && (d.textBaseline = Ln = r);\n\t}\n\tfunction Jn(e, t, n, i, a = ' +
  '0) {\n\t\tif (i.length > 0 && e.auto(r, un) && (t == null || t.min == null)) {\n\t\t\tlet t = G(W, 0), ' +
  'r = G($t, i.length - 1), o = n.min == null ? en(i, t, r, a, e.distr == 3) : [n.min, n.max];\n\t\t\te' +
  '.min = yn(e.min, n.min = o[0]), e.max = bn(e.max, n.max = o[1]);\n\t\t}\n\t}\n\tlet $n = {\n\t\tmin: null,' +
  '\n\t\tmax: null\n\t};\n\tfunction er() {\n\t\tfor (let e in b) {\n\t\t\tlet t = b[e];\n\t\t\tj[e] == null && (t.mi' +
  'n == null || j[S] != null && t.auto(r, un)) && (j[e] = $n);\n\t\t}\n\t\tfor (let e in b) {\n\t\t\tlet t = ' +
  'b[e];\n\t\t\tj[e] == null && t.from != null && j[t.from] != null && (j[e] = $n);\n\t\t}\n\t\tj[S] != null ' +
  '&& _r(!0);\n\t\tlet e = {};\n\t\tfor (let t in j) {\n\t\t\tlet n = j[t];\n\t\t\tif (n != null) {\n\t\t\t\tlet a = e' +
  '[t] = tr(b[t], Qn);\n\t\t\t\tif (n.min != null) nr(a, n);\n\t\t\t\telse if (t != S || i == 2) {\n\t\t\t\t\tif (Q' +
  't == 0 && a.from == null) {\n\t\t\t\t\t\tlet e = a.range(r, null, null, t);\n\t\t\t\t\t\ta.min = e[0], a.max =' +
  ' e[1];\n\t\t\t\t\t} else a.min = K, a.max = -Infinity;\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t\tif (Qt > 0) {\n\t\t\tv.forEach((n,' +
  ' a) => {\n\t\t\t\tif (i == 1) {\n\t\t\t\t\tlet i = n.scale, o = j[i];\n\t\t\t\t\tif (o == null) return;\n\t\t\t\t\tlet ' +
  's = e[i];\n\t\t\t\t\tif (a == 0) {\n\t\t\t\t\t\tlet e = s.range(r, s.min, s.max, i);\n\t\t\t\t\t\ts.min = e[0], s.ma' +
  'x = e[1], W = Yt(s.min, t[0]), $t = Yt(s.max, t[0]), $t - W > 1 && (t[0][W] < s.min && W++, t[0]' +
  '[$t] > s.max && $t--), n.min = sn[W], n.max = sn[$t];\n\t\t\t\t\t} else n.show && n.auto && Jn(s, o, n' +
  ', t[a], n.sorted);\n\t\t\t\t\tn.idxs[0] = W, n.idxs[1] = $t;\n\t\t\t\t} else if (a > 0 && n.show && n.auto)' +
  ' {\n\t\t\t\t\tlet [r, i] = n.facets, o = r.scale, s = i.scale, [c, l] = t[a], u = e[o], d = e[s];\n\t\t\t\t' +
  '\tu != null && Jn(u, j[o], r, c, r.sorted), d != null && Jn(d, j[s], i, l, i.sorted), n.min = i.m' +
  'in, n.max = i.max;\n\t\t\t\t}\n\t\t\t});\n\t\t\tfor (let t in e) {\n\t\t\t\tlet n = e[t], i = j[t];\n\t\t\t\tif (n.from' +
  ' == null && (i == null || i.min == null)) {\n\t\t\t\t\tlet e = n.range(r, n.min == K ? null : n.min, n' +
  '.max == -Infinity ? null : n.max, t);\n\t\t\t\t\tn.min = e[0], n.max = e[1];\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t\tfor (let' +
  ' t in e) {\n\t\t\tlet n = e[t];\n\t\t\tif (n.from != null) {\n\t\t\t\tlet i = e[n.from];\n\t\t\t\tif (i.min == nul' +
  'l) n.min = n.max = null;\n\t\t\t\telse {\n\t\t\t\t\tlet e = n.range(r, i.min, i.max, t);\n\t\t\t\t\tn.min = e[0],' +
  ' n.max = e[1];\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t\tlet n = {}, a = !1;\n\t\tfor (let t in e) {\n\t\t\tlet r = e[t], i = b[' +
  't];\n\t\t\tif (i.min != r.min || i.max != r.max) {\n\t\t\t\ti.min = r.min, i.max = r.max;\n\t\t\t\tlet e = i.d' +
  'istr;\n\t\t\t\ti._min = e == 3 ? Cn(i.min) : e == 4 ? En(i.min, i.asinh) : e == 100 ? i.fwd(i.min) : ' +
  'i.min, i._max = e == 3 ? Cn(i.max) : e == 4 ? En(i.max, i.asinh) : e == 100 ? i.fwd(i.max) : i.m' +
  'ax, n[t] = a = !0;\n\t\t\t}\n\t\t}\n\t\tif (a) {\n\t\t\tv.forEach((e, t) => {\n\t\t\t\ti == 2 ? t > 0 && n.y && (e.' +
  '_paths = null) : n[e.scale] && (e._paths = null);\n\t\t\t});\n\t\t\tfor (let e in n) Me = !0, pa("setSca' +
  'le", e);\n\t\t\tI && P.left >= 0 && (Ne = Fe = !0);\n\t\t}\n\t\tfor (let e in j) j[e] = null;\n\t}\n\tfunction' +
  ' rr(e) {\n\t\tlet t = On(W - 1, 0, Qt - 1), n = On($t + 1, 0, Qt - 1);\n\t\tfor (; e[t] == null && t >' +
  ' 0;) t--;\n\t\tfor (; e[n] == null && n < Qt - 1;) n++;\n\t\treturn [t, n];\n\t}\n\tfunction ir() {\n\t\tif (' +
  'Qt > 0) {\n\t\t\tlet e = v.some((e) => e._focus) && zn != gt.alpha;\n\t\t\te && (d.globalAlpha = zn = gt' +
  '.alpha), v.forEach((e, n) => {\n\t\t\t\tif (n > 0 && e.show && (ar(n, !1), ar(n, !0), e._paths == nul' +
  'l)) {\n\t\t\t\t\tlet a = zn;\n\t\t\t\t\tzn != e.alpha && (d.globalAlpha = zn = e.alpha);\n\t\t\t\t\tlet o = i == 2' +
  ' ? [0, t[n][0].length - 1] : rr(t[n]);\n\t\t\t\t\te._paths = e.paths(r, n, o[0], o[1]), zn != a && (d.' +
  'globalAlpha = zn = a);\n\t\t\t\t}\n\t\t\t}), v.forEach((e, t) => {\n\t\t\t\tif (t > 0 && e.show) {\n\t\t\t\t\tlet n ' +
  '= zn;\n\t\t\t\t\tzn != e.alpha && (d.globalAlpha = zn = e.alpha), e._paths != null && or(t, !1);\n\t\t\t\t\t' +
  '{\n\t\t\t\t\t\tlet n = e._paths == null ? null : e._paths.gaps, i = e.points.show(r, t, W, $t, n), a = ' +
  'e.points.filter(r, t, i, n);\n\t\t\t\t\t\t(i || a) && (e.points._paths = e.points.paths(r, t, W, $t, a)' +
  ', or(t, !0));\n\t\t\t\t\t}\n\t\t\t\t\tzn != n && (d.globalAlpha = zn = n), pa("drawSeries", t);\n\t\t\t\t}\n\t\t\t}),' +
  ' e && (d.globalAlpha = zn = 1);\n\t\t}\n\t}\n\tfunction ar(e, t) {\n\t\tlet n = t ? v[e].points : v[e];\n\t\t' +
  'n._stroke = n.stroke(r, e), n._fill = n.fill(r, e);\n\t}\n\tfunction or(e, t) {\n\t\tlet n = t ? v[e].p' +
  'oints : v[e], { stroke: r, fill: i, clip: a, flags: o, _stroke: s = n._stroke, _fill: c = n._fil' +
  'l, _width: l = n.width } = n._paths;\n\t\tl = J(l * H, 3);\n\t\tlet u = null, f = l % 2 / 2;\n\t\tt && c ' +
  '== null && (c = l > 0 ? "#fff" : s);\n\t\tlet p = n.pxAlign == 1 && f > 0;\n\t\tif (p && d.translate(f' +
  ', f), !t) {\n\t\t\tlet e = Ee - l / 2, t = De - l / 2, n = Oe + l, r = ke + l;\n\t\t\tu = new Path2D(), ' +
  'u.rect(e, t, n, r);\n\t\t}\n\t\tt ? lr(s, l, n.dash, n.cap, c, r, i, o, a) : sr(e, s, l, n.dash, n.cap' +
  ', c, r, i, o, u, a), p && d.translate(-f, -f);\n\t}\n\tfunction sr(e, n, i, a, o, s, c, l, u, d, f) ' +
  '{\n\t\tlet p = !1;\n\t\tu != 0 && x.forEach((m, h) => {\n\t\t\tif (m.series[0] == e) {\n\t\t\t\tlet e = v[m.ser' +
  'ies[1]], g = t[m.series[1]], _ = (e._paths || Wn).band;\n\t\t\t\tqn(_) && (_ = m.dir == 1 ? _[0] : _[' +
  '1]);\n\t\t\t\tlet y, b = null;\n\t\t\t\te.show && _ && ln(g, W, $t) ? (b = m.fill(r, h) || s, y = e._paths' +
  '.clip) : _ = null, lr(n, i, a, o, b, c, l, u, d, f, y, _), p = !0;\n\t\t\t}\n\t\t}), p || lr(n, i, a, o' +
  ', s, c, l, u, d, f);\n\t}\n\tfunction lr(e, t, n, r, i, a, o, s, c, l, u, f) {\n\t\tBn(e, t, n, r, i), ' +
  '(c || l || f) && (d.save(), c && d.clip(c), l && d.clip(l)), f ? (s & 3) == 3 ? (d.clip(f), u &&' +
  ' d.clip(u), dr(i, o), ur(e, a, t)) : s & Gi ? (dr(i, o), d.clip(f), ur(e, a, t)) : s & Wi && (d.' +
  'save(), d.clip(f), u && d.clip(u), dr(i, o), d.restore(), ur(e, a, t)) : (dr(i, o), ur(e, a, t))' +
  ', (c || l || f) && d.restore();\n\t}\n\tfunction ur(e, t, n) {\n\t\tn > 0 && (t instanceof Map ? t.forE' +
  'ach((e, t) => {\n\t\t\td.strokeStyle = pn = t, d.stroke(e);\n\t\t}) : t != null && e && d.stroke(t));\n\t' +
  '}\n\tfunction dr(e, t) {\n\t\tt instanceof Map ? t.forEach((e, t) => {\n\t\t\td.fillStyle = gn = t, d.fil' +
  'l(e);\n\t\t}) : t != null && e && d.fill(t);\n\t}\n\tfunction fr(e, t, n, i) {\n\t\tlet a = y[e], o;\n\t\tif ' +
  '(i <= 0) o = [0, 0];\n\t\telse {\n\t\t\tlet s = a._space = a.space(r, e, t, n, i);\n\t\t\to = Fa(t, n, a._i' +
  'ncrs = a.incrs(r, e, t, n, i, s), i, s);\n\t\t}\n\t\treturn a._found = o;\n\t}\n\tfunction pr(e, t, n, r, ' +
  'i, a, o, s, c, l) {\n\t\tlet u = o % 2 / 2;\n\t\th == 1 && d.translate(u, u), Bn(s, o, c, l, s), d.beg' +
  'inPath();\n\t\tlet f, p, m, g, _ = i + (r == 0 || r == 3 ? -a : a);\n\t\tn == 0 ? (p = i, g = _) : (f ' +
  '= i, m = _);\n\t\tfor (let r = 0; r < e.length; r++) t[r] != null && (n == 0 ? f = m = e[r] : p = g' +
  ' = e[r], d.moveTo(f, p), d.lineTo(m, g));\n\t\td.stroke(), h == 1 && d.translate(-u, -u);\n\t}\n\tfunct' +
  'ion mr(e) {\n\t\tlet t = !0;\n\t\treturn y.forEach((n, i) => {\n\t\t\tif (!n.show) return;\n\t\t\tlet a = b[n.' +
  'scale];\n\t\t\tif (a.min == null) {\n\t\t\t\tn._show && (t = !1, n._show = !1, _r(!1));\n\t\t\t\treturn;\n\t\t\t}\n' +
  '\t\t\tn._show || (t = !1, n._show = !0, _r(!1));\n\t\t\tlet o = n.side, s = o % 2, { min: c, max: l } =' +
  ' a, [u, d] = fr(i, c, l, s == 0 ? B : V);\n\t\t\tif (d == 0) return;\n\t\t\tlet f = a.distr == 2, p = n.' +
  '_splits = n.splits(r, i, c, l, u, d, f), m = a.distr == 2 ? p.map((e) => sn[e]) : p, h = a.distr' +
  ' == 2 ? sn[p[1]] - sn[p[0]] : u, g = n._values = n.values(r, n.filter(r, m, i, d, h), i, d, h);\n' +
  '\t\t\tn._rotate = o == 2 ? n.rotate(r, g, i, d) : 0;\n\t\t\tlet _ = n._size;\n\t\t\tn._size = vn(n.size(r, ' +
  'g, i, e)), _ != null && n._size != _ && (t = !1);\n\t\t}), t;\n\t}\n\tfunction hr(e) {\n\t\tlet t = !0;\n\t\t' +
  'return Xt.forEach((n, i) => {\n\t\t\tlet a = n(r, i, Ut, e);\n\t\t\ta != Zt[i] && (t = !1), Zt[i] = a;\n\t' +
  '\t}), t;\n\t}\n\tfunction gr() {\n\t\tfor (let e = 0; e < y.length; e++) {\n\t\t\tlet t = y[e];\n\t\t\tif (!t.sh' +
  'ow || !t._show) continue;\n\t\t\tlet n = t.side, i = n % 2, a, o, c = t.stroke(r, e), l = n == 0 || ' +
  'n == 3 ? -1 : 1, [u, f] = t._found;\n\t\t\tif (t.label != null) {\n\t\t\t\tlet s = t.labelGap * l, p = _n' +
  '((t._lpos + s) * H);\n\t\t\t\tUn(t.labelFont[0], c, "center", n == 2 ? ft : pt), d.save(), i == 1 ? (' +
  'a = o = 0, d.translate(p, _n(De + ke / 2)), d.rotate((n == 3 ? -mn : mn) / 2)) : (a = _n(Ee + Oe' +
  ' / 2), o = p);\n\t\t\t\tlet m = kn(t.label) ? t.label(r, e, u, f) : t.label;\n\t\t\t\td.fillText(m, a, o),' +
  ' d.restore();\n\t\t\t}\n\t\t\tif (f == 0) continue;\n\t\t\tlet p = b[t.scale], m = i == 0 ? Oe : ke, h = i =' +
  '= 0 ? Ee : De, _ = t._splits, v = p.distr == 2 ? _.map((e) => sn[e]) : _, x = p.distr == 2 ? sn[' +
  '_[1]] - sn[_[0]] : u, S = t.ticks, C = t.border, w = S.show ? S.size : 0, T = _n(w * H), E = _n(' +
  '(t.alignTo == 2 ? t._size - w - t.gap : t.gap) * H), D = t._rotate * -mn / 180, O = g(t._pos * H' +
  '), k = O + (T + E) * l;\n\t\t\to = i == 0 ? k : 0, a = i == 1 ? k : 0;\n\t\t\tlet A = t.font[0];\n\t\t\tUn(A' +
  ', c, t.align == 1 ? mt : t.align == 2 ? ht : D > 0 ? mt : D < 0 ? ht : i == 0 ? "center" : n == ' +
  '3 ? ht : mt, D || i == 1 ? "middle" : n == 2 ? ft : pt);\n\t\t\tlet j = t.font[1] * t.lineGap, M = _' +
  '.map((e) => g(s(e, p, m, h))), ee = t._values;\n\t\t\tfor (let e = 0; e < ee.length; e++) {\n\t\t\t\tlet ' +
  't = ee[e];\n\t\t\t\tif (t != null) {\n\t\t\t\t\ti == 0 ? a = M[e] : o = M[e], t = "" + t;\n\t\t\t\t\tlet n = t.in' +
  'dexOf("\\n") == -1 ? [t] : t.split(/\\n/gm);\n\t\t\t\t\tfor (let e = 0; e < n.length; e++) {\n\t\t\t\t\t\tlet t' +
  ' = n[e];\n\t\t\t\t\t\tD ? (d.save(), d.translate(a, o + e * j), d.rotate(D), d.fillText(t, 0, 0), d.res' +
  'tore()) : d.fillText(t, a, o + e * j);\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}\n\t\t\tS.show && pr(M, S.filter(r, v, e, f,' +
  ' x), i, n, O, T, J(S.width * H, 3), S.stroke(r, e), S.dash, S.cap);\n\t\t\tlet te = t.grid;\n\t\t\tte.sh' +
  'ow && pr(M, te.filter(r, v, e, f, x), i, i == 0 ? 2 : 1, i == 0 ? De : Ee, i == 0 ? ke : Oe, J(t' +
  'e.width * H, 3), te.stroke(r, e), te.dash, te.cap), C.show && pr([O], [1], +(i == 0), i == 0 ? 1' +
  ' : 2, i == 1 ? De : Ee, i == 1 ? ke : Oe, J(C.width * H, 3), C.stroke(r, e), C.dash, C.cap);\n\t\t}' +
  '\n\t\tpa("drawAxes");\n\t}\n\tfunction _r(e) {\n\t\tv.forEach((t, n) => {\n\t\t\tn > 0 && (t._paths = null, e ' +
  '&& (i == 1 ? (t.min = null, t.max = null) : t.facets.forEach((e) => {\n\t\t\t\te.min = null, e.max = ' +
  'null;\n\t\t\t})));\n\t\t});\n\t}\n\tlet vr = !1, yr = !1, xr = [];\n\tfunction Sr() {\n\t\tyr = !1;\n\t\tfor (let e' +
  ' = 0; e < xr.length; e++) pa(...xr[e]);\n\t\txr.length = 0;\n\t}\n\tfunction Cr() {\n\t\tvr ||= (cr(Tr), !' +
  '0);\n\t}\n\tfunction wr(e, t = !1) {\n\t\tvr = !0, yr = t, e(r), Tr(), t && xr.length > 0 && queueMicro' +
  'task(Sr);\n\t}\n\tr.batch = wr;\n\tfunction Tr() {\n\t\tif (Ae &&= (er(), !1), Me &&= (Re(), !1), je) {\n\t' +
  '\t\tif (U(p, mt, be), U(p, ft, xe), U(p, ut, B), U(p, dt, V), U(m, mt, be), U(m, ft, xe), U(m, ut,' +
  ' B), U(m, dt, V), U(f, ut, ve), U(f, dt, ye), u.width = _n(ve * H), u.height = _n(ye * H), y.for' +
  'Each(({ _el: e, _show: t, _size: n, _pos: r, side: i }) => {\n\t\t\t\tif (e != null) {\n\t\t\t\t\tif (t) {\n' +
  '\t\t\t\t\t\tlet t = i === 3 || i === 0 ? n : 0, a = i % 2 == 1;\n\t\t\t\t\t\tU(e, a ? "left" : "top", r - t),' +
  ' U(e, a ? "width" : "height", n), U(e, a ? "top" : "left", a ? xe : be), U(e, a ? "height" : "wi' +
  'dth", a ? V : B), It(e, Qe);\n\t\t\t\t\t} else Ft(e, Qe);\n\t\t\t\t}\n\t\t\t}), pn = gn = Sn = Dn = An = jn = I' +
  'n = Ln = wn = null, zn = 1, Xi(!0), be != Se || xe != Ce || B != we || V != Te) {\n\t\t\t\t_r(!1);\n\t\t' +
  '\t\tlet e = B / we, t = V / Te;\n\t\t\t\tif (I && !Ne && P.left >= 0) {\n\t\t\t\t\tP.left *= e, P.top *= t, j' +
  'r && Bt(jr, _n(P.left), 0, B, V), Mr && Bt(Mr, 0, _n(P.top), B, V);\n\t\t\t\t\tfor (let n = 0; n < Et.' +
  'length; n++) {\n\t\t\t\t\t\tlet r = Et[n];\n\t\t\t\t\t\tr != null && (kt[n] *= e, Mt[n] *= t, Bt(r, vn(kt[n]),' +
  ' vn(Mt[n]), B, V));\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t\tif (Z.show && !Pe && Z.left >= 0 && Z.width > 0) {\n\t\t\t\t\tZ.l' +
  'eft *= e, Z.width *= e, Z.top *= t, Z.height *= t;\n\t\t\t\t\tfor (let e in ea) U(ni, e, Z[e]);\n\t\t\t\t}\n' +
  '\t\t\t\tSe = be, Ce = xe, we = B, Te = V;\n\t\t\t}\n\t\t\tpa("setSize"), je = !1;\n\t\t}\n\t\tve > 0 && ye > 0 && ' +
  '(d.clearRect(0, 0, u.width, u.height), pa("drawClear"), w.forEach((e) => e()), pa("draw")), Z.sh' +
  'ow && Pe && (ri(Z), Pe = !1), I && Ne && (qi(null, !0, !1), Ne = !1), N.show && N.live && Fe && ' +
  '(Hi(), Fe = !1), c || (c = !0, r.status = 1, pa("ready")), un = !1, vr = !1;\n\t}\n\tr.redraw = (e, ' +
  't) => {\n\t\tMe = t || !1, e === !1 ? Cr() : ai(S, D.min, D.max);\n\t};\n\tfunction Er(e, n) {\n\t\tlet i ' +
  '= b[e];\n\t\tif (i.from == null) {\n\t\t\tif (Qt == 0) {\n\t\t\t\tlet t = i.range(r, n.min, n.max, e);\n\t\t\t\tn' +
  '.min = t[0], n.max = t[1];\n\t\t\t}\n\t\t\tif (n.min > n.max) {\n\t\t\t\tlet e = n.min;\n\t\t\t\tn.min = n.max, n.' +
  'max = e;\n\t\t\t}\n\t\t\tif (Qt > 1 && n.min != null && n.max != null && n.max - n.min < 1e-16) return;\n' +
  '\t\t\te == S && i.distr == 2 && Qt > 0 && (n.min = Yt(n.min, t[0]), n.max = Yt(n.max, t[0]), n.min ' +
  '== n.max && n.max++), j[e] = n, Ae = !0, Cr();\n\t\t}\n\t}\n\tr.setScale = Er;\n\tlet kr, Ar, jr, Mr, Nr,' +
  ' Pr, Fr, Ir, Lr, Rr, Y, X, Jr = !1, Qr = P.drag, $r = Qr.x, ti = Qr.y;\n\tI && (P.x && (kr = Rt(et' +
  ', m)), P.y && (Ar = Rt(tt, m)), D.ori == 0 ? (jr = kr, Mr = Ar) : (jr = Ar, Mr = kr), Y = P.left' +
  ', X = P.top);\n\tlet Z = r.select = nr({\n\t\tshow: !0,\n\t\tover: !0,\n\t\tleft: 0,\n\t\twidth: 0,\n\t\ttop: 0,\n' +
  '\t\theight: 0\n\t}, e.select), ni = Z.show ? Rt($e, Z.over ? m : p) : null;\n\tfunction ri(e, t) {\n\t\ti' +
  'f (Z.show) {\n\t\t\tfor (let t in e) Z[t] = e[t], t in ea && U(ni, t, e[t]);\n\t\t\tt !== !1 && pa("setS' +
  'elect");\n\t\t}\n\t}\n\tr.setSelect = ri;\n\tfunction ii(e) {\n\t\tif (v[e].show) F && It(se[e], Qe);\n\t\telse' +
  ' if (F && Ft(se[e], Qe), I) {\n\t\t\tlet t = Tt ? Et[0] : Et[e];\n\t\t\tt != null && Bt(t, -10, -10, B, ' +
  'V);\n\t\t}\n\t}\n\tfunction ai(e, t, n) {\n\t\tEr(e, {\n\t\t\tmin: t,\n\t\t\tmax: n\n\t\t});\n\t}\n\tfunction oi(e, t, n,' +
  ' a) {\n\t\tt.focus != null && wi(e), t.show != null && v.forEach((n, r) => {\n\t\t\tr > 0 && (e == r ||' +
  ' e == null) && (n.show = t.show, ii(r), i == 2 ? (ai(n.facets[0].scale, null, null), ai(n.facets' +
  '[1].scale, null, null)) : ai(n.scale, null, null), Cr());\n\t\t}), n !== !1 && pa("setSeries", e, t' +
  '), a && _a("setSeries", r, e, t);\n\t}\n\tr.setSeries = oi;\n\tfunction si(e, t) {\n\t\tnr(x[e], t);\n\t}\n\t' +
  'function li(e, t) {\n\t\te.fill = q(e.fill || null), e.dir = G(e.dir, -1), t ??= x.length, x.splice' +
  '(t, 0, e);\n\t}\n\tfunction ui(e) {\n\t\te == null ? x.length = 0 : x.splice(e, 1);\n\t}\n\tr.addBand = li,' +
  ' r.setBand = si, r.delBand = ui;\n\tfunction di(e, t) {\n\t\tv[e].alpha = t, I && Et[e] != null && (E' +
  't[e].style.opacity = t), F && se[e] && (se[e].style.opacity = t);\n\t}\n\tlet fi, pi, mi, hi = { foc' +
  'us: !0 };\n\tfunction wi(e) {\n\t\tif (e != mi) {\n\t\t\tlet t = e == null, n = gt.alpha != 1;\n\t\t\tv.forEa' +
  'ch((r, a) => {\n\t\t\t\tif (i == 1 || a > 0) {\n\t\t\t\t\tlet i = t || a == 0 || a == e;\n\t\t\t\t\tr._focus = t ' +
  '? null : i, n && di(a, i ? 1 : gt.alpha);\n\t\t\t\t}\n\t\t\t}), mi = e, n && Cr();\n\t\t}\n\t}\n\tF && wt && ge(' +
  'St, R, (e) => {\n\t\tP._lock || (He(e), mi != null && oi(null, hi, !0, Q.setSeries));\n\t});\n\tfunctio' +
  'n Ti(e, t, n) {\n\t\tlet r = b[t];\n\t\tn && (e = e / H - (r.ori == 1 ? xe : be));\n\t\tlet i = B;\n\t\tr.or' +
  'i == 1 && (i = V, e = i - e), r.dir == -1 && (e = i - e);\n\t\tlet a = r._min, o = r._max, s = e / ' +
  'i, c = a + (o - a) * s, l = r.distr;\n\t\treturn l == 3 ? xn(10, c) : l == 4 ? Tn(c, r.asinh) : l =' +
  '= 100 ? r.bwd(c) : c;\n\t}\n\tfunction Ei(e, n) {\n\t\treturn Yt(Ti(e, S, n), t[0], W, $t);\n\t}\n\tr.valTo' +
  'Idx = (e) => Yt(e, t[0]), r.posToIdx = Ei, r.posToVal = Ti, r.valToPos = (e, t, n) => b[t].ori =' +
  '= 0 ? a(e, b[t], n ? Oe : B, n ? Ee : 0) : o(e, b[t], n ? ke : V, n ? De : 0), r.setCursor = (e,' +
  ' t, n) => {\n\t\tY = e.left, X = e.top, qi(null, t, n);\n\t};\n\tfunction Di(e, t) {\n\t\tU(ni, mt, Z.left' +
  ' = e), U(ni, ut, Z.width = t);\n\t}\n\tfunction Oi(e, t) {\n\t\tU(ni, ft, Z.top = e), U(ni, dt, Z.heigh' +
  't = t);\n\t}\n\tlet Pi = D.ori == 0 ? Di : Oi, Fi = D.ori == 1 ? Di : Oi;\n\tfunction Ii() {\n\t\tif (F &' +
  '& N.live) for (let e = +(i == 2); e < v.length; e++) {\n\t\t\tif (e == 0 && ue) continue;\n\t\t\tlet t =' +
  ' N.values[e], n = 0;\n\t\t\tfor (let r in t) ce[e][n++].firstChild.nodeValue = t[r];\n\t\t}\n\t}\n\tfunctio' +
  'n Hi(e, t) {\n\t\tif (e != null && (e.idxs ? e.idxs.forEach((e, t) => {\n\t\t\tie[t] = e;\n\t\t}) : Yn(e.i' +
  'dx) || ie.fill(e.idx), N.idx = ie[0]), F && N.live) {\n\t\t\tfor (let e = 0; e < v.length; e++) (e >' +
  ' 0 || i == 1 && !ue) && Ki(e, ie[e]);\n\t\t\tIi();\n\t\t}\n\t\tFe = !1, t !== !1 && pa("setLegend");\n\t}\n\tr' +
  '.setLegend = Hi;\n\tfunction Ki(e, n) {\n\t\tlet i = v[e], a = e == 0 && O == 2 ? sn : t[e], o;\n\t\tue ' +
  '? o = i.values(r, e, n) ?? z : (o = i.value(r, n == null ? null : a[n], e, n), o = o == null ? z' +
  ' : { _: o }), N.values[e] = o;\n\t}\n\tfunction qi(e, n, a) {\n\t\tLr = Y, Rr = X, [Y, X] = P.move(r, Y' +
  ', X), P.left = Y, P.top = X, I && (jr && Bt(jr, _n(Y), 0, B, V), Mr && Bt(Mr, 0, _n(X), B, V));\n' +
  '\t\tlet o, s = W > $t;\n\t\tfi = K, pi = null;\n\t\tlet c = D.ori == 0 ? B : V, l = D.ori == 1 ? B : V;\n' +
  '\t\tif (Y < 0 || Qt == 0 || s) {\n\t\t\to = P.idx = null;\n\t\t\tfor (let e = 0; e < v.length; e++) {\n\t\t\t\t' +
  'let t = Et[e];\n\t\t\t\tt != null && Bt(t, -10, -10, B, V);\n\t\t\t}\n\t\t\twt && oi(null, hi, !0, e == null ' +
  '&& Q.setSeries), N.live && (ie.fill(o), Fe = !0);\n\t\t} else {\n\t\t\tlet e, n, a;\n\t\t\ti == 1 && (e = D' +
  '.ori == 0 ? Y : X, n = Ti(e, S), o = P.idx = Yt(n, t[0], W, $t), a = k(t[0][o], D, c, 0));\n\t\t\tle' +
  't s = -10, u = -10, d = 0, f = 0, p = !0, m = "", h = "";\n\t\t\tfor (let e = +(i == 2); e < v.lengt' +
  'h; e++) {\n\t\t\t\tlet g = v[e], _ = ie[e], y = _ == null ? null : i == 1 ? t[e][_] : t[e][1][_], x =' +
  ' P.dataIdx(r, e, o, n), S = x == null ? null : i == 1 ? t[e][x] : t[e][1][x];\n\t\t\t\tif (Fe = Fe ||' +
  ' S != y || x != _, ie[e] = x, e > 0 && g.show) {\n\t\t\t\t\tlet n = x == null ? -10 : x == o ? a : k(i' +
  ' == 1 ? t[0][x] : t[e][0][x], D, c, 0), _ = S == null ? -10 : A(S, i == 1 ? b[g.scale] : b[g.fac' +
  'ets[1].scale], l, 0);\n\t\t\t\t\tif (wt && S != null) {\n\t\t\t\t\t\tlet t = D.ori == 1 ? Y : X, n = hn(gt.di' +
  'st(r, e, x, _, t));\n\t\t\t\t\t\tif (n < fi) {\n\t\t\t\t\t\t\tlet r = gt.bias;\n\t\t\t\t\t\t\tif (r != 0) {\n\t\t\t\t\t\t\t\tlet' +
  ' i = Ti(t, g.scale), a = S >= 0 ? 1 : -1, o = i >= 0 ? 1 : -1;\n\t\t\t\t\t\t\t\to == a && (o == 1 ? r == ' +
  '1 ? S >= i : S <= i : r == 1 ? S <= i : S >= i) && (fi = n, pi = e);\n\t\t\t\t\t\t\t} else fi = n, pi = ' +
  'e;\n\t\t\t\t\t\t}\n\t\t\t\t\t}\n\t\t\t\t\tif (Fe || Tt) {\n\t\t\t\t\t\tlet t, i;\n\t\t\t\t\t\tD.ori == 0 ? (t = n, i = _) : (t = ' +
  '_, i = n);\n\t\t\t\t\t\tlet a, o, c, l, g, v, y = !0, b = Ue.bbox;\n\t\t\t\t\t\tif (b != null) {\n\t\t\t\t\t\t\ty = !1' +
  ';\n\t\t\t\t\t\t\tlet t = b(r, e);\n\t\t\t\t\t\t\tc = t.left, l = t.top, a = t.width, o = t.height;\n\t\t\t\t\t\t} else ' +
  'c = t, l = i, a = o = Ue.size(r, e);\n\t\t\t\t\t\tif (v = Ue.fill(r, e), g = Ue.stroke(r, e), Tt) e == ' +
  'pi && fi <= gt.prox && (s = c, u = l, d = a, f = o, p = y, m = v, h = g);\n\t\t\t\t\t\telse {\n\t\t\t\t\t\t\tle' +
  't t = Et[e];\n\t\t\t\t\t\t\tt != null && (kt[e] = c, Mt[e] = l, Wt(t, a, o, y), Ht(t, v, g), Bt(t, vn(c)' +
  ', vn(l), B, V));\n\t\t\t\t\t\t}\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}\n\t\t\tif (Tt) {\n\t\t\t\tlet e = gt.prox;\n\t\t\t\tif (Fe || (mi =' +
  '= null ? fi <= e : fi > e || pi != mi)) {\n\t\t\t\t\tlet e = Et[0];\n\t\t\t\t\te != null && (kt[0] = s, Mt[0' +
  '] = u, Wt(e, d, f, p), Ht(e, m, h), Bt(e, vn(s), vn(u), B, V));\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t\tif (Z.show && J' +
  'r) {\n\t\t\tif (e != null) {\n\t\t\t\tlet [t, n] = Q.scales, [r, i] = Q.match, [a, o] = e.cursor.sync.sca' +
  'les, s = e.cursor.drag;\n\t\t\t\tif ($r = s._x, ti = s._y, $r || ti) {\n\t\t\t\t\tlet { left: s, top: u, wi' +
  'dth: d, height: f } = e.select, p = e.scales[a].ori, m = e.posToVal, h, g, _, v, y, x = t != nul' +
  'l && r(t, a), S = n != null && i(n, o);\n\t\t\t\t\tx && $r ? (p == 0 ? (h = s, g = d) : (h = u, g = f)' +
  ', _ = b[t], v = k(m(h, a), _, c, 0), y = k(m(h + g, a), _, c, 0), Pi(yn(v, y), hn(y - v))) : Pi(' +
  '0, c), S && ti ? (p == 1 ? (h = s, g = d) : (h = u, g = f), _ = b[n], v = A(m(h, o), _, l, 0), y' +
  ' = A(m(h + g, o), _, l, 0), Fi(yn(v, y), hn(y - v))) : Fi(0, l);\n\t\t\t\t} else ta();\n\t\t\t} else {\n\t\t' +
  '\t\tlet e = hn(Lr - Nr), t = hn(Rr - Pr);\n\t\t\t\tif (D.ori == 1) {\n\t\t\t\t\tlet n = e;\n\t\t\t\t\te = t, t = n;' +
  '\n\t\t\t\t}\n\t\t\t\t$r = Qr.x && e >= Qr.dist, ti = Qr.y && t >= Qr.dist;\n\t\t\t\tlet n = Qr.uni;\n\t\t\t\tn == nu' +
  'll ? Qr.x && Qr.y && ($r || ti) && ($r = ti = !0) : $r && ti && ($r = e >= n, ti = t >= n, !$r &' +
  '& !ti && (t > e ? ti = !0 : $r = !0));\n\t\t\t\tlet r, i;\n\t\t\t\t$r && (D.ori == 0 ? (r = Fr, i = Y) : (' +
  'r = Ir, i = X), Pi(yn(r, i), hn(i - r)), ti || Fi(0, l)), ti && (D.ori == 1 ? (r = Fr, i = Y) : ' +
  '(r = Ir, i = X), Fi(yn(r, i), hn(i - r)), $r || Pi(0, c)), !$r && !ti && (Pi(0, 0), Fi(0, 0));\n\t' +
  '\t\t}\n\t\t}\n\t\tif (Qr._x = $r, Qr._y = ti, e == null) {\n\t\t\tif (a) {\n\t\t\t\tif (ha != null) {\n\t\t\t\t\tlet [e' +
  ', t] = Q.scales;\n\t\t\t\t\tQ.values[0] = e == null ? null : Ti(D.ori == 0 ? Y : X, e), Q.values[1] = ' +
  't == null ? null : Ti(D.ori == 1 ? Y : X, t);\n\t\t\t\t}\n\t\t\t\t_a(vt, r, Y, X, B, V, o);\n\t\t\t}\n\t\t\tif (wt' +
  ') {\n\t\t\t\tlet e = a && Q.setSeries, t = gt.prox;\n\t\t\t\tmi == null ? fi <= t && oi(pi, hi, !0, e) : f' +
  'i > t ? oi(null, hi, !0, e) : pi != mi && oi(pi, hi, !0, e);\n\t\t\t}\n\t\t}\n\t\tFe && (N.idx = o, Hi()),' +
  ' n !== !1 && pa("setCursor");\n\t}\n\tlet Yi = null;\n\tObject.defineProperty(r, "rect", { get() {\n\t\tr' +
  'eturn Yi ?? Xi(!1), Yi;\n\t} });\n\tfunction Xi(e = !1) {\n\t\te ? Yi = null : (Yi = m.getBoundingClien' +
  'tRect(), pa("syncRect", Yi));\n\t}\n\tfunction Zi(e, t, n, r, i, a, o) {\n\t\tP._lock || Jr && e != nul' +
  'l && e.movementX == 0 && e.movementY == 0 || (Qi(e, t, n, r, i, a, o, !1, e != null), e == null ' +
  '? qi(t, !0, !1) : qi(null, !0, !0));\n\t}\n\tfunction Qi(e, t, n, i, a, o, c, l, u) {\n\t\tif (Yi ?? Xi' +
  '(!1), He(e), e != null) n = e.clientX - Yi.left, i = e.clientY - Yi.top;\n\t\telse {\n\t\t\tif (n < 0 |' +
  '| i < 0) {\n\t\t\t\tY = -10, X = -10;\n\t\t\t\treturn;\n\t\t\t}\n\t\t\tlet [e, r] = Q.scales, c = t.cursor.sync, [' +
  'l, u] = c.values, [d, f] = c.scales, [p, m] = Q.match, h = t.axes[0].side % 2 == 1, g = D.ori ==' +
  ' 0 ? B : V, _ = D.ori == 1 ? B : V, v = h ? o : a, y = h ? a : o, x = h ? i : n, S = h ? n : i;\n' +
  '\t\t\tif (n = d == null ? x / v * g : p(e, d) ? s(l, b[e], g, 0) : -10, i = f == null ? S / y * _ :' +
  ' m(r, f) ? s(u, b[r], _, 0) : -10, D.ori == 1) {\n\t\t\t\tlet e = n;\n\t\t\t\tn = i, i = e;\n\t\t\t}\n\t\t}\n\t\tu &' +
  '& (t == null || t.cursor.event.type == vt) && ((n <= 1 || n >= B - 1) && (n = Rn(n, B)), (i <= 1' +
  ' || i >= V - 1) && (i = Rn(i, V))), l ? (Nr = n, Pr = i, [Fr, Ir] = P.move(r, n, i)) : (Y = n, X' +
  ' = i);\n\t}\n\tlet ea = {\n\t\twidth: 0,\n\t\theight: 0,\n\t\tleft: 0,\n\t\ttop: 0\n\t};\n\tfunction ta() {\n\t\tri(ea,' +
  ' !1);\n\t}\n\tlet na, ra, ia, aa;\n\tfunction oa(e, t, n, i, a, o, s) {\n\t\tJr = !0, $r = ti = Qr._x = Q' +
  'r._y = !1, Qi(e, t, n, i, a, o, s, !0, !1), e != null && (ge(bt, At, sa, !1), _a(yt, r, Fr, Ir, ' +
  'B, V, null));\n\t\tlet { left: c, top: l, width: u, height: d } = Z;\n\t\tna = c, ra = l, ia = u, aa =' +
  ' d;\n\t}\n\tfunction sa(e, t, n, i, a, o, s) {\n\t\tJr = Qr._x = Qr._y = !1, Qi(e, t, n, i, a, o, s, !1' +
  ', !0);\n\t\tlet { left: c, top: l, width: u, height: d } = Z, f = u > 0 || d > 0, p = na != c || ra' +
  ' != l || ia != u || aa != d;\n\t\tif (f && p && ri(Z), Qr.setScale && f && p) {\n\t\t\tlet e = c, t = u' +
  ', n = l, r = d;\n\t\t\tif (D.ori == 1 && (e = l, t = d, n = c, r = u), $r && ai(S, Ti(e, S), Ti(e + ' +
  't, S)), ti) for (let e in b) {\n\t\t\t\tlet t = b[e];\n\t\t\t\te != S && t.from == null && t.min != K && a' +
  'i(e, Ti(n + r, e), Ti(n, e));\n\t\t\t}\n\t\t\tta();\n\t\t} else P.lock && (P._lock = !P._lock, qi(t, !0, e ' +
  '!= null));\n\t\te != null && (_e(bt, At), _a(bt, r, Y, X, B, V, null));\n\t}\n\tfunction ca(e, t, n, r,' +
  ' i, a, o) {\n\t\tif (P._lock) return;\n\t\tHe(e);\n\t\tlet s = Jr;\n\t\tif (Jr) {\n\t\t\tlet e = !0, t = !0, n, ' +
  'r;\n\t\t\tD.ori == 0 ? (n = $r, r = ti) : (n = ti, r = $r), n && r && (e = Y <= 10 || Y >= B - 10, t' +
  ' = X <= 10 || X >= V - 10), n && e && (Y = Y < Fr ? 0 : B), r && t && (X = X < Ir ? 0 : V), qi(n' +
  'ull, !0, !0), Jr = !1;\n\t\t}\n\t\tY = -10, X = -10, ie.fill(null), qi(null, !0, !0), s && (Jr = s);\n\t' +
  '}\n\tfunction la(e, t, n, i, a, o, s) {\n\t\tP._lock || (He(e), fn(), ta(), e != null && _a(Ct, r, Y,' +
  ' X, B, V, null));\n\t}\n\tfunction ua() {\n\t\ty.forEach(La), Ie(r.width, r.height, !0);\n\t}\n\tqt(Dt, jt,' +
  ' ua);\n\tlet da = {};\n\tda.mousedown = oa, da.mousemove = Zi, da.mouseup = sa, da.dblclick = la, da' +
  '.setSeries = (e, t, n, i) => {\n\t\tlet a = Q.match[2];\n\t\tn = a(r, t, n), n != -1 && oi(n, i, !0, !' +
  '1);\n\t}, I && (ge(yt, m, oa), ge(vt, m, Zi), ge(xt, m, (e) => {\n\t\tHe(e), Xi(!1);\n\t}), ge(St, m, c' +
  'a), ge(Ct, m, la), xa.add(r), r.syncRect = Xi);\n\tlet fa = r.hooks = e.hooks || {};\n\tfunction pa(' +
  'e, t, n) {\n\t\tyr ? xr.push([\n\t\t\te,\n\t\t\tt,\n\t\t\tn\n\t\t]) : e in fa && fa[e].forEach((e) => {\n\t\t\te.call(' +
  'null, r, t, n);\n\t\t});\n\t}\n\t(e.plugins || []).forEach((e) => {\n\t\tfor (let t in e.hooks) fa[t] = (f' +
  'a[t] || []).concat(e.hooks[t]);\n\t});\n\tlet ma = (e, t, n) => n, Q = nr({\n\t\tkey: null,\n\t\tsetSeries' +
  ': !1,\n\t\tfilters: {\n\t\t\tpub: Pn,\n\t\t\tsub: Pn\n\t\t},\n\t\tscales: [S, v[1] ? v[1].scale : null],\n\t\tmatch:' +
  ' [\n\t\t\tFn,\n\t\t\tFn,\n\t\t\tma\n\t\t],\n\t\tvalues: [null, null]\n\t}, P.sync);\n\tQ.match.length == 2 && Q.match.' +
  'push(ma), P.sync = Q;\n\tlet ha = Q.key, ga = Ui(ha);\n\tfunction _a(e, t, n, r, i, a, o) {\n\t\tQ.filt' +
  'ers.pub(e, t, n, r, i, a, o) && ga.pub(e, t, n, r, i, a, o);\n\t}\n\tga.sub(r);\n\tfunction va(e, t, n' +
  ', r, i, a, o) {\n\t\tQ.filters.sub(e, t, n, r, i, a, o) && da[e](null, t, n, r, i, a, o);\n\t}\n\tr.pub' +
  ' = va;\n\tfunction ya() {\n\t\tga.unsub(r), xa.delete(r), he.clear(), Jt(Dt, jt, ua), l.remove(), R?.' +
  'remove(), pa("destroy");\n\t}\n\tr.destroy = ya;\n\tfunction ba() {\n\t\tpa("init", e, t), dn(t || e.data' +
  ', !1), j[S] ? Er(S, j[S]) : fn(), Pe = Z.show && (Z.width > 0 || Z.height > 0), Ne = Fe = !0, Ie' +
  '(e.width, e.height);\n\t}\n\treturn v.forEach(Pt), y.forEach(Gt), n ? n instanceof HTMLElement ? (n.' +
  'appendChild(l), ba()) : n(r, ba) : ba(), r;\n}\nRa.assign = nr, Ra.fmtNum = fn, Ra.rangeNum = cn, ' +
  'Ra.rangeLog = tn, Ra.rangeAsinh = nn, Ra.orient = Ki, Ra.pxRatio = H, Ra.join = sr, Ra.fmtDate =' +
  ' br, Ra.tzDate = Sr, Ra.sync = Ui;\n{\n\tRa.addGap = Zi, Ra.clipGaps = Xi;\n\tlet e = Ra.paths = { po' +
  'ints: da };\n\te.linear = Q, e.stepped = ha, e.bars = _a, e.spline = ya;\n}\n// node_modules/.pnpm/p' +
  'react@11.2.0/node_modules/preact/jsx-runtime/dist/jsxRuntime.mjs\nvar za = Symbol.for("pv"), Ba =' +
  ' 0;\nArray.isArray;\nfunction $(t, n, r, i, a, o) {\n\tn ||= {};\n\tvar s, c, l = n;\n\tif ("ref" in l &' +
  '& typeof t != "function") for (c in l = {}, n) c == "ref" ? s = n[c] : l[c] = n[c];\n\tvar u = {\n\t' +
  '\ttype: t,\n\t\tprops: l,\n\t\tkey: r,\n\t\tref: s,\n\t\t__k: null,\n\t\t__: null,\n\t\t__b: 0,\n\t\t__e: null,\n\t\t__c:' +
  ' null,\n\t\tconstructor: za,\n\t\t__v: --Ba,\n\t\t__i: -1,\n\t\t__u: 0\n\t};\n\treturn (a || o) && (u.__source =' +
  ' a, u.__self = o), e.vnode && e.vnode(u), u;\n}\n// packages/dashboard/app/plot.tsx\nvar Va = [\n\t"-' +
  '-c1",\n\t"--c2",\n\t"--c3",\n\t"--c4",\n\t"--c0"\n], Ha = [\n\t[],\n\t[7, 3],\n\t[2, 3],\n\t[\n\t\t9,\n\t\t3,\n\t\t2,\n\t\t3\n' +
  '\t],\n\t[4, 4]\n], Ua = 170;\nfunction Wa({ label: e, seconds: t, lines: n }) {\n\tlet r = V(null), i =' +
  ' V(void 0), a = n.map(({ name: e }) => e).join("\\n");\n\treturn B(() => {\n\t\tlet e = r.current, t =' +
  ' () => {\n\t\t\ti.current?.destroy(), i.current = new Ra(Ga(e, a.split("\\n")), [[], ...n.map(() => [' +
  '])], e);\n\t\t};\n\t\tt();\n\t\tlet o = matchMedia("(prefers-color-scheme: dark)");\n\t\to.addEventListener(' +
  '"change", t);\n\t\tlet s = new ResizeObserver(() => i.current?.setSize({\n\t\t\twidth: e.clientWidth,\n\t' +
  '\t\theight: Ua\n\t\t}));\n\t\treturn s.observe(e), () => {\n\t\t\to.removeEventListener("change", t), s.disc' +
  'onnect(), i.current?.destroy();\n\t\t};\n\t}, [a]), B(() => {\n\t\ti.current?.setData([[...t], ...n.map(' +
  '({ values: e }) => [...e])]);\n\t}), /* @__PURE__ */ $("div", {\n\t\tclass: "chart",\n\t\tref: r,\n\t\trole' +
  ': "img",\n\t\t"aria-label": `${e}, now: ${n.map(({ name: e, values: t }) => `${e} ${(t.at(-1) ?? 0)' +
  '.toFixed(1)}`).join(", ")}`\n\t});\n}\nfunction Ga(e, t) {\n\tlet n = getComputedStyle(e), r = (e) => ' +
  'n.getPropertyValue(e).trim(), i = {\n\t\tstroke: r("--muted"),\n\t\tgrid: { stroke: r("--grid") },\n\t\tt' +
  'icks: { stroke: r("--grid") }\n\t};\n\treturn {\n\t\twidth: e.clientWidth,\n\t\theight: Ua,\n\t\tcursor: { sh' +
  'ow: !1 },\n\t\tlegend: { live: !1 },\n\t\tscales: {\n\t\t\tx: { time: !1 },\n\t\t\ty: { range: (e, t, n) => [0' +
  ', Math.max(1, n * 1.1)] }\n\t\t},\n\t\taxes: [{\n\t\t\t...i,\n\t\t\tvalues: (e, t) => t.map((e) => `${e}s`)\n\t\t' +
  '}, {\n\t\t\t...i,\n\t\t\tsize: 44\n\t\t}],\n\t\tseries: [{}, ...t.map((e, t) => ({\n\t\t\tlabel: e,\n\t\t\tstroke: r(V' +
  'a[t % Va.length]),\n\t\t\tdash: Ha[t % Ha.length],\n\t\t\twidth: 2,\n\t\t\tpoints: { show: !1 }\n\t\t}))]\n\t};\n}' +
  '\n// packages/dashboard/app/wafer-map.tsx\nvar Ka = 92, qa = [\n\t"compute",\n\t"send",\n\t"wait",\n\t"idl' +
  'e"\n];\nfunction Ja(e, t) {\n\tlet n = (e) => [\n\t\te.computeNs,\n\t\te.sendNs,\n\t\te.waitNs,\n\t\te.idleNs\n\t]' +
  ', r = t ? n(t) : [\n\t\t0,\n\t\t0,\n\t\t0,\n\t\t0\n\t], i = n(e).map((e, t) => Math.max(0, e - r[t])), a = i.r' +
  'educe((e, t) => e + t, 0);\n\treturn a > 0 ? i.map((e) => e / a) : [\n\t\t0,\n\t\t0,\n\t\t0,\n\t\t1\n\t];\n}\nfunc' +
  'tion Ya({ wafer: e, before: t, seconds: n }) {\n\tlet { width: r, tiles: i } = e, a = Math.ceil(i.' +
  'length / r), o = {\n\t\twidth: r * Ka + 2,\n\t\theight: a * Ka + 2\n\t};\n\treturn /* @__PURE__ */ $(y, { ' +
  'children: [\n\t\t/* @__PURE__ */ $("svg", {\n\t\t\tviewBox: `-1 -1 ${o.width} ${o.height}`,\n\t\t\twidth: o' +
  '.width,\n\t\t\trole: "img",\n\t\t\t"aria-label": $a(e, t),\n\t\t\tchildren: [i.map((e, n) => /* @__PURE__ */' +
  ' $(Xa, {\n\t\t\t\tindex: n,\n\t\t\t\tx: n % r * Ka,\n\t\t\t\ty: Math.floor(n / r) * Ka,\n\t\t\t\tshares: Ja(e, t?.ti' +
  'les[n])\n\t\t\t}, n)), i.flatMap((t, n) => Za(t, n, e))]\n\t\t}),\n\t\t/* @__PURE__ */ $("ul", {\n\t\t\tclass:' +
  ' "legend",\n\t\t\tchildren: qa.map((e) => /* @__PURE__ */ $("li", { children: [/* @__PURE__ */ $("i"' +
  ', { class: e }), e] }, e))\n\t\t}),\n\t\t/* @__PURE__ */ $(Qa, {\n\t\t\twafer: e,\n\t\t\tbefore: t,\n\t\t\tseconds' +
  ': n\n\t\t})\n\t] });\n}\nfunction Xa({ index: e, x: t, y: n, shares: r }) {\n\tlet i = 0;\n\treturn /* @__P' +
  'URE__ */ $("g", {\n\t\ttransform: `translate(${t + 4} ${n + 4})`,\n\t\tchildren: [\n\t\t\t/* @__PURE__ */ ' +
  '$("title", { children: `tile ${e}: ${qa.map((e, t) => `${e} ${eo(r[t])}`).join(", ")}` }),\n\t\t\t/*' +
  ' @__PURE__ */ $("rect", {\n\t\t\t\tclass: "tile",\n\t\t\t\twidth: 84,\n\t\t\t\theight: 84,\n\t\t\t\trx: 8\n\t\t\t}),\n\t\t\t' +
  '/* @__PURE__ */ $("text", {\n\t\t\t\tx: 10,\n\t\t\t\ty: 22,\n\t\t\t\tchildren: `tile ${e}`\n\t\t\t}),\n\t\t\t/* @__PURE' +
  '__ */ $("text", {\n\t\t\t\tclass: "m",\n\t\t\t\tx: 10,\n\t\t\t\ty: 40,\n\t\t\t\tchildren: `${eo(r[0])} busy`\n\t\t\t}),\n' +
  '\t\t\tqa.map((e, t) => {\n\t\t\t\tlet n = i;\n\t\t\t\treturn i += r[t] * 64, /* @__PURE__ */ $("rect", {\n\t\t\t\t' +
  '\tclass: e,\n\t\t\t\t\tx: 10 + n,\n\t\t\t\t\ty: 54,\n\t\t\t\t\twidth: r[t] * 64,\n\t\t\t\t\theight: 16\n\t\t\t\t}, e);\n\t\t\t})\n\t' +
  '\t]\n\t});\n}\nfunction Za({ chip: e }, t, { tiles: n, width: r }) {\n\tlet [i, a] = [t % r * Ka, Math.' +
  'floor(t / r) * Ka], o = (t) => n[t]?.chip !== e;\n\treturn [t % r > 0 && o(t - 1) ? /* @__PURE__ *' +
  '/ $("line", {\n\t\tclass: "cut",\n\t\tx1: i,\n\t\tx2: i,\n\t\ty1: a,\n\t\ty2: a + Ka\n\t}, `l${t}`) : null, t >= ' +
  'r && o(t - r) ? /* @__PURE__ */ $("line", {\n\t\tclass: "cut",\n\t\tx1: i,\n\t\tx2: i + Ka,\n\t\ty1: a,\n\t\ty2' +
  ': a\n\t}, `a${t}`) : null];\n}\nfunction Qa({ wafer: e, before: t, seconds: n }) {\n\tlet r = e.links.' +
  'map((e) => {\n\t\tlet r = t?.links.find((t) => t.source === e.source && t.target === e.target)?.byt' +
  'es ?? e.bytes;\n\t\treturn {\n\t\t\tname: e.source === e.target ? `on chip ${e.source}` : `chip ${e.sou' +
  'rce} → ${e.target}, across the cut`,\n\t\t\trate: n > 0 ? (e.bytes - r) / n : 0,\n\t\t\t...e\n\t\t};\n\t});\n\t' +
  'return /* @__PURE__ */ $("div", {\n\t\tclass: "scroll",\n\t\ttabIndex: 0,\n\t\trole: "region",\n\t\t"aria-la' +
  'bel": "Links",\n\t\tchildren: /* @__PURE__ */ $("table", { children: [/* @__PURE__ */ $("thead", { ' +
  'children: /* @__PURE__ */ $("tr", { children: [\n\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\tscope: "col",\n\t' +
  '\t\t\tchildren: "links"\n\t\t\t}),\n\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\tscope: "col",\n\t\t\t\tchildren: "now"\n\t' +
  '\t\t}),\n\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\tscope: "col",\n\t\t\t\tchildren: "bytes"\n\t\t\t}),\n\t\t\t/* @__PURE_' +
  '_ */ $("th", {\n\t\t\t\tscope: "col",\n\t\t\t\tchildren: "messages"\n\t\t\t})\n\t\t] }) }), /* @__PURE__ */ $("tb' +
  'ody", { children: r.map(({ name: e, rate: t, bytes: n, messages: r }) => /* @__PURE__ */ $("tr",' +
  ' { children: [\n\t\t\t/* @__PURE__ */ $("td", { children: e }),\n\t\t\t/* @__PURE__ */ $("td", { childre' +
  'n: He(t) }),\n\t\t\t/* @__PURE__ */ $("td", { children: n.toLocaleString("en-US") }),\n\t\t\t/* @__PURE_' +
  '_ */ $("td", { children: r.toLocaleString("en-US") })\n\t\t] }, e)) })] })\n\t});\n}\nfunction $a(e, t)' +
  ' {\n\treturn `Tiles and how much of their time they compute: ${e.tiles.map((e, n) => `tile ${n} ${' +
  'eo(Ja(e, t?.tiles[n])[0])}`).join(", ")}`;\n}\nfunction eo(e) {\n\treturn `${Math.round(100 * e)}%`;' +
  '\n}\n// packages/dashboard/app/live.tsx\nfunction to({ serverKey: e }) {\n\tlet t = Le(e), { now: n, ' +
  'error: r, needsKey: i } = t;\n\treturn n === void 0 ? /* @__PURE__ */ $("section", {\n\t\tclass: "wid' +
  'e",\n\t\t"aria-live": "polite",\n\t\tchildren: [/* @__PURE__ */ $("h2", { children: "The wafer, live" ' +
  '}), i ? /* @__PURE__ */ $("p", { children: `Type a key of the role admin above. The server said:' +
  ' ${r ?? ""}` }) : /* @__PURE__ */ $("p", {\n\t\t\tclass: "quiet",\n\t\t\tchildren: r ?? "Waiting for the' +
  ' server."\n\t\t})]\n\t}) : /* @__PURE__ */ $(y, { children: [\n\t\tr === void 0 ? null : /* @__PURE__ */' +
  ' $("p", {\n\t\t\tclass: "wide error",\n\t\t\trole: "alert",\n\t\t\tchildren: `Not connected: ${r}`\n\t\t}),\n\t\t/' +
  '* @__PURE__ */ $(no, { state: t }),\n\t\tn.models.map((e) => /* @__PURE__ */ $(ro, {\n\t\t\tmodel: e,\n\t' +
  '\t\tstate: t\n\t\t}, e.id)),\n\t\t/* @__PURE__ */ $(io, { state: t }),\n\t\t/* @__PURE__ */ $(oo, { answers' +
  ': n.answers })\n\t] });\n}\nfunction no({ state: e }) {\n\tlet { now: t, history: n } = e, r = t.model' +
  's.flatMap(({ wafer: e }) => e ? [e] : []), i = (e) => Be(r.map(e)), a = i(({ prefixHitCount: e, ' +
  'prefixMissCount: t }) => e + t), o = Be(Object.values(n.at(-1)?.tokensPerSecond ?? {})), s = [\n\t' +
  '\t["tokens/s", o.toFixed(+(o < 100))],\n\t\t["running", Ve(i(({ runningCount: e }) => e))],\n\t\t["wait' +
  'ing", Ve(i(({ waitingCount: e }) => e))],\n\t\t["KV blocks held", `${Ve(i((e) => e.kvHeldCount))} o' +
  'f ${Ve(i((e) => e.kvBlockCount))}`],\n\t\t["prefix hits", a === 0 ? "–" : `${Math.round(100 * i((e)' +
  ' => e.prefixHitCount) / a)}%`],\n\t\t["answers", Ve(Be(t.tenants.map(({ answerCount: e }) => e)))]\n' +
  '\t];\n\treturn /* @__PURE__ */ $("section", {\n\t\tclass: "wide",\n\t\tchildren: [/* @__PURE__ */ $("h2",' +
  ' { children: "Now" }), /* @__PURE__ */ $("dl", {\n\t\t\tclass: "figures",\n\t\t\tchildren: s.map(([e, t]' +
  ') => /* @__PURE__ */ $("div", { children: [/* @__PURE__ */ $("dt", { children: e }), /* @__PURE_' +
  '_ */ $("dd", { children: t })] }, e))\n\t\t})]\n\t});\n}\nfunction ro({ model: e, state: t }) {\n\tlet { ' +
  'now: n, before: r } = t, i = r?.models.find(({ id: t }) => t === e.id)?.wafer, a = r === void 0 ' +
  '? 0 : (n.atMs - r.atMs) / 1e3;\n\treturn /* @__PURE__ */ $("section", {\n\t\tclass: "wide",\n\t\tchildre' +
  'n: [/* @__PURE__ */ $("h2", { children: `${e.id} · ${e.state}` }), e.wafer === void 0 ? /* @__PU' +
  'RE__ */ $("p", {\n\t\t\tclass: "quiet",\n\t\t\tchildren: "Not loaded."\n\t\t}) : /* @__PURE__ */ $(Ya, {\n\t\t' +
  '\twafer: e.wafer,\n\t\t\tbefore: i,\n\t\t\tseconds: a\n\t\t})]\n\t});\n}\nfunction io({ state: e }) {\n\tlet { his' +
  'tory: t, now: n } = e, r = t.map(({ atSeconds: e }) => Math.round(e * 10) / 10), i = n.tenants.m' +
  'ap(({ tenant: e }) => e).map((e) => ({\n\t\tname: e === "" ? "nobody" : e,\n\t\tvalues: t.map(({ token' +
  'sPerSecond: t }) => t[e] ?? 0)\n\t})), a = [{\n\t\tname: "running",\n\t\tvalues: t.map(({ runningCount: ' +
  'e }) => e)\n\t}, {\n\t\tname: "waiting",\n\t\tvalues: t.map(({ waitingCount: e }) => e)\n\t}];\n\treturn /* ' +
  '@__PURE__ */ $(y, { children: [/* @__PURE__ */ $("section", { children: [/* @__PURE__ */ $("h2",' +
  ' { children: "Tokens per second, by tenant" }), i.length === 0 ? /* @__PURE__ */ $("p", {\n\t\tclas' +
  's: "quiet",\n\t\tchildren: "Nobody has asked yet."\n\t}) : /* @__PURE__ */ $(Wa, {\n\t\tlabel: "Tokens p' +
  'er second by tenant",\n\t\tseconds: r,\n\t\tlines: i\n\t})] }), /* @__PURE__ */ $("section", { children:' +
  ' [/* @__PURE__ */ $("h2", { children: "Requests" }), /* @__PURE__ */ $(Wa, {\n\t\tlabel: "Requests"' +
  ',\n\t\tseconds: r,\n\t\tlines: a\n\t})] })] });\n}\nvar ao = [\n\t[\n\t\t"wait",\n\t\t"queueMs",\n\t\t"waited"\n\t],\n\t[' +
  '\n\t\t"prefill",\n\t\t"prefillMs",\n\t\t"read its prompt"\n\t],\n\t[\n\t\t"compute",\n\t\t"decodeMs",\n\t\t"wrote"\n\t]\n' +
  '];\nfunction oo({ answers: e }) {\n\tlet t = e.slice(-12).toReversed(), n = (e) => e.queueMs + e.pr' +
  'efillMs + e.decodeMs, r = Math.max(1, ...t.map(n));\n\treturn /* @__PURE__ */ $("section", {\n\t\tcla' +
  'ss: "wide",\n\t\tchildren: [\n\t\t\t/* @__PURE__ */ $("h2", { children: "Timelines of the last requests' +
  '" }),\n\t\t\t/* @__PURE__ */ $("div", {\n\t\t\t\tclass: "scroll",\n\t\t\t\ttabIndex: 0,\n\t\t\t\trole: "region",\n\t\t' +
  '\t\t"aria-label": "Timelines",\n\t\t\t\tchildren: /* @__PURE__ */ $("table", { children: [/* @__PURE__ ' +
  '*/ $("thead", { children: /* @__PURE__ */ $("tr", { children: [\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t' +
  '\t\t\t\t\tscope: "col",\n\t\t\t\t\t\tchildren: "request"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope' +
  ': "col",\n\t\t\t\t\t\tchildren: "tenant"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope: "col",\n\t\t' +
  '\t\t\t\tchildren: "prompt"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope: "col",\n\t\t\t\t\t\tchildre' +
  'n: "cached"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope: "col",\n\t\t\t\t\t\tchildren: "written' +
  '"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope: "col",\n\t\t\t\t\t\tchildren: "ms"\n\t\t\t\t\t}),\n\t\t\t\t' +
  '\t/* @__PURE__ */ $("th", {\n\t\t\t\t\t\tscope: "col",\n\t\t\t\t\t\tchildren: "waited, read, wrote"\n\t\t\t\t\t})\n\t\t\t' +
  '\t] }) }), /* @__PURE__ */ $("tbody", { children: t.map((e) => /* @__PURE__ */ $("tr", { children' +
  ': [\n\t\t\t\t\t/* @__PURE__ */ $("td", { children: `#${e.number} ${e.model}` }),\n\t\t\t\t\t/* @__PURE__ */ ' +
  '$("td", { children: e.tenant }),\n\t\t\t\t\t/* @__PURE__ */ $("td", { children: e.promptTokens }),\n\t\t\t' +
  '\t\t/* @__PURE__ */ $("td", { children: e.cachedTokens }),\n\t\t\t\t\t/* @__PURE__ */ $("td", { children' +
  ': `${e.generatedTokens}, ${e.finish}` }),\n\t\t\t\t\t/* @__PURE__ */ $("td", { children: Math.round(n(' +
  'e)) }),\n\t\t\t\t\t/* @__PURE__ */ $("td", { children: /* @__PURE__ */ $(so, {\n\t\t\t\t\t\tanswer: e,\n\t\t\t\t\t\t' +
  'longest: r\n\t\t\t\t\t}) })\n\t\t\t\t] }, e.number)) })] })\n\t\t\t}),\n\t\t\t/* @__PURE__ */ $("ul", {\n\t\t\t\tclass: ' +
  '"legend",\n\t\t\t\tchildren: ao.map(([e, , t]) => /* @__PURE__ */ $("li", { children: [/* @__PURE__ *' +
  '/ $("i", { class: e }), t] }, e))\n\t\t\t})\n\t\t]\n\t});\n}\nfunction so({ answer: e, longest: t }) {\n\tlet' +
  ' n = ao.map(([, t, n]) => `${n} ${Math.round(e[t])} ms`).join(", "), r = 0;\n\treturn /* @__PURE__' +
  ' */ $("svg", {\n\t\tviewBox: "0 0 200 14",\n\t\tpreserveAspectRatio: "none",\n\t\trole: "img",\n\t\t"aria-la' +
  'bel": n,\n\t\tchildren: [/* @__PURE__ */ $("title", { children: n }), ao.map(([n, i]) => {\n\t\t\tlet a' +
  ' = 200 * e[i] / t;\n\t\t\treturn r += a, /* @__PURE__ */ $("rect", {\n\t\t\t\tclass: n,\n\t\t\t\tx: r - a,\n\t\t\t' +
  '\twidth: a,\n\t\t\t\ty: 1,\n\t\t\t\theight: 12\n\t\t\t}, n);\n\t\t})]\n\t});\n}\n// packages/dashboard/app/answer.ts\nv' +
  'ar co = {\n\tcontent: "",\n\treasoning: "",\n\tcalls: [],\n\ttokens: [],\n\tttftMs: void 0,\n\ttokensPerSeco' +
  'nd: void 0,\n\tfinish: void 0\n};\nasync function lo(e, t, n) {\n\tlet r = performance.now(), i = awai' +
  't Ne("/v1/chat/completions", {\n\t\tbody: e,\n\t\tsignal: t\n\t}), a = co;\n\tfor await (let { choices: e ' +
  '} of Pe(i)) {\n\t\tlet [t] = e;\n\t\tt !== void 0 && (a = uo(a, t, performance.now() - r), n(a));\n\t}\n\t' +
  'return a;\n}\nfunction uo(e, t, n) {\n\tlet { delta: r, logprobs: i, finish_reason: a } = t, o = (i?' +
  '.content ?? []).map(({ token: e, logprob: t, top_logprobs: n = [] }) => ({\n\t\ttext: e,\n\t\tprobabil' +
  'ity: Math.exp(t),\n\t\tothers: n.map((e) => ({\n\t\t\ttext: e.token,\n\t\t\tprobability: Math.exp(e.logprob' +
  ')\n\t\t}))\n\t})), s = e.ttftMs === void 0 && (o.length > 0 || r.content) ? n : e.ttftMs, c = [...e.t' +
  'okens, ...o], l = s === void 0 ? 0 : (n - s) / 1e3;\n\treturn {\n\t\tcontent: e.content + (r.content ' +
  '?? ""),\n\t\treasoning: e.reasoning + (r.reasoning ?? ""),\n\t\tcalls: fo(e.calls, r.tool_calls ?? [])' +
  ',\n\t\ttokens: c,\n\t\tttftMs: s,\n\t\ttokensPerSecond: l > 0 ? (c.length - 1) / l : e.tokensPerSecond,\n\t' +
  '\tfinish: a ?? e.finish\n\t};\n}\nfunction fo(e, t) {\n\tlet n = [...e];\n\tfor (let { index: e, function' +
  ': r } of t) {\n\t\tlet { name: t, arguments: i } = n[e] ?? {\n\t\t\tname: "",\n\t\t\targuments: ""\n\t\t};\n\t\tn' +
  '[e] = {\n\t\t\tname: t + (r?.name ?? ""),\n\t\t\targuments: i + (r?.arguments ?? "")\n\t\t};\n\t}\n\treturn n;\n' +
  '}\n// packages/dashboard/app/settings.tsx\nvar po = {\n\tmodel: "",\n\tsystem: "",\n\ttemperature: "0.8"' +
  ',\n\ttopP: "0.95",\n\tmaxTokens: "128",\n\tseed: "",\n\ttools: "",\n\tschema: ""\n};\nfunction mo(e) {\n\tlet ' +
  '{ model: t, temperature: n, topP: r, maxTokens: i, seed: a, tools: o, schema: s } = e, c = [\n\t\t[' +
  '\n\t\t\t"temperature",\n\t\t\t"temperature",\n\t\t\tn\n\t\t],\n\t\t[\n\t\t\t"top_p",\n\t\t\t"top p",\n\t\t\tr\n\t\t],\n\t\t[\n\t\t\t"max' +
  '_tokens",\n\t\t\t"tokens",\n\t\t\ti\n\t\t],\n\t\t[\n\t\t\t"seed",\n\t\t\t"seed",\n\t\t\ta\n\t\t]\n\t].filter(([, , e]) => e.tri' +
  'm() !== "").map(([e, t, n]) => [e, ho(t, n)]), l = go("schema", s);\n\treturn {\n\t\tmodel: t,\n\t\t...O' +
  'bject.fromEntries(c),\n\t\t...o.trim() === "" ? {} : { tools: go("tools", o) },\n\t\t...l === void 0 ?' +
  ' {} : { response_format: {\n\t\t\ttype: "json_schema",\n\t\t\tjson_schema: {\n\t\t\t\tname: "answer",\n\t\t\t\tstr' +
  'ict: !0,\n\t\t\t\tschema: l\n\t\t\t}\n\t\t} }\n\t};\n}\nfunction ho(e, t) {\n\tlet n = Number(t);\n\tif (Number.isFi' +
  'nite(n)) return n;\n\tthrow Error(`${e}: ${t} is no number`);\n}\nfunction go(e, t) {\n\tif (t.trim() ' +
  '!== "") try {\n\t\treturn JSON.parse(t);\n\t} catch (t) {\n\t\tthrow Error(`${e}: ${t.message}`, { cause' +
  ': t });\n\t}\n}\nvar _o = [\n\t["temperature", "Temperature"],\n\t["topP", "Top p"],\n\t["maxTokens", "Tok' +
  'ens at most"],\n\t["seed", "Seed"]\n];\nfunction vo({ settings: e, models: t, onChange: n }) {\n\tlet ' +
  'r = (t, r) => n({\n\t\t...e,\n\t\t[t]: r\n\t});\n\treturn /* @__PURE__ */ $(y, { children: [/* @__PURE__ *' +
  '/ $("div", {\n\t\tclass: "fields",\n\t\tchildren: [/* @__PURE__ */ $("label", { children: ["Model", /*' +
  ' @__PURE__ */ $("select", {\n\t\t\tvalue: e.model,\n\t\t\tonChange: (e) => r("model", e.currentTarget.va' +
  'lue),\n\t\t\tchildren: t.map((e) => /* @__PURE__ */ $("option", {\n\t\t\t\tvalue: e,\n\t\t\t\tchildren: e\n\t\t\t}' +
  ', e))\n\t\t})] }), _o.map(([t, n]) => /* @__PURE__ */ $("label", { children: [n, /* @__PURE__ */ $(' +
  '"input", {\n\t\t\tinputMode: "decimal",\n\t\t\tvalue: e[t],\n\t\t\tonInput: (e) => r(t, e.currentTarget.valu' +
  'e)\n\t\t})] }, t))]\n\t}), /* @__PURE__ */ $("details", { children: [\n\t\t/* @__PURE__ */ $("summary", ' +
  '{ children: "System message, tools, schema" }),\n\t\t/* @__PURE__ */ $(yo, {\n\t\t\tname: "System messa' +
  'ge",\n\t\t\tvalue: e.system,\n\t\t\tonText: (e) => r("system", e)\n\t\t}),\n\t\t/* @__PURE__ */ $(yo, {\n\t\t\tnam' +
  'e: "Tools, a JSON list as OpenAI\'s interface takes it",\n\t\t\tvalue: e.tools,\n\t\t\tonText: (e) => r("' +
  'tools", e),\n\t\t\tisCode: !0\n\t\t}),\n\t\t/* @__PURE__ */ $(yo, {\n\t\t\tname: "JSON Schema that the answer ' +
  'is held to",\n\t\t\tvalue: e.schema,\n\t\t\tonText: (e) => r("schema", e),\n\t\t\tisCode: !0\n\t\t})\n\t] })] });' +
  '\n}\nfunction yo({ name: e, value: t, onText: n, isCode: r = !1 }) {\n\treturn /* @__PURE__ */ $("la' +
  'bel", { children: [e, /* @__PURE__ */ $("textarea", {\n\t\tclass: r ? "code" : "",\n\t\tspellcheck: !r' +
  ',\n\t\tvalue: t,\n\t\tonInput: (e) => n(e.currentTarget.value)\n\t})] });\n}\n// packages/dashboard/app/to' +
  'kens.tsx\nvar bo = [.6, .2];\nfunction xo(e) {\n\treturn e >= bo[0] ? "p0" : e >= bo[1] ? "p1" : "p2' +
  '";\n}\nfunction So({ tokens: e }) {\n\tlet [t, n] = ve(0), r = Math.min(t, e.length - 1), i = e[r];\n' +
  '\treturn i === void 0 ? null : /* @__PURE__ */ $(y, { children: [\n\t\t/* @__PURE__ */ $("h3", {\n\t\t\t' +
  'id: "tokens-name",\n\t\t\tchildren: "Tokens and their chances"\n\t\t}),\n\t\t/* @__PURE__ */ $("div", {\n\t\t' +
  '\tclass: "tokens code",\n\t\t\trole: "listbox",\n\t\t\ttabIndex: 0,\n\t\t\t"aria-labelledby": "tokens-name",\n' +
  '\t\t\t"aria-activedescendant": `token-${r}`,\n\t\t\tonKeyDown: (t) => {\n\t\t\t\tlet i = {\n\t\t\t\t\tArrowRight: ' +
  '1,\n\t\t\t\t\tArrowLeft: -1,\n\t\t\t\t\tHome: -r,\n\t\t\t\t\tEnd: e.length\n\t\t\t\t}[t.key];\n\t\t\t\ti !== void 0 && (t.pr' +
  'eventDefault(), n(Math.max(0, Math.min(e.length - 1, r + i))));\n\t\t\t},\n\t\t\tchildren: e.map(({ text' +
  ': e, probability: t }, i) => /* @__PURE__ */ $("span", {\n\t\t\t\tid: `token-${i}`,\n\t\t\t\trole: "option' +
  '",\n\t\t\t\t"aria-selected": i === r,\n\t\t\t\t"aria-label": `${e}, ${Co(t)}`,\n\t\t\t\tclass: xo(t),\n\t\t\t\tonCli' +
  'ck: () => n(i),\n\t\t\t\tchildren: e === "" ? "∅" : e\n\t\t\t}, i))\n\t\t}),\n\t\t/* @__PURE__ */ $("p", {\n\t\t\tc' +
  'lass: "quiet",\n\t\t\tchildren: "Underlined: solid green at least 60 %, solid blue at least 20 %, da' +
  'shed orange below. Arrow keys choose a token."\n\t\t}),\n\t\t/* @__PURE__ */ $("div", {\n\t\t\tclass: "scr' +
  'oll",\n\t\t\ttabIndex: 0,\n\t\t\trole: "region",\n\t\t\t"aria-label": "Alternatives",\n\t\t\tchildren: /* @__PUR' +
  'E__ */ $("table", {\n\t\t\t\t"aria-live": "polite",\n\t\t\t\tchildren: [/* @__PURE__ */ $("thead", { child' +
  'ren: /* @__PURE__ */ $("tr", { children: [/* @__PURE__ */ $("th", {\n\t\t\t\t\tscope: "col",\n\t\t\t\t\tchil' +
  'dren: `token ${r + 1} of ${e.length}`\n\t\t\t\t}), /* @__PURE__ */ $("th", {\n\t\t\t\t\tscope: "col",\n\t\t\t\t\t' +
  'children: "chance"\n\t\t\t\t})] }) }), /* @__PURE__ */ $("tbody", { children: (i.others.length > 0 ? ' +
  'i.others : [i]).map(({ text: e, probability: t }, n) => /* @__PURE__ */ $("tr", { children: [/* ' +
  '@__PURE__ */ $("td", {\n\t\t\t\t\tclass: "code",\n\t\t\t\t\tchildren: JSON.stringify(e)\n\t\t\t\t}), /* @__PURE__' +
  ' */ $("td", { children: Co(t) })] }, n)) })]\n\t\t\t})\n\t\t})\n\t] });\n}\nfunction Co(e) {\n\tlet t = 100 *' +
  ' e;\n\treturn `${t >= 10 ? t.toFixed(0) : t.toPrecision(2)} %`;\n}\n// packages/dashboard/app/playgr' +
  'ound.tsx\nvar wo = 5;\nfunction To({ serverKey: e }) {\n\tlet t = Oo(e), [n, r] = ve(po), [i, a] = v' +
  'e([]), [o, s] = ve(""), [c, l] = ve(co), [u, d] = ve(""), f = V(void 0), [p, m] = ve(!1);\n\tB(() ' +
  '=> () => f.current?.abort(), []);\n\tlet h = {\n\t\t...n,\n\t\tmodel: n.model || (t.ids[0] ?? "")\n\t}, g ' +
  '= async () => {\n\t\tif (o.trim() === "" || p) return;\n\t\tlet e = [...i, {\n\t\t\trole: "user",\n\t\t\tconte' +
  'nt: o\n\t\t}], t = new AbortController();\n\t\tf.current = t;\n\t\tlet n = "";\n\t\ttry {\n\t\t\tlet { system: r' +
  ' } = h, i = r.trim() === "" ? [] : [{\n\t\t\t\trole: "system",\n\t\t\t\tcontent: r\n\t\t\t}], o = {\n\t\t\t\t...mo(' +
  'h),\n\t\t\t\tmessages: [...i, ...e],\n\t\t\t\tstream: !0,\n\t\t\t\tlogprobs: !0,\n\t\t\t\ttop_logprobs: wo\n\t\t\t};\n\t\t\t' +
  'd(""), m(!0), a(e), s(""), l(co);\n\t\t\tlet c = await lo(o, t.signal, (e) => {\n\t\t\t\tn = e.content, l' +
  '(e);\n\t\t\t});\n\t\t\ta([...e, {\n\t\t\t\trole: "assistant",\n\t\t\t\tcontent: c.content\n\t\t\t}]);\n\t\t} catch (r) {\n' +
  '\t\t\tlet c = t.signal.aborted;\n\t\t\tif (c && f.current !== t) return;\n\t\t\ta(n === "" ? i : [...e, {\n\t' +
  '\t\t\trole: "assistant",\n\t\t\t\tcontent: n\n\t\t\t}]), n === "" && s(o), c || d(r.message);\n\t\t} finally {\n' +
  '\t\t\tm(!1);\n\t\t}\n\t};\n\treturn /* @__PURE__ */ $(y, { children: [/* @__PURE__ */ $("section", { child' +
  'ren: [\n\t\t/* @__PURE__ */ $("h2", { children: "Chat" }),\n\t\t/* @__PURE__ */ $(Eo, {\n\t\t\tmessages: i' +
  ',\n\t\t\tanswer: p ? c : void 0\n\t\t}),\n\t\tu === "" && t.error === "" ? null : /* @__PURE__ */ $("p", {' +
  '\n\t\t\tclass: "error",\n\t\t\trole: "alert",\n\t\t\tchildren: u || t.error\n\t\t}),\n\t\t/* @__PURE__ */ $("form"' +
  ', {\n\t\t\tonSubmit: (e) => {\n\t\t\t\te.preventDefault(), g();\n\t\t\t},\n\t\t\tchildren: [/* @__PURE__ */ $("la' +
  'bel", { children: ["Message (Ctrl+Enter sends)", /* @__PURE__ */ $("textarea", {\n\t\t\t\tid: "questi' +
  'on",\n\t\t\t\tvalue: o,\n\t\t\t\tonInput: (e) => s(e.currentTarget.value),\n\t\t\t\tonKeyDown: (e) => {\n\t\t\t\t\te.' +
  'key === "Enter" && (e.ctrlKey || e.metaKey) && g();\n\t\t\t\t}\n\t\t\t})] }), /* @__PURE__ */ $("div", {\n' +
  '\t\t\t\tclass: "row",\n\t\t\t\tchildren: [\n\t\t\t\t\t/* @__PURE__ */ $("button", {\n\t\t\t\t\t\tclass: "main",\n\t\t\t\t\t\t' +
  'type: "submit",\n\t\t\t\t\t\tdisabled: p || h.model === "",\n\t\t\t\t\t\tchildren: "Send"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__' +
  'PURE__ */ $("button", {\n\t\t\t\t\t\ttype: "button",\n\t\t\t\t\t\tdisabled: !p,\n\t\t\t\t\t\tonClick: () => f.current' +
  '?.abort(),\n\t\t\t\t\t\tchildren: "Stop"\n\t\t\t\t\t}),\n\t\t\t\t\t/* @__PURE__ */ $("button", {\n\t\t\t\t\t\ttype: "butto' +
  'n",\n\t\t\t\t\t\tonClick: () => {\n\t\t\t\t\t\t\tlet e = f.current;\n\t\t\t\t\t\t\tf.current = void 0, e?.abort(), a([]' +
  '), l(co);\n\t\t\t\t\t\t},\n\t\t\t\t\t\tchildren: "Clear"\n\t\t\t\t\t})\n\t\t\t\t]\n\t\t\t})]\n\t\t}),\n\t\t/* @__PURE__ */ $(vo, {\n' +
  '\t\t\tsettings: h,\n\t\t\tmodels: t.ids,\n\t\t\tonChange: r\n\t\t})\n\t] }), /* @__PURE__ */ $("section", { chil' +
  'dren: [\n\t\t/* @__PURE__ */ $("h2", { children: "The last answer" }),\n\t\t/* @__PURE__ */ $(Do, { an' +
  'swer: c }),\n\t\t/* @__PURE__ */ $(So, { tokens: c.tokens })\n\t] })] });\n}\nfunction Eo({ messages: e' +
  ', answer: t }) {\n\tlet n = t ? [...e, {\n\t\trole: "assistant",\n\t\tcontent: t.content\n\t}] : e;\n\tretur' +
  'n n.length === 0 ? /* @__PURE__ */ $("p", {\n\t\tclass: "quiet",\n\t\tchildren: "Nothing was said yet.' +
  '"\n\t}) : /* @__PURE__ */ $("div", {\n\t\trole: "log",\n\t\t"aria-label": "Messages",\n\t\tchildren: /* @__' +
  'PURE__ */ $("ol", {\n\t\t\tclass: "talk",\n\t\t\tchildren: n.map(({ role: e, content: t }, n) => /* @__P' +
  'URE__ */ $("li", { children: [/* @__PURE__ */ $("span", {\n\t\t\t\tclass: "who",\n\t\t\t\tchildren: e\n\t\t\t}' +
  '), /* @__PURE__ */ $("p", {\n\t\t\t\tclass: "what",\n\t\t\t\tchildren: t\n\t\t\t})] }, n))\n\t\t})\n\t});\n}\nfunctio' +
  'n Do({ answer: e }) {\n\tlet { ttftMs: t, tokensPerSecond: n, tokens: r, finish: i, calls: a, reas' +
  'oning: o } = e;\n\treturn /* @__PURE__ */ $(y, { children: [\n\t\t/* @__PURE__ */ $("dl", {\n\t\t\tclass:' +
  ' "figures",\n\t\t\tid: "answer-figures",\n\t\t\tchildren: [\n\t\t\t\t["first token", t === void 0 ? "–" : `${' +
  't.toFixed(0)} ms`],\n\t\t\t\t["tokens/s", n === void 0 ? "–" : n.toFixed(1)],\n\t\t\t\t["tokens", String(r' +
  '.length)],\n\t\t\t\t["ended by", i ?? "–"]\n\t\t\t].map(([e, t]) => /* @__PURE__ */ $("div", { children: ' +
  '[/* @__PURE__ */ $("dt", { children: e }), /* @__PURE__ */ $("dd", { children: t })] }, e))\n\t\t})' +
  ',\n\t\to === "" ? null : /* @__PURE__ */ $("details", { children: [/* @__PURE__ */ $("summary", { c' +
  'hildren: "Reasoning" }), /* @__PURE__ */ $("p", {\n\t\t\tclass: "what",\n\t\t\tchildren: o\n\t\t})] }),\n\t\ta' +
  '.map((e, t) => /* @__PURE__ */ $("p", {\n\t\t\tclass: "code",\n\t\t\tchildren: `calls ${e.name}(${e.argu' +
  'ments})`\n\t\t}, t))\n\t] });\n}\nfunction Oo(e) {\n\tlet [t, n] = ve({\n\t\tids: [],\n\t\terror: ""\n\t});\n\tretu' +
  'rn B(() => {\n\t\tlet e = new AbortController();\n\t\treturn Ne("/v1/models", { signal: e.signal }).th' +
  'en((e) => e.json()).then(({ data: e }) => n({\n\t\t\tids: e.map(({ id: e }) => e),\n\t\t\terror: ""\n\t\t})' +
  ', (t) => {\n\t\t\te.signal.aborted || n({\n\t\t\t\tids: [],\n\t\t\t\terror: t.message\n\t\t\t});\n\t\t}), () => e.abo' +
  'rt();\n\t}, [e]), t;\n}\n// packages/dashboard/app/main.tsx\nvar ko = [{\n\tid: "live",\n\tname: "Live"\n}' +
  ', {\n\tid: "playground",\n\tname: "Playground"\n}];\nfunction Ao() {\n\tlet [e, t] = ve(location.hash ==' +
  '= "#playground" ? "playground" : "live"), [n, r] = ve(Ae()), i = V(null), a = (e) => {\n\t\thistory' +
  '.replaceState(null, "", `#${e}`), t(e);\n\t};\n\treturn /* @__PURE__ */ $(y, { children: [\n\t\t/* @__P' +
  'URE__ */ $("a", {\n\t\t\tclass: "skip",\n\t\t\thref: "#view",\n\t\t\tchildren: "Skip to the view"\n\t\t}),\n\t\t/*' +
  ' @__PURE__ */ $("header", { children: [\n\t\t\t/* @__PURE__ */ $("h1", { children: "Wafer" }),\n\t\t\t/*' +
  ' @__PURE__ */ $("div", {\n\t\t\t\trole: "tablist",\n\t\t\t\t"aria-label": "Views",\n\t\t\t\tref: i,\n\t\t\t\tonKeyDo' +
  'wn: (t) => {\n\t\t\t\t\tlet n = t.key === "ArrowRight" ? 1 : t.key === "ArrowLeft" ? -1 : 0;\n\t\t\t\t\tif (' +
  'n === 0) return;\n\t\t\t\t\tt.preventDefault();\n\t\t\t\t\tlet r = ko[(ko.findIndex(({ id: t }) => t === e) ' +
  '+ n + ko.length) % ko.length].id;\n\t\t\t\t\ta(r), i.current?.querySelector(`#tab-${r}`)?.focus();\n\t\t\t' +
  '\t},\n\t\t\t\tchildren: ko.map(({ id: t, name: n }) => /* @__PURE__ */ $("button", {\n\t\t\t\t\tid: `tab-${t' +
  '}`,\n\t\t\t\t\trole: "tab",\n\t\t\t\t\ttype: "button",\n\t\t\t\t\t"aria-selected": e === t,\n\t\t\t\t\t"aria-controls": ' +
  '"view",\n\t\t\t\t\ttabIndex: e === t ? 0 : -1,\n\t\t\t\t\tonClick: () => a(t),\n\t\t\t\t\tchildren: n\n\t\t\t\t}, t))\n\t' +
  '\t\t}),\n\t\t\t/* @__PURE__ */ $(jo, { onKey: (e) => {\n\t\t\t\tje(e), r(e);\n\t\t\t} })\n\t\t] }),\n\t\t/* @__PURE__' +
  ' */ $("main", { children: /* @__PURE__ */ $("div", {\n\t\t\tclass: "view",\n\t\t\tid: "view",\n\t\t\trole: "' +
  'tabpanel",\n\t\t\ttabIndex: -1,\n\t\t\t"aria-labelledby": `tab-${e}`,\n\t\t\tchildren: $(e === "live" ? to :' +
  ' To, { serverKey: n })\n\t\t}) })\n\t] });\n}\nfunction jo({ onKey: e }) {\n\tlet [t, n] = ve(Ae());\n\tret' +
  'urn /* @__PURE__ */ $("form", {\n\t\tclass: "key push",\n\t\tonSubmit: (n) => {\n\t\t\tn.preventDefault(),' +
  ' e(t.trim());\n\t\t},\n\t\tchildren: [\n\t\t\t/* @__PURE__ */ $("label", {\n\t\t\t\tfor: "key",\n\t\t\t\tchildren: "' +
  'API key"\n\t\t\t}),\n\t\t\t/* @__PURE__ */ $("input", {\n\t\t\t\tid: "key",\n\t\t\t\ttype: "password",\n\t\t\t\tautocom' +
  'plete: "off",\n\t\t\t\tplaceholder: "none on loopback",\n\t\t\t\tvalue: t,\n\t\t\t\tonInput: (e) => n(e.current' +
  'Target.value)\n\t\t\t}),\n\t\t\t/* @__PURE__ */ $("button", {\n\t\t\t\ttype: "submit",\n\t\t\t\tchildren: "Use"\n\t\t' +
  '\t})\n\t\t]\n\t});\n}\nvar Mo = document.querySelector("#app");\nMo.replaceChildren(), I(/* @__PURE__ */ ' +
  '$(Ao, {}), Mo);\n</script></body></html>';
