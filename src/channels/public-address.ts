import ipaddr from 'ipaddr.js'

/** Public by their range, yet answered by the cloud itself: Azure's wire server hands out machine secrets. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16'])

/** All IPv6 addresses ever handed out for the public network lie here (IANA, RFC 4291 §2.4). */
const GLOBAL_V6 = ipaddr.IPv6.parse('2000::')

/**
 * True when `address` (an IP literal) is somewhere on the public internet: not private, loopback, link-local,
 * metadata, carrier-grade NAT, multicast, documentation or reserved, in whatever IPv6 disguise.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  if (!ipaddr.isValid(bare)) return false
  const parsed = ipaddr.process(bare)
  if (parsed instanceof ipaddr.IPv4) return isPublicV4(parsed)
  // NAT64 (64:ff9b::/96, RFC 6052) is how an IPv6-only machine reaches IPv4: what counts is the address inside.
  if (parsed.match(ipaddr.IPv6.parse('64:ff9b::'), 96)) {
    return isPublicV4(new ipaddr.IPv4(parsed.toByteArray().slice(12)))
  }
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_V6, 3)
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !METADATA.has(address.toString())
}
