/** How a review stands, for people. */
export const REVIEW_STATE_WORDS = {
  open: { zh: '待处理', en: 'Waiting' },
  escalated: { zh: '已升级', en: 'Escalated' },
  approved: { zh: '已通过', en: 'Approved' },
  rejected: { zh: '已拒绝', en: 'Rejected' },
  expired: { zh: '已自动结束', en: 'Over by itself' },
}
