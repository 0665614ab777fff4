import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { AlipaySdk } from 'alipay-sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { DAY } from '../domain/time.ts'
import { createAlipayCertificates } from '../lab/alipay-certificates.ts'
import { newRsaPair, type RsaPair } from '../lab/rail-keys.ts'
import { issueCertificate, type ToIssue, type X509Name } from '../lab/x509.ts'
import { alipay } from './alipay.ts'
import {
  certificateFile,
  certificateSn,
  certificatesIn,
  leadsToRoot,
  rootCertSn,
} from './alipay-certificates.ts'
import { certificateParameters } from './alipay-keys.ts'
import { signedParameters } from './alipay-signature.ts'
import { rsaPrivateKey } from './rsa.ts'

// No socket is opened here: loading Alipay's SDK changes how undici closes them.

const now = Date.UTC(2026, 10, 22, 8)
const app = newRsaPair()
const theirs = newRsaPair()
const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const identity = { appId: '2014072300007148', sellerId: '2088101106499364' }
const given = createAlipayCertificates({ random: testRandom, now, appId: identity.appId }, app.publicPem)
const ours = given.issue(theirs.publicPem)
const settings = {
  ...identity,
  appCertPublicKey: given.app.pem,
  alipayCertPublicKeys: [ours.pem],
  alipayRootCert: given.root.pem,
  privateKey: app.privatePem,
}

/** One certificate of the test's own making. */
function issue(subject: X509Name, pair: RsaPair, by: X509Name, byPair: RsaPair, more: Partial<ToIssue> = {}) {
  return issueCertificate({
    subject,
    publicKey: createPublicKey(pair.publicPem),
    by: { name: by, privateKey: createPrivateKey(byPair.privatePem) },
    serial: 77n,
    from: now - DAY,
    until: now + DAY,
    isAuthority: true,
    signs: 'certificates',
    ...more,
  })
}

const sdkSettings = (appCert: string, alipayCert: string, root: string) => ({
  appId: identity.appId,
  privateKey: bare(app.privatePem),
  keyType: 'PKCS8' as const,
  appCertContent: appCert,
  alipayPublicCertContent: alipayCert,
  alipayRootCertContent: root,
})
const sdkOf = (...papers: Parameters<typeof sdkSettings>) => new AlipaySdk(sdkSettings(...papers)).config

describe('a serial number', () => {
  const attribute = fc.constantFrom('C' as const, 'O' as const, 'OU' as const, 'CN' as const, 'L' as const)
  const value = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.constantFrom(' Ant, "Financial" + <R1>;', '#1', 'a\\b', 'CN=x/O=y', '支付宝(中国)', ' '),
    )
    .filter((text) => !text.includes('\0'))
  const part = attribute.chain((name) =>
    fc.tuple(fc.constant(name), name === 'C' ? fc.constantFrom('CN', 'US') : value),
  )
  const name = fc.array(part, { minLength: 1, maxLength: 6 })
  const serial = fc.bigInt({ min: 1n, max: (1n << 159n) - 1n })
  const own: X509Name = [['CN', 'own']]

  test('is the one that Alipay’s own SDK computes, whatever the issuer’s name and the number are', () => {
    fc.assert(
      fc.property(name, fc.oneof(serial, fc.bigInt({ min: 1n, max: 0xffffffffn })), (issuer, number) => {
        const pem = issue(own, app, issuer, theirs, { serial: number, isAuthority: false })
        expect(certificateSn(certificatesIn(pem)![0]!)).toBe(sdkOf(pem, pem, pem).appCertSn)
      }),
      { numRuns: 200 },
    )
  })

  test('of the roots is the SDK’s: those that RSA signed, in their order, and no others', () => {
    const roots = certificatesIn(given.root.pem)!
    expect(roots.map(({ signatureAlgorithm }) => signatureAlgorithm)).toEqual([
      'SM2-with-SM3',
      'sha256WithRSAEncryption',
      'ecdsa-with-SHA256',
      'sha1WithRSAEncryption',
    ])
    expect(rootCertSn(roots)).toMatch(/^[0-9a-f]{32}_[0-9a-f]{32}$/)
    expect(rootCertSn(roots)).toBe(sdkOf(given.app.pem, ours.pem, given.root.pem).alipayRootCertSn)
  })

  test('stands in each call as the SDK and the gateway know it', () => {
    const sdk = sdkOf(given.app.pem, ours.pem, given.root.pem)
    expect(certificateParameters(alipay.settings.parse(settings), now)).toEqual({
      app_cert_sn: sdk.appCertSn,
      alipay_root_cert_sn: sdk.alipayRootCertSn,
    })
    expect([sdk.appCertSn, sdk.alipayRootCertSn]).toEqual([given.app.sn, given.root.sn])
  })

  test('is signed in a call as the SDK signs it', () => {
    const call = new AlipaySdk(sdkSettings(given.app.pem, ours.pem, given.root.pem)).sdkExec(
      'alipay.trade.query',
      {
        bizContent: { out_trade_no: 'D1_é 月&=+%' },
      },
    )
    const { sign, ...parameters } = Object.fromEntries(new URLSearchParams(call))
    expect(parameters).toMatchObject({ app_cert_sn: given.app.sn, alipay_root_cert_sn: given.root.sn })
    expect(signedParameters(parameters, rsaPrivateKey(app.privatePem)!).sign).toBe(sign)
  })
})

describe('the way from a certificate to the root', () => {
  const rootName: X509Name = [['CN', 'root']]
  const midName: X509Name = [['CN', 'between']]
  const leafName: X509Name = [['CN', 'leaf']]
  const [root, mid, leaf] = [newRsaPair(), newRsaPair(), newRsaPair()]
  const rootPem = issue(rootName, root, rootName, root)
  const midPem = issue(midName, mid, rootName, root)
  const leafPem = issue(leafName, leaf, midName, mid, { isAuthority: false, signs: 'data' })
  const leads = (file: string, roots = rootPem) => leadsToRoot(certificateFile(file)!, certificatesIn(roots)!)

  test('holds with the authority between, in either order, or without one', () => {
    expect(leads(leafPem + midPem)).toBe(true)
    expect(leads(midPem + leafPem)).toBe(true)
    expect(certificateFile(midPem + leafPem)!.own.subject).toBe('CN=leaf')
    expect(leads(issue(leafName, leaf, rootName, root, { isAuthority: false }))).toBe(true)
  })

  const plain = { isAuthority: false, signs: 'data' } as const
  test.each([
    ['the authority between is missing', leafPem],
    ['another root has the same name', leafPem + midPem, issue(rootName, newRsaPair(), rootName, root)],
    ['the authority has the name but not the key', leafPem + issue(midName, newRsaPair(), rootName, root)],
    ['the authority was made by nobody', leafPem + issue(midName, mid, rootName, newRsaPair())],
    ['the one between is no authority', leafPem + issue(midName, mid, rootName, root, plain)],
    [
      'the one between is no authority, whatever its key may sign',
      leafPem + issue(midName, mid, rootName, root, { isAuthority: false }),
    ],
    ['the authority has the key but not the name', leafPem + issue([['CN', 'another']], mid, rootName, root)],
    ['the one between may sign data only', leafPem + issue(midName, mid, rootName, root, { signs: 'data' })],
    ['the certificate is its own issuer', issue(leafName, leaf, leafName, leaf, plain)],
    ['two authorities vouch for each other', leafPem + issue(midName, mid, leafName, leaf)],
  ])('does not hold where %s', (_, file, roots = rootPem) => {
    expect(leads(file, roots)).toBe(false)
  })

  test('does not hold for a certificate of which a byte was changed', () => {
    const der = Buffer.from(bare(leafPem), 'base64')
    const changed = (at: number) => {
      const bytes = Buffer.from(der)
      bytes[at]! ^= 1
      return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: der.length - 1 }), (at) => {
        const file = certificateFile(changed(at) + midPem)
        // What cannot be read any more leads nowhere; where the leaf is lost, the authority's own way is no proof of it.
        const own = file?.own.subject.includes('between') ? null : file
        expect(own ? leadsToRoot(own, certificatesIn(rootPem)!) : false).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})

describe('settings', () => {
  const problems = (changes: object) => {
    const parsed = alipay.settings.safeParse({ ...settings, ...changes })
    return parsed.success ? [] : parsed.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`)
  }
  const sm2 = () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
    const by = { name: [['CN', 'sm2']] as const, privateKey }
    const dates = { serial: 5n, from: now, until: now + DAY }
    return (isAuthority: boolean) =>
      issueCertificate({ subject: by.name, publicKey, by, ...dates, isAuthority })
  }
  const other = createAlipayCertificates({ random: testRandom, now, appId: '1' }, newRsaPair().publicPem)

  test('are good with the three files whole, two of Alipay’s while one is changed, and with no private key', () => {
    expect(problems({})).toEqual([])
    expect(problems({ alipayCertPublicKeys: [ours.pem, given.issue(newRsaPair().publicPem).pem] })).toEqual(
      [],
    )
    expect(problems({ privateKey: undefined })).toEqual([])
    expect(problems({ alipayRootCert: given.root.pem.replaceAll('\n', '\r\n') })).toEqual([])
  })

  test.each([
    [
      'both modes',
      { publicKeys: [theirs.publicPem] },
      /^publicKeys: expected either .* came both: take out publicKeys or appCertPublicKey, alipayCertPublicKeys, alipayRootCert/,
    ],
    [
      'publicKeys and one certificate',
      { publicKeys: [theirs.publicPem], appCertPublicKey: undefined, alipayCertPublicKeys: undefined },
      /^publicKeys: expected either .* or alipayRootCert \(null/,
    ],
    [
      'neither mode',
      { appCertPublicKey: undefined, alipayCertPublicKeys: undefined, alipayRootCert: undefined },
      /^publicKeys: expected .* came neither$/,
    ],
    [
      'no root',
      { alipayRootCert: undefined },
      /^alipayRootCert: expected, because appCertPublicKey, alip.* is given/,
    ],
    ['no app certificate', { appCertPublicKey: undefined }, /^appCertPublicKey: expected, because/],
    [
      'the app’s certificate for Alipay’s',
      { alipayCertPublicKeys: [given.app.pem] },
      /^alipayCertPublicKeys\.0: expected alipayCertPublicKey_RSA2\.crt \(Alipay’s own\), came the app’s/,
    ],
    [
      'the two in each other’s place',
      { appCertPublicKey: ours.pem, alipayCertPublicKeys: [given.app.pem] },
      /^appCertPublicKey: .*came Alipay’s\nalipayCertPublicKeys\.0: .*came the app’s/,
    ],
    [
      'one certificate for both, without a private key to tell whose it is',
      { alipayCertPublicKeys: [given.app.pem], privateKey: undefined },
      /^alipayCertPublicKeys\.0: .*or the same as in appCertPublicKey$/,
    ],
    [
      'Alipay’s certificate for the app’s',
      { appCertPublicKey: ours.pem },
      /^appCertPublicKey: expected .*came Alipay’s$/,
    ],
    [
      'an app certificate of another key',
      { privateKey: newRsaPair().privatePem },
      /^appCertPublicKey: expected .* of the key in privateKey, came the certificate of another key/,
    ],
    [
      'another root',
      { alipayRootCert: other.root.pem },
      /^alipayCertPublicKeys\.0: expected .*chain up.*issued by Dingdong lab Certification Authority Class 2 R1\) without/,
    ],
    [
      'Alipay’s certificate without its authority’s',
      {
        alipayCertPublicKeys: [
          `${ours.pem.slice(0, ours.pem.indexOf('-----END'))}-----END CERTIFICATE-----\n`,
        ],
      },
      /chain up.* without: give both files whole/,
    ],
    [
      'the second of two from elsewhere',
      { alipayCertPublicKeys: [ours.pem, other.issue(theirs.publicPem).pem] },
      /^alipayCertPublicKeys\.1: .*chain up/,
    ],
    [
      'roots of SM2 only',
      { alipayRootCert: sm2()(true) },
      /^alipayRootCert: .* came SM2 or EC ones only, which are skipped/,
    ],
    [
      'an SM2 certificate',
      { alipayCertPublicKeys: [sm2()(false)] },
      /^alipayCertPublicKeys\.0: .* SM2: choose RSA2/,
    ],
    [
      'Alipay’s certificate for the root',
      { alipayRootCert: ours.pem },
      /^alipayRootCert: .* no authority’s \(支付宝/,
    ],
    [
      'the root for Alipay’s',
      { alipayCertPublicKeys: [given.root.pem] },
      /^alipayCertPublicKeys\.0: .*that of an authority/,
    ],
    ['a bare key', { appCertPublicKey: bare(app.publicPem) }, /^appCertPublicKey: .*belongs in publicKeys/],
    ['a private key', { appCertPublicKey: app.privatePem }, /^appCertPublicKey: .*belongs in privateKey$/],
    [
      'a bare private key',
      { appCertPublicKey: bare(app.privatePem) },
      /^appCertPublicKey: .*belongs in privateKey$/,
    ],
    [
      'a cut certificate',
      { appCertPublicKey: given.app.pem.slice(0, -60) },
      /^appCertPublicKey: .*cut or altered/,
    ],
    ['a cut root', { alipayRootCert: given.root.pem.slice(0, -60) }, /^alipayRootCert: .*cut or altered/],
    ['any text', { alipayRootCert: 'root' }, /^alipayRootCert: .*the file’s whole text/],
  ])('with %s are refused, and told why without a word of a key', (_, changes, message) => {
    const found = problems(changes)
    expect(found.join('\n')).toMatch(new RegExp(message.source, 'm'))
    for (const line of found) {
      expect(line.length).toBeLessThan(400)
      for (const key of [bare(app.privatePem), bare(app.publicPem)]) {
        expect(line).not.toContain(key.slice(40, 60))
      }
    }
  })

  test('of the sandbox need no way to the root: what it gives out has none', () => {
    const gateway = 'https://openapi-sandbox.dl.alipaydev.com/gateway.do'
    expect(problems({ alipayRootCert: other.root.pem, gateway })).toEqual([])
    expect(
      problems({ alipayRootCert: other.root.pem, gateway: 'https://alipaydev.com.example/' }),
    ).toHaveLength(1)
  })

  test('tell when those of their certificates that are used run out', () => {
    const [own, alipays] = [
      { setting: 'appCertPublicKey', at: given.app.until },
      { setting: 'alipayCertPublicKeys.0', at: ours.until },
    ]
    expect(alipay.expiries!(alipay.settings.parse(settings))).toEqual([own, alipays])
    const mute = alipay.settings.parse({ ...settings, privateKey: undefined })
    expect(alipay.expiries!(mute)).toEqual([alipays])
    const keys = alipay.settings.parse({ ...identity, publicKeys: [theirs.publicPem] })
    expect(alipay.expiries!(keys)).toEqual([])
  })
})
