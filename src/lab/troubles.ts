import { SECOND } from '../domain/time.ts'
import type { Trouble, TroubleName, Troubles } from '../domain/trouble.ts'
import type { Lab } from './lab.ts'
import type { Fault, Rule, Script } from './script.ts'

/** Faults that a person who tries the program may want to see it deal with. None of them stops an account for good. */
const TROUBLES = {
  later: { kind: 'limit', seconds: 10 },
  error: { kind: 'fail' },
  slow: { kind: 'slow', ms: 5 * SECOND },
  dropped: { kind: 'drop', when: 'after' },
  address: { kind: 'refuse_address' },
  content: { kind: 'refuse_content' },
  failed_receipt: { kind: 'failed_receipt' },
  duplicate_receipt: { kind: 'duplicate_receipt' },
  early_receipt: { kind: 'early_receipt' },
  no_receipt: { kind: 'no_receipt' },
} as const satisfies Readonly<Record<TroubleName, Fault>>

const EVERYWHERE = ['later', 'error', 'slow', 'dropped'] as const
const RECEIPTS = ['failed_receipt', 'duplicate_receipt', 'early_receipt', 'no_receipt'] as const

export function createTroubles(lab: Lab): Troubles {
  const doors = {
    email: door(lab.smtp, [...EVERYWHERE, 'address', 'content']),
    sms: door(lab.sms, [...EVERYWHERE, 'address', 'content', ...RECEIPTS]),
    webhook: door(lab.webhook, EVERYWHERE),
  }
  return {
    offers: { email: doors.email.offers, sms: doors.sms.offers, webhook: doors.webhook.offers },
    now: (at) => doors[at].now(),
    begin: (at, name, times) => doors[at].begin(name, times),
    end: (at) => doors[at].end(),
  }
}

interface Scripted<F extends Fault> {
  script(rules: readonly Rule<F>[]): void
  scripted: Script<F>['list']
}

/** `offers` must name faults that this simulator can play: its script's own type says which. */
function door<F extends Fault, Name extends TroubleName>(
  simulator: Scripted<F>,
  offers: readonly (Name & NameOf<F>)[],
) {
  return {
    offers: offers as readonly TroubleName[],
    now(): Trouble | null {
      const [first] = simulator.scripted()
      if (first === undefined) return null
      const { rule, struck } = first
      const name = offers.find((each) => TROUBLES[each].kind === rule.fault.kind)
      return name === undefined ? null : { name, times: rule.times ?? 0, struck }
    },
    begin(name: TroubleName, times: number): void {
      if (!(offers as readonly TroubleName[]).includes(name))
        throw new RangeError(`not offered here: ${name}`)
      simulator.script([{ fault: TROUBLES[name] as Fault as F, times }])
    },
    end: () => simulator.script([]),
  }
}

/** The names whose faults belong to `F`. */
type NameOf<F extends Fault> = {
  [Name in TroubleName]: (typeof TROUBLES)[Name]['kind'] extends F['kind'] ? Name : never
}[TroubleName]
