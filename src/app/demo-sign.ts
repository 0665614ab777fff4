import { createHmac } from 'node:crypto'

/** Headers of a Standard Webhook (standardwebhooks.com): `secret` is `whsec_` and base64. */
export function signStandard(
  secret: string,
  id: string,
  seconds: number,
  body: string,
): Record<string, string> {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  }
}

/** Headers of a Stripe callback (docs.stripe.com/webhooks, "Verify webhook signatures manually"). */
export function signStripe(secret: string, seconds: number, body: string): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${signature}` }
}

/** Headers of a WooCommerce callback (developer.woocommerce.com, "Webhooks"). */
export function signWoo(secret: string, topic: string, body: string): Record<string, string> {
  const signature = createHmac('sha256', secret).update(body).digest('base64')
  return {
    'content-type': 'application/json',
    'x-wc-webhook-topic': topic,
    'x-wc-webhook-signature': signature,
  }
}
