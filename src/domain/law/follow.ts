import { type Node, outlineOf, type Unclear } from './outline.ts'
import { VALUE_MARK } from './pieces.ts'
import type { Words } from './rule.ts'
import { joined, REGISTERED, type Stretch, type Whole } from './whole.ts'
import { mayBeAssigned, readWritten, type Written } from './written.ts'

/** Everything that a template can write. */
export interface Followed {
  /** Each text, values as marks; empty where nobody can tell. */
  readonly ways: readonly Whole[]
  /** Places whose writing cannot be told without rendering. */
  readonly unclear: readonly Unclear[]
}

/** One way through a template. */
interface Way {
  readonly stretches: readonly Stretch[]
  readonly assigned: ReadonlyMap<string, Written>
}

/** Two to the power of six conditions; and so many stretches altogether as are read in milliseconds. */
const MOST_WAYS = 64
const MOST_STRETCHES = 4_000

class TooMany extends Error {}

/**
 * Follows a template through each of its branches, with literals as the words they are and assigned names as what
 * they stand for. `registered`: the account's one address; the branch of `{% if links.registered %}` that it never
 * writes is not followed.
 */
export function follow(liquid: string, registered: string | null): Followed {
  const { nodes, unclear } = outlineOf(liquid)
  const places = [...unclear]
  const walk = (ways: readonly Way[], each: readonly Node[]): readonly Way[] => {
    let now = ways
    for (const node of each) {
      now = step(now, node)
      if (now.length > MOST_WAYS || now.length * (now[0]?.stretches.length ?? 0) > MOST_STRETCHES)
        throw new TooMany()
    }
    return now
  }

  function step(ways: readonly Way[], node: Node): readonly Way[] {
    switch (node.kind) {
      case 'text': {
        const { text: written, from } = node
        return ways.map((way) => add(way, { written, from, to: from + written.length, exact: true }))
      }
      case 'output':
        return read(ways, node, (way, written) => add(way, stretchOf(written, node, registered)))
      case 'assign':
        if (!mayBeAssigned(node.name)) {
          places.push({ ...node, why: taken(node.name) })
          return ways
        }
        return read(ways, node, (way, written) => ({
          ...way,
          assigned: new Map([...way.assigned, [node.name, written]]),
        }))
      case 'choice': {
        const [first, ...others] = node.branches
        const asked = node.asks && registered !== null
        const written = asked ? [first!] : node.asks ? others : node.branches
        const none = !asked && !node.whole
        return [...written.flatMap((branch) => walk(ways, branch)), ...(none ? ways : [])]
      }
    }
  }

  function read(
    ways: readonly Way[],
    node: Extract<Node, { kind: 'output' | 'assign' }>,
    then: (way: Way, written: Written) => Way,
  ): readonly Way[] {
    return ways.flatMap((way) => {
      const reading = readWritten(node.inside, way.assigned)
      if ('may' in reading) return reading.may.map((written) => then(way, written))
      places.push({ ...node, why: reading.why })
      return [way]
    })
  }

  try {
    const ways = walk([{ stretches: [], assigned: new Map() }], nodes)
    const wholes = places.length > 0 ? [] : ways.map(({ stretches }) => joined(stretches))
    return { ways: [...new Map(wholes.map((whole) => [whole.text, whole])).values()], unclear: places }
  } catch (error) {
    if (!(error instanceof TooMany)) throw error
    return { ways: [], unclear: [...places, { from: 0, to: 0, why: MANY }] }
  }
}

const add = (way: Way, stretch: Stretch): Way => ({ ...way, stretches: [...way.stretches, stretch] })

function stretchOf(
  written: Written,
  { from, to }: { readonly from: number; readonly to: number },
  registered: string | null,
): Stretch {
  if (written.kind === 'words') return { written: written.text, from, to, exact: false }
  const text = written.path === REGISTERED ? (registered ?? '') : VALUE_MARK
  return { written: text, from, to, exact: false }
}

const taken = (name: string): Words => ({
  zh: `${name} 已有含义，不能另作他用`,
  en: `"${name}" has a meaning of its own`,
})

const MANY: Words = {
  zh: '分支太多，无法逐一检查',
  en: 'it divides too often to be looked at branch by branch',
}
