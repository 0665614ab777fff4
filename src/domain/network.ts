/**
 * What counts as one network address: an IPv4 address itself; of an IPv6 address its first 64 bits, since one
 * household or phone has all of them (RFC 6177 §2, RFC 7278). `null` for anything that is no address.
 */
export function networkOf(text: string): string | null {
  const address = text.trim().toLowerCase()
  if (isIpv4(address)) return address
  const groups = ipv6Groups(address)
  if (groups === null) return null
  // ::ffff:192.0.2.1 is how a dual-stack server writes the IPv4 address.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

function ipv6Groups(text: string): readonly number[] | null {
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (mapped) {
    if (!isIpv4(mapped[2]!)) return null
    const [a, b, c, d] = mapped[2]!.split('.').map(Number) as [number, number, number, number]
    return ipv6Groups(`${mapped[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
  }
  const halves = text.split('::')
  if (halves.length > 2) return null
  const groups = (half: string) => (half === '' ? [] : half.split(':'))
  const [head, tail] = [groups(halves[0]!), groups(halves[1] ?? '')]
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const all = [...head, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...tail]
  return all.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? all.map((group) => Number.parseInt(group, 16))
    : null
}
