import type { Trust } from '../../domain/event.ts'
import { type Language, say, type Text } from './text.ts'

/** Who said a fact and what makes that certain, strongest first. Without signature only the secret tells. */
export const TRUSTS: Readonly<Record<Trust, Text>> = {
  signed: { zh: '{sender}，有签名', en: '{sender}, signed' },
  authenticated: { zh: '{sender}，凭保密地址', en: '{sender}, secret address' },
  queried: { zh: '{sender}，答复我们的查询', en: '{sender}, answering us' },
  inferred: { zh: '叮咚推断', en: 'inferred by Dingdong' },
  browser: { zh: '浏览器所说，不采信', en: 'said by a browser, proves nothing' },
}

/** Senders that are no outside system. */
export const SENDERS = {
  itself: { zh: '叮咚自己', en: 'Dingdong itself' },
  key: { zh: '接口密钥“{name}”', en: 'API key “{name}”' },
  provider: { zh: '发送服务商', en: 'the provider that sent it' },
  inbox: { zh: '店铺的站内信', en: 'the shop’s inbox' },
  unknown: { zh: '已不存在的连接', en: 'a connection that is no longer there' },
} as const satisfies Record<string, Text>

/** What has become of a message, in a word; `held`: it waits until it is looked at again. */
export const MESSAGE_STATES = {
  waiting: { zh: '等待发送', en: 'waiting' },
  held: { zh: '暂缓至 {until}', en: 'held until {until}' },
  claimed: { zh: '即将发送', en: 'about to be sent' },
  calling: { zh: '正在发送', en: 'being sent' },
  sent: { zh: '已发送', en: 'sent' },
  delivered: { zh: '已送达', en: 'delivered' },
  undelivered: { zh: '未送达', en: 'not delivered' },
  dropped: { zh: '未发送', en: 'not sent' },
  failed: { zh: '发送失败', en: 'failed' },
  unknown: { zh: '结果未知', en: 'outcome unknown' },
  poison: { zh: '已搁置', en: 'set aside' },
} as const satisfies Record<string, Text>

/** Who made or changed something, where it was not a person or a key. */
export const ACTORS: Readonly<Record<string, Text>> = {
  'command line': { zh: '命令行', en: 'command line' },
  preset: { zh: '预设', en: 'preset' },
}

/** The word for a state or actor; one that has none stands as it is. */
export function wordFor(words: Readonly<Record<string, Text>>, name: string, language: Language): string {
  return Object.hasOwn(words, name) ? say(words[name]!, language) : name
}

/** Why an account was paused, or a try did not go through, where the code alone does not say it. */
export const SEND_CODES: Readonly<Record<string, Text>> = {
  blocked_address: {
    zh: '目标地址在内网或本机，叮咚不会访问，除非写进 allowOrigins（DINGDONG_ALLOW_ORIGINS）',
    en: 'its address leads into a private network or to this machine, where nothing is called but what allowOrigins (DINGDONG_ALLOW_ORIGINS) names',
  },
  'command line': { zh: '有人手动暂停', en: 'somebody paused it by hand' },
  credentials: {
    zh: '用户名或密码不被接受，或缺少其中之一',
    en: 'user and password are not accepted, or one is lacking',
  },
  530: {
    zh: '邮件服务器要求先登录或加密：请检查 user、pass 和 security',
    en: 'the mail server wants a log-in or encryption first: see user, pass and security',
  },
  534: {
    zh: '邮件服务器不接受这种登录方式，可能需要应用专用密码',
    en: 'the mail server wants another kind of log-in, such as an app password',
  },
  535: {
    zh: '邮件服务器不接受用户名或密码：请检查 user 和 pass',
    en: 'the mail server does not accept user and password: see user and pass',
  },
  538: {
    zh: '邮件服务器只允许在加密连接上登录：security 请用 tls 或 starttls',
    en: 'the mail server allows a log-in over encryption only: set security to tls or starttls',
  },
  tls: {
    zh: '无法建立加密连接：请检查 security 和 port',
    en: 'no encrypted connection could be made: see security and port',
  },
  tls_untrusted: {
    zh: '对方的 TLS 证书不受信任',
    en: 'the certificate of the other side is not trusted',
  },
  bad_request: { zh: '设置里的地址无法使用', en: 'the address in its settings cannot be used' },
  http_401: { zh: '对方不认可密钥（401）', en: 'the other side does not accept the key (401)' },
  http_403: { zh: '对方拒绝访问（403）', en: 'the other side denies access (403)' },
  settings_unusable: {
    zh: '账号设置无法读取，请用 dingdong account set 重新填写',
    en: 'its settings cannot be read; give them again with dingdong account set',
  },
  endpoint_gone: {
    zh: '接收方回复 410：这个地址已永久停用。请用 dingdong account set 填写新地址，再恢复账号',
    en: 'the receiver answered 410: this address is gone for good. Give the new one with dingdong account set, then resume the account',
  },
  signature_refused: {
    zh: '接收方回复 401：不认可签名。请核对两边的 secrets，再恢复账号',
    en: 'the receiver answered 401: it does not accept the signature. Compare the secrets of both sides, then resume the account',
  },
  worker_lost: {
    zh: '发送进程中断，不知道是否已送出',
    en: 'the sender broke off, and nobody knows whether it went',
  },
  provider_bug: { zh: '服务商接口程序出错', en: 'an error in the program’s provider code' },
}

/** `code: in words`, or the code alone. `535 5.7.8` of a mail server is a 535. */
export function codeText(code: string, language: Language): string {
  const colon = language === 'zh' ? '：' : ': '
  const known = Object.hasOwn(SEND_CODES, code) ? code : (/^\d{3}(?= )/.exec(code)?.[0] ?? code)
  return Object.hasOwn(SEND_CODES, known) ? `${code}${colon}${say(SEND_CODES[known]!, language)}` : code
}
