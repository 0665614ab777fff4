import { LAW_STOP_TEXTS, WORDLESS_TEXTS } from '../../src/domain/delivery/own-stop-texts.ts'
import { ANY_WORD, OWN_WORD_TEXTS, STOP_TEXTS, type StopText } from '../../src/domain/flow/stop-texts.ts'
import { WHY_NOT_CHANGES, WHY_NOT_TEXTS } from '../../src/domain/flow/why-not-texts.ts'
import { REASON_TEXTS } from '../../src/domain/gate/reason-texts.ts'
import { code, type Page, table } from './page.ts'

const columns = ['code', 'why', '原因', 'what would change it']

const stops = (texts: Readonly<Record<string, StopText>>) =>
  Object.entries(texts).map(([name, { why, change }]) => [code(name), why.en, why.zh, change?.en ?? ''])

export const reasons: Page = {
  file: 'reasons.md',
  title: 'Why a message was sent or not, and why a flow ended or did not start',
  from: 'the texts in src/domain/gate, src/domain/delivery and src/domain/flow',
  body() {
    const rows = Object.entries(REASON_TEXTS).map(([name, { why, change }]) => [
      code(name),
      why.en,
      why.zh,
      change?.en ?? '',
    ])
    return [
      '## What the gate says of a message',
      'The gate writes its reasons onto every message. `dingdong order ORDER_NO` and `GET /v1/messages/:id` show them.',
      table(columns, rows),
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
      '## Why a run ended before its last step',
      'The words of the preset flows follow those of the program; any other word is the `reason` of a `stop` step that the shop wrote.',
      table(columns, [
        ...stops(STOP_TEXTS),
        ...stops(OWN_WORD_TEXTS),
        ['any other', ANY_WORD.why.en, ANY_WORD.why.zh, ANY_WORD.change?.en ?? ''],
      ]),
      '## Why an event started no run of a flow',
      'Worked out when it is asked, from the version of the flow that was in force when the event came.',
      table(
        columns,
        Object.entries(WHY_NOT_TEXTS).map(([name, why]) => [
          code(name),
          why.en,
          why.zh,
          (WHY_NOT_CHANGES as Readonly<Record<string, { en: string }>>)[name]?.en ?? '',
        ]),
      ),
    ].join('\n\n')
  },
}
