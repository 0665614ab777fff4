type Words = Readonly<Record<'zh' | 'en', string>>
const words = (zh: string, en: string): Words => ({ zh, en })

/** Instead of what is said of an event that came in the past. `{events}` and `{type}` are filled in. */
export const NOT_HEARD = words(
  '这个流程由 {events} 启动，不由 {type} 启动。',
  'The flow starts on {events}, not on {type}.',
)

/** What a trial cannot foresee, each said only where it matters. */
export const UNFORESEEN = {
  nothing_happens: words(
    '假定没有人操作、订单也没有新消息；买家点击、付款或再次失败，后面就会不同。',
    'Assumes that nobody acts and nothing more happens to the order: a click, a payment or another failure changes what follows.',
  ),
  as_it_stands: words(
    '订单按事件到来时的样子；地址、同意、偏好、开关、账号和模板按现在的样子。',
    'The order is taken as it stood when the event came; addresses, consent, preferences, switches, accounts and templates as they are now.',
  ),
  caps: words(
    '上限按现在的计数，加上本次试运行会发的消息；以后别的消息也会占用次数。',
    'Caps are counted as they stand now, with what this trial would send; other messages will take slots, too.',
  ),
  provider: words(
    '服务商是否接收、是否送达，试运行无法知道。',
    'Whether the provider takes a message and it arrives, no trial can know.',
  ),
  spread: words(
    '同一时刻放行的消息会分散在 5 分钟内发出。',
    'Messages that are held until the same moment are spread over five minutes.',
  ),
  account: words(
    '发送账号已暂停，何时恢复无法预知；恢复前消息会一直等待。',
    'A sending account is paused, and nobody can say until when; its messages wait.',
  ),
  review: words(
    '订单在等待复核，何时有结果无法预知；在此之前消息会一直等待。',
    'The order waits for a review, and nobody can say until when; its messages wait.',
  ),
  sample: words(
    '示例买家是虚构的：有邮箱、手机和站内信，没有给过任何同意，也没有收到过消息。',
    'The sample buyer is made up: has an email address, a phone and an inbox, has consented to nothing and has had no messages.',
  ),
  drawn: words(
    '示例买家不参加分组：对照组和实验都按第一条路走；真实买家按比例抽取。',
    'The sample buyer is in no holdout and takes the first way of each experiment; real buyers are drawn by share.',
  ),
  links: words(
    '链接和短码是占位的，打不开任何页面。',
    'Links and short codes are placeholders and open nothing.',
  ),
} as const satisfies Record<string, Words>
export type Unforeseen = keyof typeof UNFORESEEN
