/** Who buys what in a demo shop, by the shop's language. */
export interface DemoCast {
  readonly goods: readonly (readonly [title: string, minor: number])[]
  /** An order that the preset limit of large orders holds. */
  readonly large: number
  readonly currency: string
  readonly country: string
  readonly names: readonly string[]
  /** By which payments succeed at once, and what WooCommerce calls it. */
  readonly rail: string
  readonly railTitle: string
  /** Whether a card that Stripe tells of is the buyer's own; else it is the sample's. */
  readonly ownCard: boolean
  /** The buyer's own number, which is nobody's; `null` where there are no more. */
  phone(buyer: number): string | null
}

/**
 * Area codes in Eastern Time, where the English demo shop is. The North American Numbering Plan keeps 555-0100 to 555-0199
 * of each for fiction.
 */
const AREAS = [
  202, 212, 215, 216, 301, 302, 305, 313, 315, 401, 404, 407, 410, 412, 413, 508, 516, 518, 585, 603, 607, 609,
  610, 614, 617, 631, 703, 704, 716, 718, 732, 740, 757, 770, 803, 804, 813, 843, 860, 904, 908, 910, 914, 917,
  919, 937, 954, 973, 978, 980,
] // biome-ignore format: a table
const IN_AREA = 100

export const CASTS: Readonly<Record<'zh' | 'en', DemoCast>> = {
  zh: {
    goods: [
      ['VIP 季度会员', 12_800],
      ['Steam 充值卡 100', 10_000],
      ['Windows 激活码', 6_900],
      ['云盘年卡', 19_800],
      ['月卡', 1_990],
      ['AI 画图点数 500', 4_900],
    ],
    large: 688_000,
    currency: 'CNY',
    country: 'CN',
    names: ['小林', '阿强', 'Anna', '王芳', 'Ben', '陈晨', 'Mia', '李雷', '韩梅梅', 'Tom'],
    rail: 'alipay',
    railTitle: '支付宝',
    ownCard: false,
    phone: (buyer) => `+86138${String(10_000_000 + buyer).padStart(8, '0')}`,
  },
  en: {
    goods: [
      ['VIP membership, 3 months', 1_799],
      ['Steam gift card 50', 5_000],
      ['Windows licence key', 1_299],
      ['Cloud storage, 1 year', 3_999],
      ['Monthly pass', 299],
      ['AI image credits, 500', 699],
    ],
    large: 98_800,
    currency: 'USD',
    country: 'US',
    names: ['Olivia', 'Liam', 'Anna', 'Noah', 'Ben', 'Grace', 'Mia', 'Lucas', 'Emma', 'Tom'],
    rail: 'paypal',
    railTitle: 'PayPal',
    ownCard: true,
    phone(buyer) {
      const area = AREAS[Math.floor(buyer / IN_AREA)]
      return area === undefined ? null : `+1${area}55501${String(buyer % IN_AREA).padStart(2, '0')}`
    },
  },
}
