/**
 * What kind of obstacle a failed payment met; each has a first move of its own. `risk_block` is never named to the
 * buyer (Stripe, Adyen and PayPal ask for that): words for buyers treat it as `other`.
 */
export const FAILURE_CLASSES = [
  'network_timeout',
  'wrong_details',
  'authentication_needed',
  'insufficient_funds',
  'expired_card',
  'risk_block',
  'other',
] as const
export type FailureClass = (typeof FAILURE_CLASSES)[number]

/** What the rail's answer advises about the next try. Codes of the classification table (`rails/`). */
export const RETRY_ADVICE = [
  'AUTO_ONCE',
  'LATER',
  'QUERY_FIRST',
  'FIX_THEN_RETRY',
  'AUTH_THEN_RETRY',
  'NEW_METHOD',
  'NEW_ORDER',
  'MERCHANT_FIX',
  'NEVER',
  'STOP',
] as const
export type RetryAdvice = (typeof RETRY_ADVICE)[number]
