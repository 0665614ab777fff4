import type { LastFailure } from './order/view.ts'
import type { FailureKind } from './template/variables.ts'

/**
 * What a buyer can do about a failure, by Stripe's code or decline code (docs.stripe.com/declines/codes, read
 * 2026-11). Anything not listed, and every code that hints at risk, is `other`: neutral words, no reason shown.
 */
const KINDS: Readonly<Record<string, FailureKind>> = {
  insufficient_funds: 'funds',
  card_velocity_exceeded: 'funds',
  withdrawal_count_limit_exceeded: 'funds',
  incorrect_number: 'details',
  invalid_number: 'details',
  incorrect_cvc: 'details',
  invalid_cvc: 'details',
  incorrect_zip: 'details',
  invalid_expiry_month: 'details',
  invalid_expiry_year: 'details',
  authentication_required: 'verify',
  authentication_not_handled: 'verify',
  payment_intent_authentication_failure: 'verify',
  expired_card: 'method',
  card_not_supported: 'method',
  currency_not_supported: 'method',
  processing_error: 'timeout',
  issuer_not_available: 'timeout',
  try_again_later: 'timeout',
}

/** The decline code is more exact than the wrapper `code`, so it is asked first. */
export function failureKind(failure: Pick<LastFailure, 'code' | 'declineCode'>): FailureKind {
  return KINDS[failure.declineCode ?? ''] ?? KINDS[failure.code ?? ''] ?? 'other'
}
