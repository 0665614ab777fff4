import { LAW_STOP_TEXTS, WORDLESS_TEXTS } from '../../src/domain/delivery/own-stop-texts.ts'
import { REASON_TEXTS } from '../../src/domain/gate/reason-texts.ts'
import { code, type Page, table } from './page.ts'

export const reasons: Page = {
  file: 'reasons.md',
  title: 'Why a message was sent, held or dropped',
  from: 'src/domain/gate/reason-texts.ts, src/domain/delivery/own-stop-texts.ts',
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
      '## Stopped just before it was handed over',
      'What the gate let through can still end with us: its words are only now made, and held against the message law once more. The provider has never seen such a message. These codes stand where a provider’s code would.',
      table(
        ['code', 'why', '原因', 'what would change it'],
        [
          ['`law:RULE`', LAW_STOP_TEXTS.broken.en, LAW_STOP_TEXTS.broken.zh, LAW_STOP_TEXTS.change.en],
          ...Object.entries(WORDLESS_TEXTS).map(([name, { why, change }]) => [
            code(name),
            why.en,
            why.zh,
            change.en,
          ]),
        ],
      ),
    ].join('\n\n')
  },
}
