/**
 * Where two JSON values differ, as paths such as `data.order.total.minor`, at most `most` of them: down to the last
 * member where both go on, else where one of them ends. Never what stands there.
 */
export function differingPaths(one: unknown, other: unknown, most: number): readonly string[] {
  const found: string[] = []
  compare(one, other, '')
  return found

  function compare(a: unknown, b: unknown, path: string): void {
    if (found.length === most || a === b) return
    if (!isParent(a) || !isParent(b) || Array.isArray(a) !== Array.isArray(b)) {
      found.push(path)
      return
    }
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(member(a, name), member(b, name), path === '' ? name : `${path}.${name}`)
  }
}

const isParent = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const member = (parent: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(parent, name) ? parent[name] : undefined
