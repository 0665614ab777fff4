import type { FaultEntry } from '../errors.ts'

/** What can go wrong with keys and sealed values. None of these texts ever carries a key or a plaintext. */
export const SEAL_FAULTS = {
  MASTER_KEY_INVALID: {
    kind: 'operator',
    en: 'The master key must be 32 bytes written as 64 hex digits or as base64 (44 characters); {detail}. Put back the key this data was made with, or for a new installation make one with: openssl rand -hex 32',
    zh: '主密钥必须是 32 字节，写成 64 位十六进制或 base64（44 个字符）；{detail}。请放回创建这些数据时所用的密钥；若是全新安装，可用 openssl rand -hex 32 生成一个。',
  },
  MASTER_KEY_WRONG: {
    kind: 'operator',
    en: 'Shop keys were sealed by master key {sealed}, but the key given is {given}. Start with the key this data was made with.',
    zh: '店铺密钥由主密钥 {sealed} 加密，而当前提供的是 {given}。请使用创建这些数据时所用的主密钥启动。',
  },
  SHOP_KEY_MISSING: {
    kind: 'operator',
    en: 'A value of {column} was sealed with shop key {key}, which this process does not have (it has {have}). Restore that key; without it the value cannot be read.',
    zh: '{column} 的一个值由店铺密钥 {key} 加密，但本进程没有该密钥（现有 {have}）。请恢复该密钥，否则无法读取此值。',
  },
  SEALED_VALUE_BROKEN: {
    kind: 'operator',
    en: 'A sealed value of {column} could not be opened: {detail}. It was cut, changed, moved from another row, or sealed with another key.',
    zh: '{column} 的一个加密值无法打开：{detail}。它可能被截断、被修改、来自另一行，或由另一把密钥加密。',
  },
} as const satisfies Record<string, FaultEntry>

export type SealFaultCode = keyof typeof SEAL_FAULTS

/** A key or a sealed value that cannot be used. Broken infrastructure or a wrong setup, so it is thrown. */
export class SealError extends Error {
  readonly code: SealFaultCode
  readonly params: Readonly<Record<string, string | number>>

  constructor(code: SealFaultCode, params: Readonly<Record<string, string | number>>) {
    super(SEAL_FAULTS[code].en.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?')))
    this.name = 'SealError'
    this.code = code
    this.params = params
  }
}
