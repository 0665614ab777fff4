import { translator } from '../../domain/sentences.ts'
import type { Language } from './text.ts'

/** The sentences of settings' own checks, as src/domain, src/sources and src/channels say them, in Chinese. `{}` is carried over. */
const CHINESE: Readonly<Record<string, string>> = {
  'expected a whole number from {} to {}': '应为 {} 到 {} 的整数',
  'expected one of: {}': '应为以下之一：{}',
  'expected some text': '不能为空',
  'expected small letters, digits and hyphens, 40 at most': '应为小写字母、数字和连字符，最多 40 个',
  'expected zh-CN, en …': '应为 zh-CN、en 这样的语言',
  'expected a zone such as Asia/Shanghai': '应为 Asia/Shanghai 这样的时区',
  'expected a currency of ISO 4217 such as CNY': '应为 ISO 4217 货币代码，如 CNY',
  'expected a path': '应为文件路径',
  'expected postgres://user:password@host/database': '应为 postgres://用户:密码@主机/数据库',
  'expected an address such as https://ding.example.com': '应为 https://ding.example.com 这样的地址',
  'expected a time such as 24h or 7d, or off': '应为 24h、7d 这样的时长，或 off',
  'expected at least 1d, or off': '至少 1d，或 off',
  'no setting has this name': '没有这个设置',
  'there is no such file': '没有这个文件',
  'expected settings, one "name: value" a line': '应为设置，每行一个“名称: 值”',
  'expected the endpoint’s signing secret: whsec_…': '应为端点的签名密钥：whsec_…',
  'expected a time of day such as 22:00': '应为时刻，如 22:00',
  'expected a window that lasts: from and to are the same': '时段不能为空：from 和 to 相同',
  'expected a name of small letters, digits and hyphens': '应为由小写字母、数字和连字符组成的名称',
  'expected a category of small letters, digits and hyphens, such as orders or payments':
    '应为消息种类（小写字母、数字和连字符），如 orders、payments',
  'expected a colour such as #0f766e': '应为颜色，如 #0f766e',
  'expected day (the receiver’s local day) or a length of time from 1m to 31d, such as 72h':
    '应为 day（收信人当地的一天）或 1m 到 31d 的时长，如 72h',
  'expected a length of time from 1m to 1d, such as 10m, or never, which lets none wait for another':
    '应为 1m 到 1d 的时长，如 10m；或 never，表示互不等待',
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
  'expected either publicKeys (public-key mode) or certificates (certificate mode), came both: take out publicKeys or {} (null takes a setting out)':
    'publicKeys（公钥模式）与证书（公钥证书模式）只能选一种，现在两种都有：请去掉 publicKeys 或 {}（写 null 即去掉）',
  'expected publicKeys (public-key mode), or {} (certificate mode), came neither':
    '应填 publicKeys（公钥模式），或 {}（公钥证书模式），现在两种都没有',
  'expected, because {} is given: certificate mode needs all three files':
    '已填 {}，因此必须填写：公钥证书模式需要全部三个文件',
  'expected the certificate {} as PEM, came a private key: that belongs in privateKey':
    '应为证书 {}（PEM），收到的是私钥：私钥应填在 privateKey',
  'expected the certificate {} as PEM, came one that is cut or altered: copy the whole file again, line breaks included':
    '应为证书 {}（PEM），收到的内容不完整或被改动：请连同换行重新复制整个文件',
  'expected the certificate {} as PEM, came a bare public key: that belongs in publicKeys, for apps in public-key mode':
    '应为证书 {}（PEM），收到的是单独的公钥：公钥模式的应用请填在 publicKeys',
  'expected the certificate {} as PEM: the file’s whole text, from -----BEGIN CERTIFICATE----- on':
    '应为证书 {}（PEM）：从 -----BEGIN CERTIFICATE----- 开始的整个文件内容',
  'expected the certificate {}, came that of an authority: {} belongs in alipayRootCert':
    '应为证书 {}，收到的是证书颁发机构的证书：{} 应填在 alipayRootCert',
  'expected the certificate {} with an RSA key, came another kind such as SM2: choose RSA2 when downloading':
    '应为 RSA 密钥的证书 {}，收到的是其他类型（如国密 SM2）：下载时请选择 RSA2',
  'expected {} as PEM, came one that is cut or altered: copy the whole file again, line breaks included':
    '应为 {}（PEM），收到的内容不完整或被改动：请连同换行重新复制整个文件',
  'expected {} as PEM: the file’s whole text, all certificates in it, from the first -----BEGIN CERTIFICATE----- on':
    '应为 {}（PEM）：从第一个 -----BEGIN CERTIFICATE----- 开始的整个文件，含其中所有证书',
  'expected {}, came a certificate that is no authority’s ({}): that belongs in appCertPublicKey or alipayCertPublicKeys':
    '应为 {}，收到的不是颁发机构的证书（{}）：它应填在 appCertPublicKey 或 alipayCertPublicKeys',
  'expected {} with at least one RSA certificate, came SM2 or EC ones only, which are skipped: copy the whole file':
    '应为至少含一张 RSA 证书的 {}，收到的只有 SM2 或 EC 证书（会被跳过）：请复制整个文件',
  'expected {} (the app’s own), came Alipay’s': '应为应用自己的证书 {}，收到的是支付宝的证书',
  'expected {} of the key in privateKey, came the certificate of another key: give the key that this certificate was applied for with':
    '{} 应与 privateKey 是一对，收到的是另一把密钥的证书：请填写申请这张证书时所用的私钥',
  'expected {} (Alipay’s own), came the app’s, or the same as in appCertPublicKey':
    '应为支付宝的证书 {}，收到的是应用自己的证书，或与 appCertPublicKey 是同一张',
  'expected {} with a chain up to a certificate of alipayRootCert, came one ({}, issued by {}) without: give both files whole, as downloaded':
    '{} 应能逐级验证到 alipayRootCert 中的证书，收到的这张（{}，由 {} 颁发）不能：请原样填写下载的两个完整文件',
  'expected a host such as smtp.example.com; the port is a setting of its own':
    '应为主机名，如 smtp.example.com；端口请写在 port',
  'a password may not cross the network unencrypted; choose tls or starttls':
    '密码不能明文经过网络：请选择 tls 或 starttls',
  'port 465 speaks TLS from the first byte: write tls, or port 587':
    '465 端口从第一个字节就是 TLS：请写 tls，或改用 587 端口',
  'port 587 (and 25) begins in clear and turns to TLS: write starttls, or port 465':
    '587（和 25）端口先明文再转为 TLS：请写 starttls，或改用 465 端口',
  'mail is fetched at this port and not sent: write 465 with tls, or 587 with starttls':
    '这是收信的端口，不能发信：请写 465（tls）或 587（starttls）',
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
