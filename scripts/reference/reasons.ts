import { REASON_TEXTS } from '../../src/domain/gate/reason-texts.ts'
import { code, type Page, table } from './page.ts'

export const reasons: Page = {
  file: 'reasons.md',
  title: 'Why a message was sent, held or dropped',
  from: 'src/domain/gate/reason-texts.ts',
  body() {
    const rows = Object.entries(REASON_TEXTS).map(([name, { why, change }]) => [
      code(name),
      why.en,
      why.zh,
      change?.en ?? '',
    ])
    return [
      'The gate writes its reasons onto every message. `dingdong order ORDER_NO` and `GET /v1/messages/:id` show them.',
      table(['code', 'why', '原因', 'what would change it'], rows),
    ].join('\n\n')
  },
}
