import * as reviews from '../../src/db/reviews.ts'
import * as rules from '../../src/db/rules.ts'
import { type Answer, type Attack, bytes, LATER } from './attack.ts'
import type { Victim } from './victim.ts'

const at = (v: Victim) => ({ id: v.review, order: v.order })

/** Verbs about rules, what they have seen, and reviews. */
export const REVIEW: Readonly<Record<string, readonly [Answer, Attack]>> = {
  listRules: ['nothing', (db, s) => rules.listRules(db, s)],
  publishRules: [
    'its own',
    (db, s) => rules.publishRules(db, s, [{ key: 'victims', hash: bytes, enabled: false }], 'x', 1),
  ],
  setRuleEnabled: ['nothing', (db, s) => rules.setRuleEnabled(db, s, 'victims', false, 1)],
  seeItems: [
    'its own',
    (db, s, v) =>
      rules.seeItems(db, s, [
        { key: v.seenKey, item: v.applied, order: v.order, at: 1, mark: true, within: 9 },
      ]),
  ],
  lookAtItems: ['nothing', (db, s, v) => rules.lookAtItems(db, s, [v.seenKey])],
  openReviews: [
    'its own',
    (db, s, v) =>
      reviews.openReviews(db, s, [
        {
          id: v.review,
          order_id: v.order,
          rule: 'victims',
          rule_version: 1,
          iteration: 1,
          action: 'hold',
          severity: 'high',
          roles: ['finance'],
          level: 0,
          opened_at: 1,
          due_at: null,
          answer_within: 1,
          ends_when: [],
          holds_shop: false,
          tells_buyer: false,
          evidence: bytes,
        },
      ]),
  ],
  readReview: ['nothing', (db, s, v) => reviews.readReview(db, s, v.review)],
  listReviews: ['nothing', (db, s) => reviews.listReviews(db, s, 'all', null, 10)],
  reviewsOfOrder: ['nothing', (db, s, v) => reviews.reviewsOfOrder(db, s, v.order)],
  reviewsOfRules: ['nothing', (db, s, v) => reviews.reviewsOfRules(db, s, [v.order], ['victims'])],
  settleReview: [
    'nothing',
    (db, s, v) => reviews.settleReview(db, s, at(v), { state: 'approved', by: 'x', note: null }, 1),
  ],
  reopenReview: ['nothing', (db, s, v) => reviews.reopenReview(db, s, at(v), 'x', 1, 0)],
  endReviews: ['nothing', (db, s, v) => reviews.endReviews(db, s, [v.order], 'closed', 1)],
  refreshHolds: ['nothing', (db, s, v) => reviews.refreshHolds(db, s, [v.order])],
  releaseReviewedMessages: ['nothing', (db, s, v) => reviews.releaseReviewedMessages(db, s, [v.order], 1)],
  peekDueReviews: ['nothing', (db, s) => reviews.peekDueReviews(db, s, LATER, 10)],
  claimDueReviews: ['nothing', (db, s, v) => reviews.claimDueReviews(db, s, [v.review], LATER)],
  putReviewOff: ['nothing', (db, s, v) => reviews.putReviewOff(db, s, v.review, LATER)],
  escalateReview: [
    'nothing',
    (db, s, v) => reviews.escalateReview(db, s, v.review, { from: 0, level: 1, dueAt: 1, by: 'x' }, 1),
  ],
  expireFlags: ['nothing', (db, s, v) => reviews.expireFlags(db, s, [v.review], 1)],
}
