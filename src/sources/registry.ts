import { alipay } from './alipay.ts'
import { dujiaoka } from './dujiaoka.ts'
import { epay } from './epay.ts'
import type { Source } from './source.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { stripe } from './stripe.ts'
import { wechatPay } from './wechat-pay.ts'
import { woocommerce } from './woocommerce.ts'

/** Every source there is, by name. One more is one file, its test, its case in contract.test.ts and one line here. */
export const SOURCES: ReadonlyMap<string, Source> = new Map(
  [
    entry(stripe),
    entry(woocommerce),
    entry(dujiaoka),
    entry(wechatPay),
    entry(alipay),
    entry(epay),
    entry(standardWebhooks),
  ].map((source) => [source.name, source]),
)

/** A source whose settings have been checked by its own schema takes exactly those. */
function entry<Settings>(source: Source<Settings>): Source {
  return source as unknown as Source
}
