import type { FailureClass } from './failure-class.ts'
import type { LastFailure } from './order/view.ts'

/**
 * What a buyer can do about a failure, by Stripe's code or decline code (docs.stripe.com/declines/codes, read
 * 2026-11). Anything not listed is `other`: neutral words, no reason shown.
 */
const CLASSES: Readonly<Record<string, FailureClass>> = {
  insufficient_funds: 'insufficient_funds',
  card_velocity_exceeded: 'insufficient_funds',
  withdrawal_count_limit_exceeded: 'insufficient_funds',
  incorrect_number: 'wrong_details',
  invalid_number: 'wrong_details',
  incorrect_cvc: 'wrong_details',
  invalid_cvc: 'wrong_details',
  incorrect_zip: 'wrong_details',
  invalid_expiry_month: 'wrong_details',
  invalid_expiry_year: 'wrong_details',
  authentication_required: 'authentication_needed',
  authentication_not_handled: 'authentication_needed',
  payment_intent_authentication_failure: 'authentication_needed',
  expired_card: 'expired_card',
  processing_error: 'network_timeout',
  issuer_not_available: 'network_timeout',
  try_again_later: 'network_timeout',
  fraudulent: 'risk_block',
  lost_card: 'risk_block',
  stolen_card: 'risk_block',
  merchant_blacklist: 'risk_block',
}

/** The decline code is more exact than the wrapper `code`, so it is asked first. */
export function failureClass(failure: Pick<LastFailure, 'code' | 'declineCode'>): FailureClass {
  return CLASSES[failure.declineCode ?? ''] ?? CLASSES[failure.code ?? ''] ?? 'other'
}
