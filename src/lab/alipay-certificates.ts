// biome-ignore lint/plugin: OpenSSL makes key pairs from its own chance; the labs' are gone with the process
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { Random } from '../domain/ids.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { serialOf } from './certificate.ts'
import { newRsaPair, type RsaPair } from './rail-keys.ts'
import { issueCertificate, type X509Name } from './x509.ts'

/** A certificate with the serial number that the gateway knows it by. */
export interface Issued {
  readonly pem: string
  readonly sn: string
  readonly until: Instant
}

/** What the simulated Alipay gives an app in certificate mode, all made when asked for. */
export interface AlipayCertificates {
  readonly app: Issued
  /** alipayRootCert.crt: authorities of four kinds, of which those of RSA count. */
  readonly root: { readonly pem: string; readonly sn: string }
  /** A certificate of Alipay's for this key, its authority's below it, as in the file that one downloads. */
  issue(publicPem: string): Issued
}

const part = (name: string): X509Name => [
  ['C', 'CN'],
  ['O', 'Dingdong lab'],
  ['OU', 'Certification Authority'],
  ['CN', name],
]
const ROOT = part('Dingdong lab Certification Authority R1')
const CLASS_2 = part('Dingdong lab Certification Authority Class 2 R1')

/** As long as the real ones, which are good for five years. */
const LIFE = 5 * 365 * DAY

export function createAlipayCertificates(
  { random, now, appId }: { readonly random: Random; readonly now: Instant; readonly appId: string },
  appPublicPem: string,
): AlipayCertificates {
  // Certificates know no milliseconds.
  const from = Math.floor(now / 1_000) * 1_000 - DAY
  const [root, older, class2] = [newRsaPair(), newRsaPair(), newRsaPair()]
  const curves = ['SM2', 'P-256'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }))

  const issue = (
    subject: X509Name,
    publicPem: string,
    by: { readonly name: X509Name; readonly pair: RsaPair },
    isAuthority: boolean,
    hash: 'sha256' | 'sha1' = 'sha256',
  ): Issued => {
    const serial = serialOf(random, 15)
    const pem = issueCertificate({
      subject,
      publicKey: createPublicKey(publicPem),
      by: { name: by.name, privateKey: createPrivateKey(by.pair.privatePem) },
      serial,
      from,
      until: from + LIFE,
      isAuthority,
      signs: isAuthority ? 'certificates' : 'data',
      hash,
    })
    return { pem, sn: snOf(by.name, serial), until: from + LIFE }
  }
  const olderName = part('Dingdong lab Class 2 Root CA - G3')
  const roots = [
    issue(ROOT, root.publicPem, { name: ROOT, pair: root }, true),
    issue(olderName, older.publicPem, { name: olderName, pair: older }, true, 'sha1'),
  ]
  const others = curves.map(({ publicKey, privateKey }, at) => {
    const name = part(`Dingdong lab Certification Authority ${at === 0 ? 'S1' : 'E1'}`)
    const by = { name, privateKey }
    const serial = serialOf(random, 7)
    return issueCertificate({
      subject: name,
      publicKey,
      by,
      serial,
      from,
      until: from + LIFE,
      isAuthority: true,
      signs: 'certificates',
    })
  })
  const authority = issue(CLASS_2, class2.publicPem, { name: ROOT, pair: root }, true)
  const class2Of = { name: CLASS_2, pair: class2 }
  return {
    app: issue([...part(appId).slice(0, 2), ['OU', 'Alipay'], ['CN', appId]], appPublicPem, class2Of, false),
    root: {
      pem: [others[0], roots[0]!.pem, others[1], roots[1]!.pem].join('\n'),
      sn: roots.map(({ sn }) => sn).join('_'),
    },
    issue(publicPem) {
      const name = part('支付宝(中国)网络技术有限公司-lab')
      const issued = issue(name, publicPem, class2Of, false)
      return { ...issued, pem: issued.pem + authority.pem }
    },
  }
}

/** MD5 of the issuer, last part first, and the serial number: computed from what was issued, not from what one reads there. */
function snOf(issuer: X509Name, serial: bigint): string {
  const text = issuer.map(([attribute, value]) => `${attribute}=${value}`).reverse()
  return createHash('md5')
    .update(text.join(',') + serial.toString())
    .digest('hex')
}
