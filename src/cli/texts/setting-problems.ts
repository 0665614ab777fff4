import { translator } from '../../domain/sentences.ts'
import type { Language } from './text.ts'

/** The sentences of settings' own checks, as src/domain, src/sources and src/channels say them, in Chinese. `{}` is carried over. */
const CHINESE: Readonly<Record<string, string>> = {
  'expected a time of day such as 22:00': '应为时刻，如 22:00',
  'expected a window that lasts: from and to are the same': '时段不能为空：from 和 to 相同',
  'expected a name of small letters, digits and hyphens': '应为由小写字母、数字和连字符组成的名称',
  'expected a colour such as #0f766e': '应为颜色，如 #0f766e',
  'expected day (the receiver’s local day) or a length of time from 1m to 31d, such as 72h':
    '应为 day（收信人当地的一天）或 1m 到 31d 的时长，如 72h',
  'expected another name: {} is used above': '名称重复：前面已用过 {}',
  'expected a key such as alipay or balance': '应为键名，如 alipay、balance',
  'expected one parameter such as method=alipay': '应为一个参数，如 method=alipay',
  'expected a country such as CN': '应为国家代码，如 CN',
  'expected at least one country': '至少需要一个国家代码',
  'expected one of `countries`': '应为 countries 中的一个',
  '`number: cn` writes Chinese numbers only: expected CN alone': 'number: cn 只能写中国号码，这里只能填 CN',
  'expected, because queryThrough is {}': 'queryThrough 为 {} 时必须填写',
  'expected an RSA public key as base64 or PEM': '应为 RSA 公钥（base64 或 PEM）',
  'expected an RSA private key as base64 or PEM': '应为 RSA 私钥（base64 或 PEM）',
  'expected an RSA private key as PEM': '应为 PEM 格式的 RSA 私钥',
  'expected an RSA public key or certificate as PEM': '应为 PEM 格式的 RSA 公钥或证书',
  'expected 32 characters': '应为 32 个字符',
  'expected at least one key': '至少需要一个密钥',
  'expected https: the key travels in the address': '应为 https 地址：密钥会随地址传输',
  'expected whsec_ and base64 of 24 to 64 bytes': '应为 whsec_ 加 24 到 64 字节的 base64',
  'expected whsec_ followed by base64': '应为 whsec_ 加 base64',
  'expected base64 of 24 to 64 bytes': '应为 24 到 64 字节的 base64',
  'expected http(s)://host/…, with no placeholder in the host': '应为 http(s)://主机/…，主机部分不能有占位符',
  'expected at most 200 characters': '最多 200 个字符',
  'expected `ref` or `id`: a receipt must name its message': '需要 ref 或 id：回执必须指明是哪条消息',
  'callbacks need a secret': '使用回调必须设置密钥',
  '{} has a meaning of its own': '{} 有固定含义，不能另作他用',
  '{} is nowhere in the request': '请求中没有用到 {}',
  'needs {} in the request': '请求中需要有 {}',
  'there is no credential {}': 'credentials 中没有 {}',
  'a back-reference is not allowed': '不能使用反向引用',
  'look-around is not allowed': '不能使用环视',
  'a group may not be repeated; repeat one character or class instead':
    '不能重复一个分组；请重复单个字符或字符类',
  'expected at most two repeats (* + ? {n})': '最多两处重复（* + ? {n}）',
  'there is no {}; did you mean {}?': '没有 {}；是不是想写 {}？',
  'there is no {}': '没有 {}',
  '{{signature}} needs `sign`': '用到 {{signature}} 就要写 sign',
  'a signature over {{body}} cannot be inside the body': '对 {{body}} 的签名不能写在 body 里面',
}

const inChinese = translator(CHINESE)

/** A check's sentence in the reader's language; as it is where there is no other. */
export const settingProblem = (message: string, language: Language): string =>
  language === 'zh' ? inChinese(message) : message
