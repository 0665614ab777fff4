import { simplified } from './traditional.ts'

/** A text as it is compared: one character a place, and where each came from. */
export interface Folded {
  readonly chars: readonly string[]
  /** Offset in the original of each character's own character, and where that ends. */
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/** Latin letters that other scripts, and small capitals, draw the same; what NFKD does not know. */
const LOOKS_LIKE: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'aа αa ɑa ᴀa ʙb ьb вb βb сc ϲc ᴄc ԁd ɗd ᴅd еe ҽe εe ᴇe ℮e ɛe ғf ƒf ꜰf ɡg ցg ɢg һh հh нh ʜh ' +
    'іi ıi ιi ɩi ɪi ӏl ƚl ʟl ⅼl јj ᴊj кk κk ᴋk мm ᴍm ո n пn ηn ɴn оo οo օo σo 〇o ᴏo øo рp ρp ᴘp ԛq ʀr гr ' +
    'ѕs ꜱs тt τt ᴛt υu սu ᴜu цu νv ѵv ᴠv ԝw ѡw ωw ᴡw хx χx ҳx уy γy үy ʏy ᴢz ʐz'
  )
    .split(' ')
    .filter((pair) => [...pair].length === 2)
    .map((pair) => {
      const [one, other] = [...pair] as [string, string]
      return /[a-z]/.test(one) ? [other, one] : [one, other]
    }),
)

/** Marks that are drawn like the dot, colon or slash of an address. */
const DOTS = '。．｡․‧·・•∙⋅･ꞏ᛫●○◦◉⚫⚪🔴⏺ㆍ︒﹒'
const COLONS = '：∶꞉︰﹕ː'
const SLASHES = '／∕⁄⧸╱〳丿'

/** Radicals and parts written side by side, and the character they make; longest first. */
const PARTS: readonly (readonly [parts: string, whole: string])[] = (
  '氵方攵子游 氵斿游 氵字游 氵子游 又戈戏 亻尤优 亻寸付 亻崔催 亻隹催 士示欠款 龹刀券 关刀券 上卜卡 宀必山密 辶反返 ' +
  '禾刂利 禾刀利 刀口召 代贝贷 贝者赌 十尃博 亻昔借 采彡彩 西示票 扌由抽 亻足促 钅肖销 禾少秒 木几机 扌以拟 力口加 君羊群'
)
  .split(' ')
  .map((each) => {
    const chars = [...each]
    return [chars.slice(0, -1).join(''), chars.at(-1)!] as const
  })

/**
 * A text as a reader reads it, whatever it is made of: compatibility forms (full width, circled, mathematical) and
 * look-alikes of other scripts as plain small letters, traditional characters simplified, dots, colons and slashes
 * in one form each; marks that change nothing (zero width, accents, variation selectors, tags) left out. Spaces,
 * punctuation and emoji stay, one character each. Linear: each character is looked at by itself.
 */
export function fold(text: string): Folded {
  const chars: string[] = []
  const from: number[] = []
  const to: number[] = []
  let at = 0
  for (const original of text) {
    const end = at + original.length
    for (const char of spell(original)) {
      chars.push(char)
      from.push(at)
      to.push(end)
    }
    at = end
  }
  return { chars, from, to }
}

/** One character that unfolds to more (up to 18) is an Arabic phrase or a Japanese unit, and no word of any rule. */
const MOST_PIECES = 4

function spell(original: string): readonly string[] {
  if (original >= 'a' && original <= 'z') return [original]
  const mark = markOf(original)
  if (mark !== null) return [mark]
  if (INVISIBLE.test(original)) return []
  const known = squared(original)
  if (known !== null) return [known]
  return [...original.normalize('NFKD')].slice(0, MOST_PIECES).flatMap((piece) => {
    const part = markOf(piece) ?? CAPITALS[piece] ?? piece
    // Two characters (İ) at most.
    return [...part.toLowerCase()]
      .filter((char) => !INVISIBLE.test(char))
      .map((char) => LOOKS_LIKE[char] ?? simplified(RADICALS[char] ?? char))
  })
}

function markOf(char: string): string | null {
  if (DOTS.includes(char)) return '.'
  if (COLONS.includes(char)) return ':'
  return SLASHES.includes(char) ? '/' : null
}

/** Capitals that look like Latin ones while their small letters do not (Η is an H, η an n). */
const CAPITALS: Readonly<Record<string, string>> = {
  Β: 'b', Η: 'h', Ζ: 'z', Ι: 'i', Μ: 'm', Ν: 'n', Υ: 'y', В: 'b', Н: 'h', Ү: 'y',
} // biome-ignore format: a table

/** Format and control characters, marks, fillers: drawn as nothing. A line break and a tab are spaces. */
const INVISIBLE = /^(?![\t\n\r])(?:[\p{C}\p{M}]|\u115f|\u1160|\u3164|\uffa0|\u2800)$/u

/** Letters in squares and circles, and regional indicators, of which NFKD leaves some as they are. */
function squared(char: string): string | null {
  const code = char.codePointAt(0)!
  for (const start of [0x1f130, 0x1f150, 0x1f170, 0x1f1e6])
    if (code >= start && code < start + 26) return String.fromCharCode(97 + code - start)
  return null
}

/** Radicals as characters of their own (CJK Radicals Supplement), katakana that look like parts, and variants that people type for a character. */
const RADICALS: Readonly<Record<string, string>> = {
  '⺡': '氵', '⺅': '亻', '⻌': '辶', '⺘': '扌', '⻔': '门',
  戯: '戏', 恵: '惠', 帀: '币', 愽: '博', 劵: '券', 巻: '卷', 価: '价', 収: '收', 払: '付', 欵: '款', 歀: '款', 慛: '催',
  佧: '卡', 鉲: '卡', 宻: '密', 滵: '密', 銭: '钱', 迴: '回', 囬: '回', 囘: '回', 奨: '奖', 験: '验',
  イ: '亻', リ: '刂', ト: '卜', ロ: '口', カ: '力', シ: '氵',
} // biome-ignore format: a table

/**
 * Only letters and digits of a folded text, with parts put together (氵斿 is 游): what words are looked for in, so
 * that no space, point or emoji between keeps one apart.
 */
export function skeleton(folded: Folded): Folded {
  const kept: number[] = []
  for (let at = 0; at < folded.chars.length; at++) if (/[\p{L}\p{N}]/u.test(folded.chars[at]!)) kept.push(at)
  const chars: string[] = []
  const from: number[] = []
  const to: number[] = []
  for (let at = 0; at < kept.length; ) {
    const made = madeOf(folded, kept, at)
    chars.push(letterOf(made.char, folded.chars[kept[at - 1] ?? -1], folded.chars[kept[at + 1] ?? -1]))
    from.push(folded.from[kept[at]!]!)
    to.push(folded.to[kept[at + made.length - 1]!]!)
    at += made.length
  }
  return { chars, from, to }
}

/** P0S and y0uxi: a nought beside a letter, a one between two. */
function letterOf(char: string, before: string | undefined, after: string | undefined): string {
  const latin = (each: string | undefined) => each !== undefined && each >= 'a' && each <= 'z'
  if (char === '0' && (latin(before) || latin(after))) return 'o'
  return char === '1' && latin(before) && latin(after) ? 'i' : char
}

const BY_FIRST = Map.groupBy(PARTS, ([parts]) => [...parts][0]!)

function madeOf({ chars }: Folded, kept: readonly number[], at: number) {
  const first = chars[kept[at]!]!
  for (const [parts, whole] of BY_FIRST.get(first) ?? []) {
    const wanted = [...parts]
    if (wanted.every((part, step) => chars[kept[at + step] ?? -1] === part))
      return { char: whole, length: wanted.length }
  }
  return { char: first, length: 1 }
}
