import type { End } from './run.ts'
import type { StopFact } from './words.ts'

type Words = Readonly<Record<'zh' | 'en', string>>

export interface StopText {
  readonly why: Words
  /** What could be otherwise next time; `null` where there is nothing to change. */
  readonly change: Words | null
}

function text(zh: string, en: string, change: readonly [zh: string, en: string] | null = null): StopText {
  return { why: { zh, en }, change: change === null ? null : { zh: change[0], en: change[1] } }
}

const REOPEN = ['店铺需要重新开放订单。', 'The shop would have to reopen the order.'] as const

/** Why runs end before their last step. `{flow}` is filled in. */
export const STOP_TEXTS: Readonly<Record<StopFact | End, StopText>> = {
  paid: text('订单已付款，流程不再继续。', 'The order is paid, so the flow ended.'),
  closed: text(
    '订单已取消、过期或退款，流程不再继续。',
    'The order was cancelled, expired or refunded, so the flow ended.',
    REOPEN,
  ),
  cancelled: text('订单已取消，流程不再继续。', 'The order was cancelled, so the flow ended.', REOPEN),
  expired: text('订单已过期，流程不再继续。', 'The order expired, so the flow ended.', REOPEN),
  refunded: text('订单已退款，流程不再继续。', 'The order was refunded, so the flow ended.'),
  delivered: text('订单已交付，流程不再继续。', 'The order was delivered, so the flow ended.'),
  moved_on: text(
    '情况变了（例如又失败一次、原因不同，或者款项已在途中），这个流程的前提不再成立；如有适合新情况的流程，由它接手。',
    'Things changed (another failure with another reason, or a payment that is under way, for example): what the flow goes by is no longer true. Where a flow fits, it takes over.',
    [
      '前提写在流程的 while 中：dingdong flow show {flow}。',
      'What it goes by is its "while": dingdong flow show {flow}.',
    ],
  ),
  order_life: text(
    '下一步要等到订单的付款期限之后，所以不再继续。',
    'Its next step would come after the order’s time to pay is over, so the flow ended.',
    [
      '给订单更长的付款期限，或缩短流程的等待时间：dingdong flow set {flow}。',
      'Give the order longer to be paid, or make the flow’s waits shorter: dingdong flow set {flow}.',
    ],
  ),
  until_failed: text(
    '算不出要等到什么时候（缺少所需的信息），所以不再继续。',
    'The moment it was to wait for could not be worked out, as something it reads was missing; so the flow ended.',
    [
      '检查等待步骤的 until，或让店铺系统提供它需要的信息：dingdong flow show {flow}。',
      'Look at the "until" of the step, or let the shop’s system tell what it reads: dingdong flow show {flow}.',
    ],
  ),
  step_limit: text(
    '执行的步骤太多（很可能在循环），为安全起见停止。',
    'It executed too many steps, most likely in a circle, and was stopped to be safe.',
    [
      '修改流程，去掉循环：dingdong flow show {flow}。',
      'Take the circle out of the flow: dingdong flow show {flow}.',
    ],
  ),
  unknown_step: text(
    '流程指向一个不存在的步骤，无法继续。',
    'The flow leads to a step that is not there, so it could not go on.',
    ['检查流程的步骤：dingdong flow show {flow}。', 'Look at the flow’s steps: dingdong flow show {flow}.'],
  ),
  order_merged: text(
    '两个订单合并为一个，另一个订单上的同一流程继续。',
    'Two orders turned out to be one; the same flow goes on for the other.',
  ),
  flow_version_gone: text(
    '它启动时所用的流程版本已找不到，无法继续。',
    'The version of the flow that it began with is no longer there, so it could not go on.',
    [
      '如果恢复过备份，请确认备份完整；之后的事件按现在的版本启动。',
      'If a backup was restored, see whether it is complete; later events start the present version.',
    ],
  ),
  broken: text(
    '程序在推进这个流程时出错，已停止它，其他流程不受影响。',
    'An error of the program’s own came up while it was moved on; it was stopped, the others go on.',
    [
      '出错原因在程序日志中，请报告给我们。',
      'What went wrong stands in the program’s log; please report it.',
    ],
  ),
}

/** Words that `stop` steps of the preset flows end with, and what stands for one that says nothing. */
export const OWN_WORD_TEXTS: Readonly<Record<string, StopText>> = {
  stopped: text('流程走到了自己的停止步骤。', 'The flow came to a stop step of its own.', [
    '何时停止写在流程里：dingdong flow show {flow}。',
    'When it stops is written in the flow: dingdong flow show {flow}.',
  ]),
  said_enough: text(
    '该提醒的都提醒过了，或剩下的时间不够再提醒一次，不再打扰买家。',
    'All reminders were given, or too little time was left for another; the buyer is left in peace.',
    [
      '次数和间隔可以调整：dingdong flow show {flow}、dingdong flow set {flow}。',
      'How many and how far apart can be changed: dingdong flow show {flow}, dingdong flow set {flow}.',
    ],
  ),
  not_reopened: text(
    '请店铺重新开放订单，但店铺没有确认，所以不再提醒。',
    'The shop was asked to open the order again and did not confirm it, so nobody is reminded.',
    [
      '店铺系统收到 order.reopen 指令后应回报 order.reopened；等待时间是参数 confirmation：dingdong flow set {flow}。',
      'The shop’s system should answer the command order.reopen with order.reopened; how long it has is the parameter confirmation: dingdong flow set {flow}.',
    ],
  ),
  told: text('该通知的人已经通知，流程结束。', 'Whoever was to be told has been told.'),
  asked: text('已向店铺系统发出指令，流程结束。', 'The shop’s system has been asked.'),
  already_closed: text(
    '订单已经结束或已付款，没有需要取消的。',
    'The order was over already, or paid: nothing was left to cancel.',
  ),
  under_way: text(
    '款项已在途中（例如银行扣款、已授权待扣款、货到付款），订单不取消。',
    'The money is on its way (a bank debit, an authorisation to be captured, cash on delivery), so the order is not cancelled.',
  ),
  not_confirmed: text(
    '请店铺取消订单，但店铺没有确认，所以没有告诉买家已取消。',
    'The shop was asked to cancel the order and did not confirm it, so the buyer was not told that it is cancelled.',
    [
      '店铺系统收到 order.cancel 指令后应回报 order.cancelled；等待时间是参数 confirmation：dingdong flow set {flow}。',
      'The shop’s system should answer the command order.cancel with order.cancelled; how long it has is the parameter confirmation: dingdong flow set {flow}.',
    ],
  ),
}

/** Of a run that has said enough and of which the buyer got no reminder. */
export type Unheard = 'held' | 'kept'

/** Instead of `said_enough`. */
const UNHEARD: Readonly<Record<Unheard, StopText>> = {
  held: text(
    '买家在对照组（holdout）中，不给他发提醒，以便比较提醒是否有效。',
    'The buyer is in the holdout: no reminders, so that it shows what reminders do.',
    [
      '对照组的比例可以调整，0 表示不设：dingdong flow set {flow} --holdout 0。',
      'How many are in it can be changed, to nobody with 0: dingdong flow set {flow} --holdout 0.',
    ],
  ),
  kept: text(
    '没有一条提醒发给买家：原因见每条消息，以及这个流程没有使用的渠道。',
    'No reminder went to the buyer: why not stands at each message, and at the channels that were left out.',
  ),
}

const known: ReadonlyMap<string, StopText> = new Map(Object.entries({ ...OWN_WORD_TEXTS, ...STOP_TEXTS }))

/** A flow of the shop's own ends with a word of its own, or without one. */
export const ANY_WORD: StopText = text(
  '流程走到了自己的停止步骤（{reason}）。',
  'The flow came to a stop step of its own ({reason}).',
  [
    '要改变何时停止，请修改流程：dingdong flow show {flow}。',
    'When it stops is written in the flow: dingdong flow show {flow}.',
  ],
)

/** Why a run ended before its last step, and what could be otherwise next time, in sentences. */
export function explainStop(
  {
    flow,
    reason,
    unheard,
  }: { readonly flow: string; readonly reason: string; readonly unheard?: Unheard | undefined },
  language: 'zh' | 'en',
): { readonly why: string; readonly change: string | null } {
  const silent = reason === 'said_enough' && unheard !== undefined
  const { why, change } = silent ? UNHEARD[unheard] : (known.get(reason) ?? ANY_WORD)
  const say = (words: Words) => words[language].replaceAll('{flow}', flow).replaceAll('{reason}', reason)
  return { why: say(why), change: change && say(change) }
}
