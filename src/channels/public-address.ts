import ipaddr from 'ipaddr.js'

/** Answered by the cloud itself, which hands out machine secrets there; Azure's is public by its range. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16', '100.100.100.200', 'fd00:ec2::254'])

/**
 * Where a machine is told its own secrets: link-local addresses (169.254.169.254, fe80::/10), Azure's wire server,
 * Alibaba Cloud's and the IPv6 metadata servers. Nothing is called there, whatever an operator allows.
 */
export function isNeverCalled(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  if (!ipaddr.isValid(bare)) return false
  const parsed = inside(ipaddr.process(bare))
  return parsed.range() === 'linkLocal' || METADATA.has(parsed.toString())
}

/** NAT64 (64:ff9b::/96, RFC 6052) is how an IPv6-only machine reaches IPv4: what counts is the address inside. */
function inside(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4 || !address.match(ipaddr.IPv6.parse('64:ff9b::'), 96)) return address
  return new ipaddr.IPv4(address.toByteArray().slice(12))
}

/** All IPv6 addresses ever handed out for the public network lie here (IANA, RFC 4291 §2.4). */
const GLOBAL_V6 = ipaddr.IPv6.parse('2000::')

/**
 * True when `address` (an IP literal) is somewhere on the public internet: not private, loopback, link-local,
 * metadata, carrier-grade NAT, multicast, documentation or reserved, in whatever IPv6 disguise.
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  if (!ipaddr.isValid(bare)) return false
  const parsed = inside(ipaddr.process(bare))
  if (parsed instanceof ipaddr.IPv4) return isPublicV4(parsed)
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_V6, 3)
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !METADATA.has(address.toString())
}
