import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '../src/domain/time.ts'
import {
  type Files,
  type Presets,
  presetFlows,
  presetRules,
  presetTemplates,
} from '../src/pipeline/presets.ts'
import { createMjmlCompiler } from '../src/templates/mjml.ts'

/** A way to treat unpaid orders that is to be compared with others. */
export interface Policy {
  readonly name: string
  readonly says: string
  readonly presets: Presets
}

const RECOVERY = /^payment-(failed|healed)/

const filesIn = (folder: string): Files =>
  Object.fromEntries(
    readdirSync(new URL(`../${folder}/`, import.meta.url))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(new URL(`../${folder}/${name}`, import.meta.url), 'utf8')]),
  )

const flow = (key: string, steps: string) => `
key: ${key}
family: payment-recovery
title: { zh: 一样的提醒, en: The same for all }
description: { zh: 对照, en: For comparison }
audience: buyer
purpose: reminder
trigger: { on: [payment.failed] }
once: { per: order }
stopWhen: [paid, closed]
steps:
${steps}`

const send = (id: string) =>
  `  - { id: ${id}, kind: send, to: buyer, channels: [email], template: payment_failed_other }\n`
const wait = (id: string, length: string) => `  - { id: ${id}, kind: wait, for: ${length} }\n`

const SAME_FOR_ALL = flow(
  'one-ladder',
  send('now') + wait('w1', '1h') + send('second') + wait('w2', '23h') + send('third'),
)
const PATIENT = flow('patient', wait('w1', '24h') + send('first'))

/** Nobody is reminded; everybody the same; once, a day later; and the program's own presets, by reason. */
export async function readPolicies(): Promise<readonly Policy[]> {
  const mjml = createMjmlCompiler(systemClock())
  try {
    const templates = await presetTemplates(filesIn('flows/templates'), { compileMjml: mjml.compile })
    const rules = presetRules(filesIn('rules'))
    // Orders live for days here: the half-hour rule would end them before any ladder could be seen at work.
    const files = Object.entries(filesIn('flows')).filter(([name]) => name !== 'unpaid-cancel.yaml')
    const others = Object.fromEntries(files.filter(([name]) => !RECOVERY.test(name)))
    const own = Object.fromEntries(files.filter(([name]) => RECOVERY.test(name)))
    const policy = (name: string, says: string, more: Files): Policy => ({
      name,
      says,
      presets: { flows: presetFlows({ ...others, ...more }, templates), rules, templates },
    })
    return [
      policy('silence', 'no reminders at all', {}),
      policy('one-ladder', 'the same for every reason: at once, 1 h, 24 h', { 'one.yaml': SAME_FOR_ALL }),
      policy('patient', 'one reminder after 24 h', { 'patient.yaml': PATIENT }),
      policy('by-reason', 'the preset ladders', own),
    ]
  } finally {
    await mjml.close()
  }
}
