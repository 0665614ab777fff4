import { describe, expect, it } from 'vitest'
import { testRails } from '../../../test/kit/rails.ts'
import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import { classify } from './classify.ts'
import { fieldOf } from './explain.ts'
import { codeIn } from './one-code.ts'

/** Code, class and advice that follow from what the document says of it, and that in our words. */
type Expected = readonly (readonly [code: string, of: FailureClass, advice: RetryAdvice, says: string])[]

/** Written down from the documents, not from `rails/`. Read 2026-11. */
const DOCUMENTS: readonly { readonly rail: string; readonly source: string; readonly codes: Expected }[] = [
  {
    rail: 'stripe',
    source: 'https://docs.stripe.com/declines/codes',
    codes: [
      ['insufficient_funds', 'insufficient_funds', 'LATER', 'not enough funds to complete the purchase'],
      ['withdrawal_count_limit_exceeded', 'insufficient_funds', 'LATER', 'over balance or credit limit'],
      ['card_velocity_exceeded', 'insufficient_funds', 'LATER', 'over balance or credit limit'],
      ['expired_card', 'expired_card', 'NEW_METHOD', 'expired: use another card'],
      ['incorrect_number', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct number'],
      ['incorrect_cvc', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct CVC'],
      ['invalid_cvc', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct CVC'],
      ['incorrect_zip', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct postal code'],
      ['invalid_expiry_year', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct date'],
      ['incorrect_pin', 'wrong_details', 'FIX_THEN_RETRY', 'again with the correct PIN'],
      ['processing_error', 'network_timeout', 'AUTO_ONCE', 'error while processing: attempt again'],
      ['issuer_not_available', 'network_timeout', 'AUTO_ONCE', 'issuer not reached: attempt again'],
      ['reenter_transaction', 'network_timeout', 'AUTO_ONCE', 'issuer could not process: attempt again'],
      ['fraudulent', 'risk_block', 'NEVER', 'suspected fraud; present as a generic decline'],
      ['lost_card', 'risk_block', 'NEVER', 'reported lost; present as a generic decline'],
      ['stolen_card', 'risk_block', 'NEVER', 'reported stolen; present as a generic decline'],
      ['pickup_card', 'risk_block', 'NEVER', 'may be lost or stolen'],
      ['pin_try_exceeded', 'authentication_needed', 'NEW_METHOD', 'another card or method'],
      ['authentication_required', 'authentication_needed', 'AUTH_THEN_RETRY', 'needs 3-D Secure'],
      ['duplicate_transaction', 'other', 'QUERY_FIRST', 'check whether a recent payment exists'],
      ['generic_decline', 'other', 'LATER', 'unknown reason'],
      ['do_not_honor', 'other', 'LATER', 'unknown reason'],
    ],
  },
  {
    rail: 'iso8583_f39',
    source: 'https://developers.tabapay.com/reference/iso-network-codes',
    codes: [
      ['04', 'risk_block', 'NEVER', 'card cancelled; no reattempt with the same card'],
      ['07', 'risk_block', 'NEVER', 'fraud account; no reattempt'],
      ['41', 'risk_block', 'NEVER', 'lost card; no reattempt'],
      ['43', 'risk_block', 'NEVER', 'stolen card; no reattempt'],
      ['12', 'other', 'NEVER', 'invalid transaction; no reattempt'],
      ['14', 'wrong_details', 'FIX_THEN_RETRY', 'no such number; revalidate it, never the same one'],
      ['15', 'wrong_details', 'FIX_THEN_RETRY', 'no such issuer; revalidate the number'],
      ['05', 'other', 'LATER', 'do not honor, category 4, generic'],
      ['51', 'insufficient_funds', 'LATER', 'reattempt at a later date'],
      ['61', 'insufficient_funds', 'LATER', 'amount limit; not the same day'],
      ['65', 'insufficient_funds', 'LATER', 'count limit; not the same day'],
      ['54', 'expired_card', 'FIX_THEN_RETRY', 'expired or wrong date; validate it first'],
      ['55', 'wrong_details', 'FIX_THEN_RETRY', 'wrong PIN; reattempt with a valid one'],
      ['82', 'wrong_details', 'FIX_THEN_RETRY', 'card verification value failed, category 3'],
      ['N7', 'wrong_details', 'FIX_THEN_RETRY', 'CVV2 failed; validate it first'],
      ['59', 'risk_block', 'NEW_METHOD', 'suspected fraud; not until the cardholder confirms'],
      ['62', 'risk_block', 'NEW_METHOD', 'restricted card; do not immediately reattempt'],
      ['R1', 'other', 'NEVER', 'stop all future payments; no reattempt'],
    ],
  },
  {
    rail: 'mastercard_mac',
    source:
      'https://docs.assist.ru/display/DE/Merchant+Advice+Code+received+from+Mastercard and PayPal TypeScript SDK, doc/models/payment-advice-code.md',
    codes: [
      ['01', 'expired_card', 'NEW_METHOD', 'new account information available'],
      ['02', 'other', 'LATER', 'try again later'],
      ['03', 'risk_block', 'NEVER', 'do not try again'],
      ['05', 'other', 'MERCHANT_FIX', 'negotiated value not approved'],
      ['21', 'other', 'NEVER', 'payment cancellation'],
      ['24', 'insufficient_funds', 'LATER', 'retry after 1 hour'],
      ['30', 'insufficient_funds', 'LATER', 'retry after 10 days'],
      ['41', 'other', 'NEW_METHOD', 'single-use virtual card number'],
    ],
  },
  {
    rail: 'adyen',
    source: 'https://docs.adyen.com/development-resources/refusal-reasons',
    codes: [
      ['4', 'network_timeout', 'AUTO_ONCE', 'error at the acquirer'],
      ['5', 'risk_block', 'NEVER', 'card is blocked'],
      ['6', 'expired_card', 'NEW_METHOD', 'card has expired'],
      ['8', 'wrong_details', 'FIX_THEN_RETRY', 'card number incorrect'],
      ['9', 'network_timeout', 'AUTO_ONCE', 'bank cannot be contacted'],
      ['11', 'authentication_needed', 'AUTH_THEN_RETRY', '3-D Secure not executed'],
      ['12', 'insufficient_funds', 'LATER', 'not enough money'],
      ['20', 'risk_block', 'NEVER', 'possible fraud'],
      ['24', 'wrong_details', 'FIX_THEN_RETRY', 'CVC invalid'],
      ['38', 'authentication_needed', 'AUTH_THEN_RETRY', 'authentication required, try 3DS'],
    ],
  },
  {
    rail: 'paypal',
    source: 'https://developer.paypal.com/serversdk/php/models/enumerations/processor-response-code/',
    codes: [
      ['5120', 'insufficient_funds', 'LATER', 'insufficient funds'],
      ['5400', 'expired_card', 'NEW_METHOD', 'expired: another card'],
      ['00N7', 'wrong_details', 'FIX_THEN_RETRY', 'CVV2 failure: reprompt'],
      ['5170', 'wrong_details', 'FIX_THEN_RETRY', 'AVS failure: correct the address'],
      ['5650', 'authentication_needed', 'AUTH_THEN_RETRY', 'SCA required'],
      ['9500', 'risk_block', 'NEVER', 'suspected fraud; present as generic'],
      ['9520', 'risk_block', 'NEVER', 'lost or stolen; present as generic'],
      ['PPRN', 'risk_block', 'NEVER', 'reattempt not permitted'],
      ['5920', 'network_timeout', 'AUTO_ONCE', 'issuer not available, retriable'],
      ['PPCT', 'other', 'NEW_METHOD', 'card type not supported: another card'],
    ],
  },
  {
    rail: 'alipay',
    source: 'https://jaq-doc.alibaba.com/docs/doc.htm?articleId=104632',
    codes: [
      ['ACQ.SYSTEM_ERROR', 'network_timeout', 'QUERY_FIRST', 'call the inquiry API'],
      ['ACQ.TRADE_HAS_SUCCESS', 'other', 'STOP', 'already paid'],
      ['ACQ.TRADE_HAS_CLOSE', 'other', 'NEW_ORDER', 'new out_trade_no'],
      ['ACQ.TRADE_BUYER_NOT_MATCH', 'other', 'NEW_ORDER', 'new out_trade_no'],
      ['ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR', 'insufficient_funds', 'NEW_METHOD', 'pay another way'],
      ['ACQ.INVALID_PARAMETER', 'other', 'MERCHANT_FIX', 'fix the request'],
      ['ACQ.ACCESS_FORBIDDEN', 'other', 'MERCHANT_FIX', 'sign the contract'],
      ['ACQ.BUYER_SELLER_EQUAL', 'other', 'NEW_METHOD', 'another buyer account'],
    ],
  },
  {
    rail: 'wechat',
    source: 'https://pay.weixin.qq.com (v2 error codes, as in github.com/swclyt/WXPayDemo WXPayError.java)',
    codes: [
      ['NOTENOUGH', 'insufficient_funds', 'NEW_METHOD', '余额不足'],
      ['SYSTEMERROR', 'network_timeout', 'QUERY_FIRST', '系统错误'],
      ['ORDERPAID', 'other', 'STOP', '商户订单已支付'],
      ['ORDERCLOSED', 'other', 'NEW_ORDER', '订单已关闭'],
      ['OUT_TRADE_NO_USED', 'other', 'NEW_ORDER', '商户订单号重复'],
      ['NOAUTH', 'other', 'MERCHANT_FIX', '商户无此接口权限'],
    ],
  },
  {
    rail: 'unionpay',
    source: 'https://cardinfolink.github.io/Smart-POS/attached/sdkAnserCode',
    codes: [
      ['51', 'insufficient_funds', 'LATER', '余额不足'],
      ['54', 'expired_card', 'NEW_METHOD', '过期卡请换卡重试'],
      ['55', 'wrong_details', 'FIX_THEN_RETRY', '密码错误请重试'],
      ['14', 'wrong_details', 'FIX_THEN_RETRY', '无效卡号'],
      ['15', 'other', 'NEW_METHOD', '无此发卡行请换卡重试'],
      ['38', 'authentication_needed', 'NEW_METHOD', '密码错误次数超限'],
      ['13', 'other', 'MERCHANT_FIX', '无效金额'],
    ],
  },
  {
    rail: 'shopify',
    source:
      'https://shopify.dev/docs/api/admin-graphql/2025-07/enums/ShopPayPaymentRequestReceiptProcessingStatusErrorCode',
    codes: [
      ['EXPIRED_CARD', 'expired_card', 'NEW_METHOD', 'card is expired'],
      ['INCORRECT_CVC', 'wrong_details', 'FIX_THEN_RETRY', 'CVC does not match'],
      ['INVALID_EXPIRY_DATE', 'wrong_details', 'FIX_THEN_RETRY', 'format of the date is incorrect'],
      ['FRAUD_SUSPECTED', 'risk_block', 'NEVER', 'flagged as potentially fraudulent'],
      ['CONFIG_ERROR', 'other', 'MERCHANT_FIX', 'error in the configuration'],
    ],
  },
]

const NOW = Date.parse('2026-11-25T00:00:00Z')

describe.each(DOCUMENTS)('codes of $rail, as $source has them', ({ rail, codes }) => {
  it.each(codes)('%s is %s, %s: %s', (code, of, advice) => {
    const found = classify(
      testRails.table,
      codeIn(rail, { [fieldOf(testRails.table, rail, code)]: code }),
      NOW,
    )
    expect([found.class, found.advice, found.unknown]).toEqual([of, advice, []])
  })
})

it('more than sixty codes are expected from documents', () => {
  expect(DOCUMENTS.flatMap(({ codes }) => codes).length).toBeGreaterThan(60)
})

describe('codes whose meaning changed', () => {
  const at = (day: string, code: string) =>
    classify(testRails.table, codeIn(null, { networkCode: code }), Date.parse(`${day}T00:00:00Z`))

  // checkout.com/merchant-communications/changes-to-visa-response-codes, 2026-09-10: generic since October 2025,
  // "issuer will never approve" from 2026-10-25 on.
  it('57 forbids every retry from 2026-10-25 on, not a day earlier', () => {
    expect(at('2026-10-24', '57').advice).toBe('NEW_METHOD')
    expect(at('2026-10-25', '57').advice).toBe('NEVER')
    expect(at('2025-02-26', '57').advice).toBe('NEVER')
  })

  // docs.cielo.com.br, new retry codes for Visa 5C and 9G: returned from 2025-04-11 on.
  it('5C and 9G are not known before 2025-04-11', () => {
    for (const code of ['5C', '9G']) {
      expect(at('2025-04-10', code).unknown).toHaveLength(1)
      expect(at('2025-04-11', code)).toMatchObject({ class: 'risk_block', unknown: [] })
    }
  })
})
