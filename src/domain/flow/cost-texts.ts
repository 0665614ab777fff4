import type { StepCost } from './step-cost.ts'

/** Why a cascade goes from channel to channel as it does: `last goes from cheap to dear: inbox 0, sms 0.09 CNY (2 segments at 0.045).` */
export function explainCosts(
  step: string,
  costs: readonly StepCost[],
  currency: string,
  language: 'en' | 'zh',
): string {
  const chinese = language === 'zh'
  const list = costs.map(({ channel, segments, each, cost }) => {
    if (cost === 0) return `${channel} 0`
    const total = `${channel} ${amount(cost)} ${currency}`
    if (channel !== 'sms') return total
    const count = chinese ? `${segments} 条 × ${amount(each)}` : `${counted(segments)} at ${amount(each)}`
    return chinese ? `${total}（${count}）` : `${total} (${count})`
  })
  return chinese
    ? `${step} 从便宜的渠道开始：${list.join('，')}。`
    : `${step} goes from cheap to dear: ${list.join(', ')}.`
}

const counted = (segments: number) => (segments === 1 ? '1 segment' : `${segments} segments`)

/** From thousandths: `0.045`. */
const amount = (thousandths: number) => String(Math.round(thousandths * 1_000) / 1_000_000)
