import type { Instant } from '../domain/time.ts'
import { certificateFile, certificateSn, certificatesIn, rootCertSn } from './alipay-certificates.ts'
import type { Expiry } from './source.ts'

/** Which keys are Alipay's: by themselves (public-key mode), or in certificates (certificate mode). */
export interface AlipayKeySettings {
  readonly publicKeys?: readonly string[] | undefined
  readonly appCertPublicKey?: string | undefined
  readonly alipayCertPublicKeys?: readonly string[] | undefined
  readonly alipayRootCert?: string | undefined
}

/** Which keys may have signed what names this certificate of Alipay's, or none, as base64 or PEM; else what is wrong. */
export function keysFor(
  { publicKeys, alipayCertPublicKeys }: AlipayKeySettings,
  sn: string | undefined,
  now: Instant,
): readonly string[] | 'unknown' | 'not_valid' {
  if (publicKeys) return publicKeys
  const files = (alipayCertPublicKeys ?? []).map((text) => certificateFile(text)!)
  const named = sn ? files.filter(({ own }) => certificateSn(own) === sn) : files
  if (named.length === 0) return 'unknown'
  const good = named.filter(({ from, until }) => from <= now && now <= until)
  return good.length === 0 ? 'not_valid' : good.map(({ own }) => own.toString())
}

/** What a call says of its certificates: nothing in public-key mode; `null` when the app's is not valid at `now`. */
export function certificateParameters(
  { appCertPublicKey, alipayRootCert }: AlipayKeySettings,
  now: Instant,
): Readonly<Record<string, string>> | null {
  if (appCertPublicKey === undefined || alipayRootCert === undefined) return {}
  const { own, from, until } = certificateFile(appCertPublicKey)!
  if (now < from || until < now) return null
  return {
    app_cert_sn: certificateSn(own),
    alipay_root_cert_sn: rootCertSn(certificatesIn(alipayRootCert)!),
  }
}

/** Until when the certificates are good. Without a private key nothing is ever signed under the app's. */
export function alipayExpiries({
  appCertPublicKey,
  alipayCertPublicKeys = [],
  privateKey,
}: AlipayKeySettings & { readonly privateKey?: string | undefined }): readonly Expiry[] {
  const app = appCertPublicKey && privateKey ? [['appCertPublicKey', appCertPublicKey] as const] : []
  const theirs = alipayCertPublicKeys.map((text, at) => [`alipayCertPublicKeys.${at}`, text] as const)
  return [...app, ...theirs].map(([setting, text]) => ({ setting, at: certificateFile(text)!.until }))
}
