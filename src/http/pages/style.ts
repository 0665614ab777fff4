/** Every page's style. System fonts, no external resources; light and dark by the reader's system. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#16191d;--soft:#5b6470;--line:#e2e5ea;--accent:#0f766e;--on-accent:#fff;--good:#0b7a4b;--good-bg:#e4f5ec;--warn:#8a5200;--warn-bg:#fdf1dc;--bad:#b3261e;--bad-bg:#fce9e8;--field:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#101215;--card:#1a1d21;--ink:#eceef1;--soft:#a3acb8;--line:#2e333a;--good:#62d6a0;--good-bg:#10301f;--warn:#f2bd6b;--warn-bg:#35270e;--bad:#ff9d96;--bad-bg:#3b1715;--field:#121417}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif;overflow-wrap:anywhere}
a{color:inherit}
.page{max-width:30rem;margin:0 auto;padding:1rem 1rem 2.5rem;min-height:100vh;display:flex;flex-direction:column}
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:.25rem .25rem 1rem}
.brand{display:flex;align-items:center;gap:.6rem;font-weight:650;min-width:0}
.brand i{flex:none;width:1.75rem;height:1.75rem;border-radius:.55rem;background:var(--accent);color:var(--on-accent);display:grid;place-items:center;font-style:normal;font-size:.95rem}
.lang{font-size:.875rem;color:var(--soft);white-space:nowrap;padding:.5rem .25rem}
main{flex:1}
.card{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:1.25rem;margin-bottom:1rem}
h1{font-size:1.375rem;line-height:1.35;margin:0 0 .5rem;font-weight:700;letter-spacing:-.01em}
h2{font-size:1rem;margin:0 0 .5rem;font-weight:650}
p{margin:.5rem 0}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.badge{display:inline-block;padding:.1rem .65rem;border-radius:99rem;font-size:.875rem;font-weight:600;background:var(--line)}
.good{color:var(--good);background:var(--good-bg)}.warn{color:var(--warn);background:var(--warn-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
.note{border-radius:.75rem;padding:.7rem .9rem;margin:.75rem 0;font-size:.9375rem}
.amount{font-size:2rem;font-weight:700;line-height:1.2;letter-spacing:-.02em;margin:.35rem 0;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:auto 1fr;gap:.45rem 1.25rem;margin:1rem 0 0}
dt{color:var(--soft);white-space:nowrap}dd{margin:0;text-align:right}
.button,button{appearance:none;display:block;width:100%;min-height:3rem;padding:.7rem 1.1rem;border:1px solid transparent;border-radius:.8rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:650;text-align:center;text-decoration:none;cursor:pointer}
.button:hover,button:hover{filter:brightness(1.08)}
.quiet{background:transparent;color:var(--ink);border-color:var(--line)}
.row{display:flex;gap:.6rem}.row>*{flex:1}.row>.button{display:grid;place-items:center}
:focus-visible{outline:3px solid color-mix(in srgb,var(--accent) 60%,var(--ink));outline-offset:2px}
label{display:block;font-weight:600;margin:.9rem 0 .35rem}
input[type=text],input[type=password],input[type=search],select{width:100%;min-height:3rem;padding:.6rem .9rem;border:1px solid var(--line);border-radius:.8rem;background:var(--field);color:var(--ink);font:inherit}
input.code{font-size:1.6rem;letter-spacing:.35em;text-align:center;font-variant-numeric:tabular-nums}
form button{margin-top:1rem}
form+form{margin-top:1.5rem;padding-top:1.25rem;border-top:1px solid var(--line)}
.card .row form+form{margin:0;padding:0;border:0}
.choice{display:flex;align-items:center;gap:.75rem;font-weight:400;margin:0;padding:.7rem 0;border-top:1px solid var(--line);cursor:pointer;min-height:3rem}
.choice:first-of-type{border-top:0}
.choice span{flex:1}.choice small{display:block;color:var(--soft)}
.choice input[type=radio]{width:1.25rem;height:1.25rem;accent-color:var(--accent);margin:0}
.choice input[type=checkbox]{appearance:none;flex:none;width:3rem;height:1.75rem;border-radius:99rem;background:var(--soft);margin:0;position:relative;cursor:pointer;transition:background .15s}
.choice input[type=checkbox]::after{content:"";position:absolute;top:.2rem;left:.2rem;width:1.35rem;height:1.35rem;border-radius:50%;background:#fff;transition:left .15s}
.choice input[type=checkbox]:checked{background:var(--accent)}.choice input[type=checkbox]:checked::after{left:1.45rem}
fieldset{border:0;padding:0;margin:0}legend{font-weight:650;padding:0;margin-bottom:.25rem}
.steps{list-style:none;margin:1rem 0 0;padding:0}
.steps li{position:relative;padding:0 0 .9rem 1.6rem}
.steps li:last-child{padding-bottom:0}
.steps li::before{content:"";z-index:1;position:absolute;left:.2rem;top:.45rem;width:.7rem;height:.7rem;border-radius:50%;border:2px solid var(--soft);background:var(--card)}
.steps li.done::before{background:var(--accent);border-color:var(--accent)}
.steps li:not(:last-child)::after{content:"";position:absolute;left:calc(.55rem - 1px);top:1.2rem;bottom:-.4rem;width:2px;background:var(--line)}
.steps li:not(.done){color:var(--soft)}
.key{display:flex;gap:.6rem;align-items:center;padding:.6rem .8rem;margin-top:.5rem;border:1px solid var(--line);border-radius:.8rem;background:var(--field)}
.key code{flex:1;font:.9375rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;user-select:all;white-space:pre-wrap}
.key button{width:auto;min-height:2.25rem;padding:.25rem .8rem;margin:0;font-size:.875rem}
footer{margin-top:1.5rem;color:var(--soft);font-size:.875rem;text-align:center}
footer a{display:inline-block;padding:.5rem}
.spin{width:2.25rem;height:2.25rem;margin:1.25rem auto;border-radius:50%;border:3px solid var(--line);border-top-color:var(--accent);animation:spin .9s linear infinite}
@keyframes spin{to{transform:rotate(1turn)}}
@media(prefers-reduced-motion:reduce){.spin{animation:none}*{transition:none!important}}
@media(min-width:48rem){.page{padding-top:3rem}.card{padding:1.75rem}}
`.replace(/\n/g, '')

/** Black or white, whichever reads better on `colour` (WCAG relative luminance). */
export function inkOn(colour: string): string {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
  return luminance > 0.179 ? '#000000' : '#ffffff'
}
